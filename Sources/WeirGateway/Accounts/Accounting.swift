public import WeirBase
public import WeirBudget
public import WeirConfig
public import WeirLedger
public import WeirTokens

/// What a gateway on one loop keeps its accounts with.
public struct Accounting: @unchecked Sendable {  // handed to the loop that uses it, once
    /// What each model's targets cost, in the models' and the targets' order; nil where nobody knows.
    public var tariffs: [[Tariff?]]
    /// Vocabularies that are there, to count prompts with.
    public var vocabularies: [Vocabulary]
    /// The names of the process, shared by all loops.
    public var names: LedgerNames
    /// The loop's own end of the ledger.
    public var books: Books
    /// The greatest request id that the ledger knows: new ones are greater.
    public var lastRequest: RequestID?

    public init(
        tariffs: [[Tariff?]], vocabularies: [Vocabulary] = [], names: LedgerNames, books: Books,
        lastRequest: RequestID? = nil
    ) {
        self.tariffs = tariffs
        self.vocabularies = vocabularies
        self.names = names
        self.books = books
        self.lastRequest = lastRequest
    }

    /// Accounts in memory, for the simulator and for tests: nothing survives the process.
    public static func inMemory(_ policy: Policy, names: LedgerNames, journal: MemoryJournal, slots: Int = 4_096)
        -> Accounting
    {
        let writer = JournalWriter(loop: 0, startingAt: 1, names: names, storage: journal)
        let live = LiveTable(MappedWords(count: LiveTable.words(forSlots: slots)))
        return Accounting(tariffs: policy.tariffs(), names: names, books: Books(writer, live: live))
    }
}

/// What the ledger calls a model and its target.
struct TargetNames: Sendable {
    let model: NameNumber
    let provider: NameNumber
    let target: NameNumber

    init(_ model: Policy.Model, _ target: Policy.Target, _ policy: Policy, _ names: LedgerNames) {
        self.model = names.number(.model, model.name)
        provider = names.number(.provider, policy.providers[target.provider].name)
        self.target = names.number(.target, target.model)
    }

    /// Of paths that are bound to the first provider and to no model.
    init(passThrough policy: Policy, _ names: LedgerNames) {
        model = names.number(.model, "(none)")
        provider = names.number(.provider, policy.providers.first?.name ?? "(none)")
        target = names.number(.target, "(none)")
    }
}
