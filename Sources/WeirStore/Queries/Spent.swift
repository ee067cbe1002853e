internal import GRDB
import WeirBase
import WeirLedger

/// Whose money: what a budget is for.
public enum SpentScope: Hashable, Sendable {
    case team(String)
    case key(String)
    case tag(name: String, value: String)
}

/// What budgets ask when counters begin: how much a scope has spent by requests that came in [from, until), milliseconds since 1970.
public struct SpentQuestion: Hashable, Sendable {
    public var scope: SpentScope
    public var from: Int64
    public var until: Int64

    public init(_ scope: SpentScope, from: Int64, until: Int64) {
        self.scope = scope
        self.from = from
        self.until = until
    }
}

extension [SpentQuestion] {
    var borders: [Int64] { Set(flatMap { [$0.from, $0.until] }).sorted() }

    /// The same questions with no border before the first possible request or after the last.
    var bounded: [SpentQuestion] {
        map { question in
            SpentQuestion(
                question.scope, from: Swift.min(Swift.max(question.from, 0), LedgerView.latest),
                until: Swift.min(Swift.max(question.until, 0), LedgerView.latest))
        }
    }
}

extension LedgerView {
    /// One sum a question, in their order. Questions about the same stretch of time cost one look.
    func spent(_ questions: [SpentQuestion]) throws -> [Money] {
        var answers = [Money](repeating: .zero, count: questions.count)
        let spans = Dictionary(grouping: questions.indices) { [questions[$0].from, questions[$0].until] }
        var matching: [RollupKey: [Int]] = [:]
        for (span, indices) in spans {
            matching.removeAll(keepingCapacity: true)
            try sums(from: span[0], until: span[1]) { key, sums in
                let hits = matching[key] ?? indices.filter { matches(questions[$0].scope, key) }
                matching[key] = hits
                for index in hits { answers[index] = answers[index].adding(Money(nanoUSD: sums.cost)) }
            }
        }
        return answers
    }

    private func matches(_ scope: SpentScope, _ key: RollupKey) -> Bool {
        switch scope {
        case .team(let name): names.text(key.team) == name
        case .key(let name): names.text(key.key) == name
        case .tag(let name, let value): key.tags != 0 && LedgerView.tag(name, in: names.text(key.tags)) == value
        }
    }
}
