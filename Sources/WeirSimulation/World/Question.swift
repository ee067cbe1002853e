import WeirBase

/// One request of a simulated client, and the one right answer to it: both follow from its number and what was drawn for it.
struct Question: Sendable {
    let number: Int
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

    /// Names that clients use, and those of the provider.
    static let models = [("fast", "alpha-1"), ("big", "beta-large-2026"), ("same", "same")]

    init(_ number: Int, _ random: inout Randomness) {
        self.number = number
        model = random.below(Question.models.count)
        isStream = random.chance(650)
        asksForUsage = random.chance(300)
        pieces = random.size(upTo: random.chance(150) ? 200 : 20)
        pieceBytes = random.size(upTo: isStream ? 3_000 : 8_000)
        promptBytes = random.size(upTo: random.chance(150) ? 200_000 : 4_000)
        linesEndInCRLF = random.chance(100)
        commentEvery = random.chance(150) ? random.within(1...5) : 0
        isChunkedUpload = random.chance(200)
    }

    // MARK: The request

    /// The body as the client sends it, or as the provider is to get it.
    func body(toProvider: Bool) -> [UInt8] {
        let name = toProvider ? Question.models[model].1 : Question.models[model].0
        var text = #"{"user":"q-\#(number).","model":"\#(name)""#
        if isStream {
            text += #","stream":true"#
            if toProvider, !asksForUsage { text += #","stream_options":{"include_usage":true}"# }
            if asksForUsage { text += #","stream_options":{"include_usage":true}"# }
        }
        text += #","messages":[{"role":"user","content":""#
        text += Question.text(seed: number &* 31, count: promptBytes)
        return Array((text + "\"}]}").utf8)
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
        return Array(
            (#"{"id":"chatcmpl-\#(number)","object":"chat.completion","choices":[{"index":0,"message":{"role":"#
                + #""assistant","content":"\#(text)"},"finish_reason":"stop"}],"usage":\#(usage)}"#).utf8)
    }

    private var usage: String {
        #"{"prompt_tokens":\#(promptBytes),"completion_tokens":\#(pieces),"total_tokens":\#(promptBytes + pieces)}"#
    }

    private func events(_ withUsage: Bool) -> [[UInt8]] {
        var result: [[UInt8]] = []
        let nothing = withUsage ? #","usage":null"# : ""
        for index in 0..<pieces {
            if commentEvery > 0, index % commentEvery == 0 { result.append(line(": still here")) }
            let text = Question.text(seed: number &* 1_000 &+ index, count: pieceBytes)
            result.append(
                line(
                    #"data: {"id":"chatcmpl-\#(number)","object":"chat.completion.chunk","choices":[{"index":0,"delta":"#
                        + #"{"content":"\#(text)"},"finish_reason":null}]\#(nothing)}"#))
        }
        result.append(
            line(
                #"data: {"id":"chatcmpl-\#(number)","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"#
                    + #""finish_reason":"stop"}]\#(nothing)}"#))
        if withUsage {
            result.append(
                line(
                    #"data: {"id":"chatcmpl-\#(number)","object":"chat.completion.chunk","choices":[],"#
                        + #""usage":\#(usage)}"#))
        }
        result.append(line("data: [DONE]"))
        return result
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
