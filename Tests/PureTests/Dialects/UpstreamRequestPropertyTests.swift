import Testing
import WeirBase
import WeirWire

@testable import WeirDialects

/// Bodies for random conversations, of which nobody has thought.
@Suite("Gemini, Bedrock and OpenAI chat: bodies of random requests") struct UpstreamRequestPropertyTests {
    @Test("a body is one JSON object, in which turns alternate and texts are those of the request", arguments: 0..<400)
    func bodies(seed: Int) throws {
        var source = RandomRequest(seed: UInt64(seed))
        let request = source.request()
        var notes = TranslationNotes()
        let gemini = try GeminiFixture.write(request, model: source.pick(["gemini-2.5-pro", "gemini-3-pro"]), &notes)
        try check(gemini, list: "contents", parts: "parts", roles: ("user", "model"), texts: request)
        let bedrock = try BedrockFixture.write(request, model: "anthropic.claude-v1:0", &notes)
        try check(bedrock, list: "messages", parts: "content", roles: ("user", "assistant"), texts: request)
    }

    @Test(
        "OpenAI chat: a body is read back with the texts and calls of the request, and a result behind each call",
        arguments: 0..<400)
    func openAIChat(seed: Int) throws {
        var source = RandomRequest(seed: UInt64(seed))
        let request = source.request()
        var notes = TranslationNotes()
        var out = ByteBuffer()
        try OpenAIChatRequestWriter.write(request, to: TargetOptions(model: "gpt-5.1"), &notes, &out)
        // The reader refuses a conversation in which a call has no result behind it.
        let read = try OpenAIChatRequestReader.read(out.span, &notes)
        #expect(Self.texts(read) == Self.texts(request) && Self.calls(read) == Self.calls(request))
        #expect(read.stop == request.stop && read.maxTokens == request.maxTokens && read.user == request.user)
    }

    private static func texts(_ request: ChatRequest) -> [String] {
        request.messages.flatMap(\.parts).compactMap { part in
            if case .text(let text) = part.content { text } else { nil }
        }
    }

    private static func calls(_ request: ChatRequest) -> [String] {
        request.messages.flatMap(\.parts).compactMap { part in
            if case .toolCall(let call) = part.content { call.id + call.name } else { nil }
        }
    }

    private func check(
        _ body: String, list: ShortName, parts: ShortName, roles: (String, String), texts request: ChatRequest
    ) throws {
        let bytes = Array(body.utf8)
        let members = try JSONScanner.members(of: bytes.span, wanted: [list])
        var turns = try JSONArrayWalk(bytes.span, in: try #require(members[0]).value)
        var expectsUser = true
        var texts: [String] = []
        while let turn = try turns.next(bytes.span) {
            let members = try JSONScanner.members(of: bytes.span, in: turn.value, wanted: ["role", parts])
            let role = JSONText.string(bytes.span, try #require(members[0]).value)
            #expect(role == (expectsUser ? roles.0 : roles.1), "\(body)")
            expectsUser.toggle()
            var walk = try JSONArrayWalk(bytes.span, in: try #require(members[1]).value)
            while let part = try walk.next(bytes.span) {
                let members = try JSONScanner.members(of: bytes.span, in: part.value, wanted: ["text"])
                if let text = members[0] { texts.append(JSONText.string(bytes.span, text.value)) }
            }
        }
        // Results of a turn come before its texts at Bedrock, so that order counts in each list by itself.
        #expect(texts == Self.texts(request), "\(body)")
    }
}

/// Conversations that all of them can say: texts of odd characters, calls and their results, settings.
struct RandomRequest {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[next(list.count)] }

    mutating func text() -> String {
        let pieces = ["a", "\"", "\\", "\n", "\u{0}", "\u{1F}", "é", "日", "😀", "{", "[", ",", " "]
        return "x" + (0..<next(20)).map { _ in pick(pieces) }.joined()
    }

    mutating func request() -> ChatRequest {
        var request = ChatRequest()
        if next(2) == 0 { request.system = (0..<next(3)).map { _ in .text(text()) } }
        request.messages = [ChatMessage(.user, [.text(text())])]
        for turn in 0..<next(6) { addTurn(turn, to: &request) }
        if next(2) == 0 { request.maxTokens = 1 + next(5_000) }
        if next(2) == 0 { request.temperature = JSONNumber(pick(["0", "0.70", "1"])) }
        if next(2) == 0 { request.stop = (0..<next(4)).map { _ in text() } }
        if next(2) == 0 { request.reasoning.effort = pick(["none", "minimal", "low", "medium", "high", "max"]) }
        if next(3) == 0 {
            request.format = .jsonSchema(name: text(), description: nil, schema: RawJSON(#"{"a":[]}"#), strict: nil)
        }
        if next(2) == 0 {
            request.tools = [ToolDefinition(name: "f", description: text(), parameters: pick([nil, RawJSON("{}")]))]
            request.toolChoice = pick([nil, .auto, ToolChoice.none, .required, .named("f")])
        }
        request.user = pick([nil, text()])
        return request
    }

    /// An answer, and what the user says to it.
    private mutating func addTurn(_ turn: Int, to request: inout ChatRequest) {
        var (answer, reply): ([Part], [Part]) = ([.text(text())], [])
        for call in 0..<next(3) {
            let id = pick(["call_\(turn)_\(call)", "odd id \(turn) \(call)"])
            let arguments = RawJSON(pick(["{}", "", #"{"a": "\u00e9"}"#]))
            answer.append(
                Part(.toolCall(ToolCall(id: id, name: "f", arguments: arguments, signature: pick([nil, "s"])))))
            reply.append(Part(.toolResult(ToolResult(callID: id, parts: [.text(text())], isError: next(2) == 0))))
        }
        request.messages.append(ChatMessage(.assistant, answer))
        if !reply.isEmpty { request.messages.append(ChatMessage(.user, reply)) }
        request.messages.append(ChatMessage(.user, [.text(text())]))
    }
}
