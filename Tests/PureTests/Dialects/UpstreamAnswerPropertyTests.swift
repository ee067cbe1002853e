import Testing
import WeirBase
import WeirWire

@testable import WeirDialects

/// Random answers, written as each provider writes them, are read as what they say.
@Suite("Gemini and Bedrock: random answers") struct UpstreamAnswerPropertyTests {
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
