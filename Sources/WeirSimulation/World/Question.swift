import WeirBase

/// One request of a simulated client, and the one right answer to it: both follow from its number and what was drawn for it.
struct Question: Sendable {
    /// The surface on which it is asked.
    enum Surface: Sendable { case chat, responses }

    let number: Int
    let surface: Surface
    let model: Int
    let isStream: Bool
    let asksForUsage: Bool
    /// Events with content, or pieces of a JSON answer's text.
    let pieces: Int
    let pieceBytes: Int
    /// Bytes of the prompt.
    let promptBytes: Int
    let linesEndInCRLF: Bool
    /// A comment comes before each event with a number that this divides; 0: none.
    let commentEvery: Int
    let isChunkedUpload: Bool

    /// Names that clients use, and those of the upstreams that have the model: the first one's index and name, and those of the other one, which takes
    /// over where a run has alternatives.
    static let models: [(name: String, first: (upstream: Int, name: String), second: (upstream: Int, name: String)?)] =
        [
            ("fast", (0, "alpha-1"), (1, "fast-b")), ("big", (1, "beta-large-2026"), (0, "big-a")),
            ("same", (0, "same"), nil),
        ]

    /// What an upstream calls the model; nil where it has none of this name.
    func modelName(at upstream: Int) -> String? {
        let model = Question.models[model]
        return model.first.upstream == upstream ? model.first.name : model.second?.name
    }

    /// Whether only a run with alternatives may send it there.
    func isSecond(_ upstream: Int) -> Bool { Question.models[model].first.upstream != upstream }

    init(_ number: Int, _ random: inout Randomness) {
        self.number = number
        surface = random.chance(250) ? .responses : .chat
        model = random.below(Question.models.count)
        isStream = random.chance(650)
        asksForUsage = random.chance(300)
        pieces = random.size(upTo: random.chance(150) ? 200 : 20)
        // Some events are larger than any that the gateway holds or changes.
        let isLarge = isStream && random.chance(100)
        pieceBytes =
            isLarge ? Question.heldBytes + random.size(upTo: 8_000) : random.size(upTo: isStream ? 3_000 : 8_000)
        promptBytes = random.size(upTo: random.chance(150) ? 200_000 : 4_000)
        linesEndInCRLF = random.chance(100)
        commentEvery = random.chance(150) ? random.within(1...5) : 0
        isChunkedUpload = random.chance(200)
    }

    var path: String { surface == .chat ? "/v1/chat/completions" : "/v1/responses" }

    /// An event of more bytes passes as it is, also where usage is taken out of the stream (`OpenAIStreamMeter.heldLimit`).
    private static let heldBytes = 4 << 10

    // MARK: The request

    /// The body as the client sends it, or as an upstream is to get it.
    func body(to upstream: Int? = nil) -> [UInt8] {
        let name = upstream.flatMap(modelName) ?? Question.models[model].name
        var text = #"{"user":"q-\#(number).","model":"\#(name)""#
        if isStream {
            text += #","stream":true"#
            // A Responses stream tells of usage unasked.
            if surface == .chat, upstream != nil || asksForUsage {
                text += #","stream_options":{"include_usage":true}"#
            }
        }
        let prompt = Question.text(seed: number &* 31, count: promptBytes)
        switch surface {
        case .chat: text += #","messages":[{"role":"user","content":"\#(prompt)"}]}"#
        case .responses: text += #","input":"\#(prompt)"}"#
        }
        return Array(text.utf8)
    }

    /// Whether `body` is the one that the provider is to get, with a bound on the answer in front.
    func isBounded(_ body: [UInt8], to upstream: Int) -> Bool {
        let rest = self.body(to: upstream).dropFirst()
        let mark = Array((surface == .chat ? #"{"max_completion_tokens":"# : #"{"max_output_tokens":"#).utf8)
        guard body.starts(with: mark), body.count > rest.count + mark.count else { return false }
        let number = body[mark.count..<body.count - rest.count - 1]
        return body.suffix(rest.count) == rest && number.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            && body[body.count - rest.count - 1] == UInt8(ascii: ",")
    }

    /// The number in a request's body.
    static func number(in body: [UInt8]) -> Int? {
        let mark = Array(#""user":"q-"#.utf8)
        guard let start = body.firstRange(of: mark)?.upperBound else { return nil }
        var number = 0
        for byte in body[start...] {
            guard byte >= 0x30, byte <= 0x39 else { return number }
            number = number * 10 + Int(byte - 0x30)
        }
        return nil
    }

    // MARK: The answer

    /// The events of a stream, or one piece: the JSON body.
    func answer(withUsage: Bool) -> [[UInt8]] { isStream ? events(withUsage) : [json] }

    /// All bytes of the answer that the client is to see.
    var expected: [UInt8] { answer(withUsage: asksForUsage).reduce(into: []) { $0 += $1 } }

    private var json: [UInt8] {
        let text = Question.text(seed: number, count: pieces * pieceBytes)
        return switch surface {
        case .chat:
            Array(
                (#"{"id":"chatcmpl-\#(number)","object":"chat.completion","choices":[{"index":0,"message":{"role":"#
                    + #""assistant","content":"\#(text)"},"finish_reason":"stop"}],"usage":\#(usage)}"#).utf8)
        case .responses: Array(response(text, usage).utf8)
        }
    }

    private var usage: String {
        let names = surface == .chat ? ("prompt_tokens", "completion_tokens") : ("input_tokens", "output_tokens")
        return #"{"\#(names.0)":\#(promptBytes),"\#(names.1)":\#(pieces),"total_tokens":\#(promptBytes + pieces)}"#
    }

    private func response(_ text: String, _ usage: String) -> String {
        #"{"id":"resp_\#(number)","object":"response","output":[{"type":"message","content":[{"type":"output_text","#
            + #""text":"\#(text)"}]}],"usage":\#(usage)}"#
    }

    /// The events, a comment before some.
    private func events(_ withUsage: Bool) -> [[UInt8]] {
        var result: [[UInt8]] = []
        if surface == .responses {
            result.append(event("response.created", #""response":\#(response("", "null"))"#))
        }
        for index in 0..<pieces {
            if commentEvery > 0, index % commentEvery == 0 { result.append(line(": still here")) }
            let text = Question.text(seed: number &* 1_000 &+ index, count: pieceBytes)
            switch surface {
            case .chat: result.append(chunk(#"{"content":"\#(text)"}"#, finish: "null", withUsage))
            case .responses: result.append(event("response.output_text.delta", #""delta":"\#(text)""#))
            }
        }
        switch surface {
        case .chat:
            result.append(chunk("{}", finish: #""stop""#, withUsage))
            if withUsage {
                result.append(
                    line(
                        #"data: {"id":"chatcmpl-\#(number)","object":"chat.completion.chunk","choices":[],"#
                            + #""usage":\#(usage)}"#))
            }
            result.append(line("data: [DONE]"))
        case .responses:
            let text = Question.text(seed: number, count: pieceBytes)
            result.append(event("response.completed", #""response":\#(response(text, usage))"#))
        }
        return result
    }

    /// A chunk of a chat stream. Where Weir has asked for usage, it has `"usage":null`, which is taken out of one that is not too large.
    private func chunk(_ delta: String, finish: String, _ withUsage: Bool) -> [UInt8] {
        let start =
            #"data: {"id":"chatcmpl-\#(number)","object":"chat.completion.chunk","choices":[{"index":0,"delta":"#
            + #"\#(delta),"finish_reason":\#(finish)}]"#
        let asProvided = line(start + #","usage":null}"#)
        return withUsage || asProvided.count > Question.heldBytes ? asProvided : line(start + "}")
    }

    /// A named event of a Responses stream.
    private func event(_ name: String, _ members: String) -> [UInt8] {
        line("event: \(name)" + (linesEndInCRLF ? "\r\n" : "\n") + #"data: {"type":"\#(name)",\#(members)}"#)
    }

    private func line(_ text: String) -> [UInt8] { Array((text + (linesEndInCRLF ? "\r\n\r\n" : "\n\n")).utf8) }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ.,0123456".utf8)

    /// Text that differs with each seed everywhere, so that bytes of another answer are noticed.
    private static func text(seed: Int, count: Int) -> String {
        var random = Randomness(seed: UInt64(bitPattern: Int64(seed)))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            var word = random.next()
            for _ in 0..<min(10, count - bytes.count) {
                bytes.append(letters[Int(word & 63) % letters.count])
                word >>= 6
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
