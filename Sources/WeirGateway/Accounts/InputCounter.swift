import WeirBase
import WeirDialects
import WeirTokens
import WeirWire

/// Counts the texts of prompts on one loop, for the requests that a budget has little room for. Where a model's own vocabulary is there its count
/// bounds the input; an estimate bounds nothing, and bytes do.
final class InputCounter {
    private let vocabularies: [Vocabulary]
    /// For each model, which of the vocabularies is its own.
    private let ofModel: [Int?]
    /// A counter keeps what it has seen in 1.7 MB: each is made when it is first needed.
    private var counters: [Counter?]

    private final class Counter {
        private var counter: TokenCounter
        init(_ vocabulary: Vocabulary) { counter = TokenCounter(vocabulary) }
        func count(_ text: Span<UInt8>) -> Int { counter.count(text) }
    }

    /// - Parameters:
    ///   - targets: the providers' names of the models, in the models' order.
    init(_ vocabularies: [Vocabulary], targets: [String]) {
        self.vocabularies = vocabularies
        counters = vocabularies.map { _ in nil }
        let names = Set(vocabularies.map(\.name))
        ofModel = targets.map { target in
            let encoding = Encoding.of(model: target) { names.contains($0) }
            guard encoding.isExact else { return nil }
            return vocabularies.firstIndex { $0.name == encoding.vocabulary }
        }
    }

    /// At most so many input tokens can the request have: its texts counted, everything else by its bytes. What a provider adds to each message is
    /// less than what the JSON around it takes.
    func bound(_ request: OpenAIRequest, _ body: Span<UInt8>, _ model: Int) -> Int {
        guard model >= 0, let place = ofModel[model] else { return body.count }
        let counter = counters[place] ?? Counter(vocabularies[place])
        counters[place] = counter
        var bound = body.count
        var ranges: [ByteRange] = []
        request.texts(in: body) { ranges.append($0) }
        for range in ranges {
            let text = JSONText.plain(body, range)
            bound -= max(0, range.count - 2 - counter.count(text.span))
        }
        return bound
    }
}
