internal import GRDB
public import WeirBase
import WeirLedger

/// What spend is told apart by.
public enum SpendColumn: Hashable, Sendable {
    case team, key, model, provider, day
    /// The value of the tag of this name.
    case tag(String)

    /// As it is written in `--by` and heads a column.
    public var name: String {
        switch self {
        case .team: "team"
        case .key: "key"
        case .model: "model"
        case .provider: "provider"
        case .day: "day"
        case .tag(let name): "tag:\(name)"
        }
    }

    /// Reads what `name` writes; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "team": self = .team
        case "key": self = .key
        case "model": self = .model
        case "provider": self = .provider
        case "day": self = .day
        default:
            guard text.hasPrefix("tag:"), text.utf8.count > 4 else { return nil }
            self = .tag(String(text.dropFirst(4)))
        }
    }
}

/// A question about spend.
public struct SpendQuestion: Sendable {
    /// Empty: one row, the sum of all.
    public var by: [SpendColumn]
    /// A stretch of time with its label, milliseconds since 1970: a question by day has one a day, any other one.
    public var spans: [Span]

    public struct Span: Hashable, Sendable {
        public var label: String
        public var from: Int64
        public var until: Int64

        public init(label: String = "", from: Int64, until: Int64) {
            self.label = label
            self.from = from
            self.until = until
        }
    }

    public init(by: [SpendColumn], spans: [Span]) {
        self.by = by
        self.spans = spans
    }

    var borders: [Int64] { Set(spans.flatMap { [$0.from, $0.until] }).sorted() }
}

/// One line of the answer.
public struct SpendRow: Hashable, Sendable {
    /// One a column of the question; empty where a request has none (a tag that it did not carry).
    public let values: [String]
    public let requests: Int64
    public let inputTokens: Int64
    public let outputTokens: Int64
    public let cost: Money
    public let estimated: Money
}

extension LedgerView {
    /// The answer, dearest first within a span and then by name.
    func spend(_ question: SpendQuestion) throws -> [SpendRow] {
        var answer: [SpendRow] = []
        for span in question.spans {
            var groups: [[String]: RollupSums] = [:]
            var labels: [RollupKey: [String]] = [:]
            try sums(from: span.from, until: span.until) { key, sums in
                let values = labels[key] ?? question.by.map { value(of: $0, key, span) }
                labels[key] = values
                groups[values, default: RollupSums()].add(sums)
            }
            let rows = groups.map { values, sums in
                SpendRow(
                    values: values, requests: sums.requests, inputTokens: sums.input, outputTokens: sums.output,
                    cost: Money(nanoUSD: sums.cost), estimated: Money(nanoUSD: sums.estimated))
            }
            answer += rows.sorted { left, right in
                left.cost != right.cost
                    ? left.cost > right.cost : left.values.lexicographicallyPrecedes(right.values)
            }
        }
        return answer
    }

    private func value(of column: SpendColumn, _ key: RollupKey, _ span: SpendQuestion.Span) -> String {
        switch column {
        case .team: names.text(key.team)
        case .key: names.text(key.key)
        case .model: names.text(key.model)
        case .provider: names.text(key.provider)
        case .day: span.label
        case .tag(let name): LedgerView.tag(name, in: names.text(key.tags))
        }
    }

    /// The value of a tag in a set of tags (`LedgerNames.tags`); empty without it.
    static func tag(_ name: String, in set: String) -> String {
        for part in set.split(separator: ",") where part.hasPrefix(name + "=") {
            return String(part.dropFirst(name.count + 1))
        }
        return ""
    }
}
