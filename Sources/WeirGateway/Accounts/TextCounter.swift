import WeirBase
import WeirDialects
import WeirTokens
import WeirWire

/// Counts texts on one loop: those of prompts, for the requests that a budget has little room for, and those of answers as they pass, for the streams
/// whose provider does not come to say how much it was. Where a model's own vocabulary is there its count of a prompt bounds the input; an
/// estimate bounds nothing, and bytes do.
final class TextCounter {
    private let vocabularies: [Vocabulary]
    /// For each model, which of the vocabularies counts its texts, and how well; nil where the one that would is not there.
    private let ofModel: [(place: Int, encoding: Encoding)?]
    /// A counter keeps what it has seen in 1.7 MB: each is made when it is first needed.
    private var counters: [Counter?]

    private final class Counter {
        private var counter: TokenCounter
        init(_ vocabulary: Vocabulary) { counter = TokenCounter(vocabulary) }
        func count(_ text: Span<UInt8>) -> Int { counter.count(text) }
        func feed(_ text: Span<UInt8>, _ stream: inout TokenStream) { stream.feed(text, &counter) }
        func finish(_ stream: inout TokenStream) -> Int { stream.finish(&counter) }
    }

    /// - Parameters:
    ///   - targets: the providers' names of each model, in the models' order.
    init(_ vocabularies: [Vocabulary], targets: [[String]]) {
        self.vocabularies = vocabularies
        counters = vocabularies.map { _ in nil }
        let names = Set(vocabularies.map(\.name))
        ofModel = targets.map { targets in
            let encodings = targets.map { Encoding.of(model: $0) { names.contains($0) } }
            guard var encoding = encodings.first else { return nil }
            // Which of its targets serves a model is not known when its prompt is counted.
            if !encodings.allSatisfy({ $0 == encoding }) { encoding.isExact = false }
            return vocabularies.firstIndex { $0.name == encoding.vocabulary }.map { ($0, encoding) }
        }
    }

    private func counter(_ place: Int) -> Counter {
        if let counter = counters[place] { return counter }
        let counter = Counter(vocabularies[place])
        counters[place] = counter
        return counter
    }

    // MARK: Prompts

    /// At most so many input tokens can the request have: its texts counted, everything else by its bytes. What a provider adds to each message is
    /// less than what the JSON around it takes.
    func bound(_ request: ScannedRequest, _ body: Span<UInt8>, _ model: Int) -> Int {
        guard model >= 0, let own = ofModel[model], own.encoding.isExact else { return body.count }
        let counter = counter(own.place)
        var bound = body.count
        var ranges: [ByteRange] = []
        request.texts(in: body) { ranges.append($0) }
        for range in ranges {
            let text = JSONText.plain(body, range)
            bound -= max(0, range.count - 2 - counter.count(text.span))
        }
        return bound
    }

    /// About how many input tokens the request has: its texts counted, with whatever vocabulary is the model's or nearest to it, and a token for four
    /// bytes of everything else.
    func estimate(_ request: ScannedRequest, _ body: Span<UInt8>, _ model: Int) -> Int {
        var texts = 0
        var tokens = 0
        var ranges: [ByteRange] = []
        request.texts(in: body) { ranges.append($0) }
        let own = model >= 0 ? ofModel[model] : nil
        for range in ranges {
            texts += range.count
            guard let own else { continue }
            let text = JSONText.plain(body, range)
            tokens += counter(own.place).count(text.span)
        }
        guard let own else { return (body.count + 3) / 4 }
        return own.encoding.tokens(tokens) + (max(0, body.count - texts) + 3) / 4
    }

    // MARK: Answers

    /// Whether the answers of a model can be counted.
    func counts(answersOf model: Int) -> Bool { model >= 0 && ofModel[model] != nil }

    /// Counts the next part of an answer's text.
    func feed(_ text: Span<UInt8>, _ tally: AnswerTally, _ model: Int) {
        guard let own = ofModel[model] else { return }
        counter(own.place).feed(text, &tally.stream)
        tally.tokens = max(tally.tokens, own.encoding.tokens(tally.stream.settled))
    }

    /// Ends an answer's text.
    func finish(_ tally: AnswerTally, _ model: Int) {
        guard let own = ofModel[model] else { return }
        tally.tokens = max(tally.tokens, own.encoding.tokens(counter(own.place).finish(&tally.stream)))
    }
}

/// What was counted of one answer. The texts of several choices count as one. A class, for only the streams whose text is counted have one.
final class AnswerTally {
    fileprivate var stream = TokenStream()
    /// Tokens so far; never less than before.
    fileprivate(set) var tokens = 0
}
