public import WeirBase

extension Store {
    /// Spend of every request that is over, whether it is folded yet or not.
    public func spend(_ question: SpendQuestion) throws(StoreError) -> [SpendRow] {
        try view(.sums(borders: question.borders)) { try $0.spend(question) }
    }

    /// What scopes have spent, one sum a question.
    public func spent(_ questions: [SpentQuestion]) throws(StoreError) -> [Money] {
        try view(.sums(borders: questions.borders)) { try $0.spent(questions) }
    }

    func view<Result>(
        _ interest: LedgerView.Interest, _ body: (LedgerView) throws -> Result
    ) throws(StoreError) -> Result {
        let tail = try JournalTail(folder: path)
        return try database.read { try body(LedgerView($0, tail, interest)) }
    }
}
