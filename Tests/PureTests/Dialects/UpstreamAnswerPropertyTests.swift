import Testing
import WeirBase
import WeirWire

@testable import WeirDialects

/// Random answers, written as each provider writes them, are read as what they say.
@Suite("Gemini, Bedrock and OpenAI chat: random answers") struct UpstreamAnswerPropertyTests {
    enum Piece {
        case text(String), reasoning(String)
        case call(id: String, name: String, arguments: String, signature: String?)
    }

    @Test("Gemini, whole and as a stream of a piece a chunk", arguments: 0..<300) func gemini(seed: Int) {
        var source = RandomAnswer(seed: UInt64(seed))
        let pieces = source.pieces(signed: true)
        let names = #""modelVersion":"m","responseId":"r""#
        let parts = pieces.map(geminiPart)
        let whole =
            #"{"candidates":[{"content":{"parts":["# + parts.joined(separator: ",")
            + #"]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4},"#
            + names + "}"
        let chunks =
            parts.map {
                #"{"candidates":[{"content":{"parts":["# + $0 + #"]}}],"usageMetadata":{"promptTokenCount":1},"# + names
                    + "}"
            }
            + [
                #"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4},"#
                    + names + "}"
            ]
        let expected = events(pieces, .start(model: "m", id: "r"))
        #expect(GeminiFixture.whole(whole) == expected)
        #expect(GeminiFixture.stream(chunks) == expected)
    }

    @Test("Bedrock, whole and as a stream", arguments: 0..<300) func bedrock(seed: Int) {
        var source = RandomAnswer(seed: UInt64(seed))
        let pieces = source.pieces(signed: false)
        let hasCalls = pieces.contains { if case .call = $0 { true } else { false } }
        let reason = hasCalls ? "tool_use" : "end_turn"
        let usage = #""usage":{"inputTokens":3,"outputTokens":4}"#
        let whole =
            #"{"output":{"message":{"content":["# + pieces.map(bedrockBlock).joined(separator: ",")
            + #"]}},"stopReason":""# + reason + #"","# + usage + "}"
        var frames = [("messageStart", #"{"role":"assistant"}"#)]
        for (index, piece) in pieces.enumerated() { frames += bedrockFrames(piece, index) }
        frames += [("messageStop", #"{"stopReason":""# + reason + #""}"#), ("metadata", "{" + usage + "}")]
        let expected = events(pieces, .start(model: "", id: ""))
        #expect(BedrockFixture.whole(whole) == expected)
        #expect(BedrockFixture.stream(frames) == expected)
    }

    @Test("OpenAI chat, whole and as a stream of a piece a chunk", arguments: 0..<300) func openAIChat(seed: Int) {
        var source = RandomAnswer(seed: UInt64(seed))
        let pieces = source.pieces(signed: true)
        let usage = #","usage":{"prompt_tokens":3,"completion_tokens":4}"#
        func chunk(_ delta: String, _ rest: String = "") -> String {
            #"{"id":"r","model":"m","choices":[{"index":0,"delta":{"# + delta + "}}]" + rest + "}"
        }
        var (calls, deltas) = (0, [String]())
        for piece in pieces {
            deltas.append(chunk(openAIDelta(piece, call: calls)))
            if case .call = piece { calls += 1 }
        }
        // Servers with calls say `stop` as often as not.
        let last = #"{"id":"r","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]"# + usage + "}"
        #expect(
            OpenAIChatFixture.stream(deltas + [last], isDone: seed % 2 == 0)
                == events(pieces, .start(model: "m", id: "r")))

        let sorted = (0...2).flatMap { rank in pieces.filter { self.rank($0) == rank } }
        let whole =
            #"{"choices":[{"message":{"# + openAIMessage(sorted) + #"},"finish_reason":"stop"}],"id":"r","model":"m""#
            + usage + "}"
        #expect(OpenAIChatFixture.whole(whole) == events(joined(sorted), .start(model: "m", id: "r")))
    }

    /// The order in which a message is read: reasoning, text, calls.
    private func rank(_ piece: Piece) -> Int {
        switch piece {
        case .reasoning: 0
        case .text: 1
        case .call: 2
        }
    }

    private func joined(_ pieces: [Piece]) -> [Piece] {
        var joined: [Piece] = []
        for piece in pieces {
            switch (joined.last, piece) {
            case (.text(let before), .text(let text)): joined[joined.count - 1] = .text(before + text)
            case (.reasoning(let before), .reasoning(let text)): joined[joined.count - 1] = .reasoning(before + text)
            default: joined.append(piece)
            }
        }
        return joined
    }

    private func openAIDelta(_ piece: Piece, call: Int) -> String {
        switch piece {
        case .text(let text): #""content":"# + quoted(text)
        case .reasoning(let text): #""reasoning_content":"# + quoted(text)
        case .call: #""tool_calls":["# + openAICall(piece, index: call) + "]"
        }
    }

    private func openAIMessage(_ pieces: [Piece]) -> String {
        let calls = pieces.filter { rank($0) == 2 }.map { openAICall($0, index: nil) }
        let texts = joined(pieces).filter { rank($0) < 2 }.map { openAIDelta($0, call: 0) }
        return ([#""tool_calls":["# + calls.joined(separator: ",") + "]"] + texts).joined(separator: ",")
    }

    private func openAICall(_ piece: Piece, index: Int?) -> String {
        guard case .call(let id, let name, let arguments, let signature) = piece else { return "" }
        return "{" + (index.map { #""index":\#($0),"# } ?? "") + #""id":"# + quoted(id)
            + (signature.map { #","extra_content":{"google":{"thought_signature":"# + quoted($0) + "}}" } ?? "")
            + #","type":"function","function":{"name":"# + quoted(name) + #","arguments":"# + quoted(arguments) + "}}"
    }

    private func events(_ pieces: [Piece], _ start: AnswerEvent) -> [AnswerEvent] {
        var events = [start]
        var calls = 0
        for piece in pieces {
            switch piece {
            case .text(let text): events.append(.text(choice: 0, text))
            case .reasoning(let text): events.append(.reasoning(choice: 0, text))
            case .call(let id, let name, let arguments, let signature):
                events.append(.toolCall(choice: 0, call: calls, id: id, name: name, signature: signature))
                events.append(.toolArguments(choice: 0, call: calls, arguments))
                calls += 1
            }
        }
        let usage = BedrockFixture.usage {
            $0.input = 3
            $0.output = 4
        }
        return events + [.finish(choice: 0, calls > 0 ? .toolCalls : .stop, stopSequence: nil), usage, .end]
    }

    private func geminiPart(_ piece: Piece) -> String {
        switch piece {
        case .text(let text): return #"{"text":"# + quoted(text) + "}"
        case .reasoning(let text): return #"{"thought":true,"text":"# + quoted(text) + "}"
        case .call(let id, let name, let arguments, let signature):
            let call =
                #""functionCall":{"args":"# + arguments + #","id":"# + quoted(id) + #","name":"# + quoted(name) + "}"
            return "{" + (signature.map { #""thoughtSignature":"# + quoted($0) + "," } ?? "") + call + "}"
        }
    }

    private func bedrockBlock(_ piece: Piece) -> String {
        switch piece {
        case .text(let text): #"{"text":"# + quoted(text) + "}"
        case .reasoning(let text): #"{"reasoningContent":{"reasoningText":{"text":"# + quoted(text) + "}}}"
        case .call(let id, let name, let arguments, _):
            #"{"toolUse":{"input":"# + arguments + #","name":"# + quoted(name) + #","toolUseId":"# + quoted(id) + "}}"
        }
    }

    private func bedrockFrames(_ piece: Piece, _ index: Int) -> [(String, String)] {
        func delta(_ content: String) -> (String, String) {
            ("contentBlockDelta", #"{"contentBlockIndex":\#(index),"delta":{"# + content + "}}")
        }
        switch piece {
        case .text(let text): return [delta(#""text":"# + quoted(text))]
        case .reasoning(let text): return [delta(#""reasoningContent":{"text":"# + quoted(text) + "}")]
        case .call(let id, let name, let arguments, _):
            let start = #"{"toolUse":{"name":"# + quoted(name) + #","toolUseId":"# + quoted(id) + "}}"
            return [
                ("contentBlockStart", #"{"contentBlockIndex":\#(index),"start":"# + start + "}"),
                delta(#""toolUse":{"input":"# + quoted(arguments) + "}"),
            ]
        }
    }

    private func quoted(_ text: String) -> String {
        var out = ByteBuffer()
        out.append(jsonString: text)
        return out.text()
    }
}

private struct RandomAnswer {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    private mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }

    private mutating func text() -> String {
        let pieces = ["a", "\"", "\\", "\n", "\u{0}", "é", "日", "😀", "{", "}", "[", " "]
        return "x" + (0..<next(12)).map { _ in pieces[next(pieces.count)] }.joined()
    }

    mutating func pieces(signed: Bool) -> [UpstreamAnswerPropertyTests.Piece] {
        let arguments = ["{}", #"{"a": 1.0, "b":[null,"\u00e9\"}"]}"#, #"{"n":12345678901234567890}"#]
        return (0..<next(6)).map { _ in
            switch next(3) {
            case 0: return .text(text())
            case 1: return .reasoning(text())
            default:
                let signature = signed && next(2) == 0 ? text() : nil
                return .call(id: text(), name: text(), arguments: arguments[next(3)], signature: signature)
            }
        }
    }
}
