import Testing
import WeirBase

@testable import WeirDialects

@Suite("Bedrock: requests (providers.md, sections 6.2, 8 and 11)") struct BedrockRequestTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let model: String
        let request: ChatRequest
        let dropped: [String]
        var testDescription: String { name }

        init(
            _ name: String, model: String = "anthropic.claude-v1:0", dropped: [String] = [],
            _ change: (inout ChatRequest) -> Void
        ) {
            self.name = name
            self.model = model
            request = BedrockFixture.ask(change)
            self.dropped = dropped
        }
    }

    static let tool = ToolDefinition(
        name: "f", description: "does f", parameters: RawJSON(#"{"type":"object","properties":{"a":{}}}"#),
        strict: true,
        cache: .usual)
    static let call = ToolCall(id: "c1", name: "f", arguments: RawJSON(#"{"a": 1.0}"#), signature: "other's")
    static let result = ToolResult(callID: "c1", parts: [.text("7")])
    static let history = [
        ChatMessage(.user, [.text("q")]), ChatMessage(.assistant, [Part(.toolCall(call))]),
        ChatMessage(.user, [Part(.toolResult(result))]),
    ]

    /// Takes budgets and efforts.
    static let newer = "us.anthropic.claude-opus-4-6-v1"

    /// The body of each is its line of `converse.tsv`, which botocore finds valid.
    static let cases: [Case] = [
        Case("text") { _ in },
        Case("system") {
            $0.system = [.text("a"), Part(.text("b"), cache: .hour), .text(" \n")]
            $0.messages = [
                ChatMessage(.user, [.text("x")]), ChatMessage(.system, [.text("c")]), ChatMessage(.user, [.text("y")]),
            ]
        },
        Case("numbers", dropped: ["stop"]) {
            $0.maxTokens = 9
            $0.temperature = JSONNumber("0.70")
            $0.stop = ["x", " \n"]
            $0.frequencyPenalty = JSONNumber("0.0")
            $0.presencePenalty = JSONNumber("0")
            $0.logitBias = RawJSON("{}")
        },
        Case("top_p") { $0.topP = JSONNumber("0.9") },
        Case("top_p and temperature, Claude", dropped: ["top_p"]) {
            $0.temperature = JSONNumber("1")
            $0.topP = JSONNumber("0.9")
        },
        Case("top_p and temperature, another", model: "us.amazon.nova-pro-v1:0") {
            $0.temperature = JSONNumber("1")
            $0.topP = JSONNumber("0.9")
        },
        Case("top_k") { $0.topK = JSONNumber("40") },
        Case("tiers") { $0.serviceTier = "priority" },
        Case("hints", dropped: ["service_tier", "seed", "user", "verbosity"]) {
            $0.serviceTier = "fast"
            $0.seed = JSONNumber("1")
            $0.user = "u"
            $0.verbosity = "low"
        },
        Case("tools") { $0.tools = [tool, ToolDefinition(name: "g", description: " ")] },
        Case("tool schemas without a type") {
            $0.tools = [
                ToolDefinition(name: "g", parameters: RawJSON("{ }")),
                ToolDefinition(name: "h", parameters: RawJSON(#"{"properties":{"type":1}}"#)),
            ]
        },
        Case("tool choice auto") {
            $0.tools = [tool]
            $0.toolChoice = .auto
        },
        Case("tool choice required, of some") {
            $0.tools = [tool, ToolDefinition(name: "g")]
            $0.allowedTools = ["g"]
            $0.toolChoice = .required
        },
        Case("tool choice named") {
            $0.tools = [tool]
            $0.toolChoice = .named("f")
        },
        Case("tool choice none") {
            $0.tools = [tool]
            $0.toolChoice = ToolChoice.none
            $0.parallelToolCalls = false
        },
        Case("tool choice none with calls in the history", dropped: ["tool_choice"]) {
            $0.tools = [tool]
            $0.toolChoice = ToolChoice.none
            $0.messages = history
        },
        Case("tools are rebuilt from the history") {
            $0.messages = history
            $0.toolChoice = .auto
        },
        Case("results come first in their turn, ids are made good") {
            let odd = String(repeating: "é|", count: 40)
            $0.messages = [
                ChatMessage(.user, [.text("q")]),
                ChatMessage(
                    .assistant,
                    [
                        .text("I call"), Part(.toolCall(call)),
                        Part(.toolCall(ToolCall(id: odd, name: "g", arguments: RawJSON("")))),
                    ]),
                ChatMessage(.user, [.text("wait"), Part(.toolResult(result), cache: .usual)]),
                ChatMessage(
                    .user,
                    [Part(.toolResult(ToolResult(callID: odd, parts: [.text(" "), .text("bad")], isError: true)))]),
            ]
        },
        Case("neighbours are merged, blank turns of the assistant are not said") {
            $0.messages = [
                ChatMessage(.user, [.text("a"), .text("")]), ChatMessage(.assistant, [.text(" ")]),
                ChatMessage(.user, [.text("b")]), ChatMessage(.assistant, [.text("c")]),
                ChatMessage(.assistant, [Part(.refusal("no"))]),
            ]
        },
        Case("media", model: "us.amazon.nova-pro-v1:0", dropped: ["detail"]) {
            $0.messages = [
                ChatMessage(
                    .user,
                    [
                        Part(.image(Media(type: "image/jpeg", .base64("aQ==")), detail: "low")),
                        Part(.document(Media(type: "application/pdf", .base64("bQ==")), title: "a/b  c.pdf")),
                        Part(.document(Media(type: "text/plain", .text("plain")), title: "ä")),
                        Part(.document(Media(type: "text/csv", .base64("cQ==")), title: "a (1)")),
                        Part(.audio(Media(type: "audio/mpeg", .base64("dQ==")))),
                    ])
            ]
        },
        Case("media in a result", dropped: ["cache_control"]) {
            $0.messages = history
            $0.messages[2].parts = [
                Part(
                    .toolResult(
                        ToolResult(
                            callID: "c1",
                            parts: [
                                Part(.text("see"), cache: .usual),
                                Part(.image(Media(type: "image/png", .base64("aQ==")), detail: nil)),
                            ])))
            ]
        },
        Case("reasoning of earlier turns", dropped: ["reasoning"]) {
            $0.messages = [
                ChatMessage(.user, [.text("q")]),
                ChatMessage(
                    .assistant,
                    [
                        Part(.reasoning(ReasoningText(text: "hm", signature: "s"))),
                        Part(.reasoning(ReasoningText(text: "", redacted: "cmVk"))),
                        Part(.reasoning(ReasoningText(text: "unsigned"))), .text("a"),
                    ]),
                ChatMessage(.user, [.text("r")]),
            ]
        },
        Case("effort", model: newer) { $0.reasoning.effort = "xhigh" },
        Case("effort minimal", model: newer) { $0.reasoning.effort = "minimal" },
        Case("effort none", model: newer) { $0.reasoning.effort = "none" },
        Case("effort none, not Claude", model: "openai.gpt-oss-120b-1:0", dropped: ["reasoning_effort"]) {
            $0.reasoning.effort = "none"
        },
        Case("effort that nobody knows", dropped: ["reasoning_effort"]) { $0.reasoning.effort = "some" },
        Case("budget", model: newer, dropped: ["top_k"]) {
            $0.reasoning.budget = 2_048
            $0.topK = JSONNumber("4")
        },
        Case("budget 0", model: newer) { $0.reasoning.budget = 0 },
        Case("adaptive", model: newer) { $0.reasoning.isAdaptive = true },
        Case("any JSON object") { $0.format = .jsonObject },
        Case("a schema and an effort", model: newer) {
            $0.format = .jsonSchema(
                name: "n", description: "d", schema: RawJSON(#"{"type": "object", "title":"\""}"#), strict: true)
            $0.reasoning.effort = "low"
        },
    ]

    static let bodies = Dictionary(uniqueKeysWithValues: BedrockFixture.lines("converse.tsv").map { ($0[0], $0[1]) })

    @Test("bodies", arguments: cases)
    func bodies(_ test: Case) throws {
        var notes = TranslationNotes()
        let body = try BedrockFixture.write(test.request, model: test.model, &notes)
        #expect(body == Self.bodies[test.name])
        #expect(notes.dropped == test.dropped)
    }

    @Test("the file has no others") func complete() { #expect(Set(Self.bodies.keys) == Set(Self.cases.map(\.name))) }

    static let refusals: [(param: String, isMistake: Bool, request: ChatRequest)] = [
        ("n", false, BedrockFixture.ask { $0.choices = 2 }),
        ("logprobs", false, BedrockFixture.ask { $0.logprobs = true }),
        ("logit_bias", false, BedrockFixture.ask { $0.logitBias = RawJSON(#"{"1":2}"#) }),
        ("frequency_penalty", false, BedrockFixture.ask { $0.frequencyPenalty = JSONNumber("0.1") }),
        ("presence_penalty", false, BedrockFixture.ask { $0.presencePenalty = JSONNumber("-1") }),
        ("temperature", false, BedrockFixture.ask { $0.temperature = JSONNumber("1.1") }),
        ("tool_choice", true, BedrockFixture.ask { $0.toolChoice = .named("f") }),
        (
            "parallel_tool_calls", false,
            BedrockFixture.ask {
                $0.tools = [tool]
                $0.parallelToolCalls = false
            }
        ),
        ("messages", true, BedrockFixture.ask { $0.messages = [] }),
        ("messages", false, BedrockFixture.ask { $0.messages = [ChatMessage(.assistant, [.text("a")])] }),
        ("messages[0].content", true, BedrockFixture.ask { $0.messages = [ChatMessage(.user, [.text(" ")])] }),
        ("messages[0].image_url", false, media(.image(Media(type: nil, .url("https://a.b/c.png")), detail: nil))),
        ("messages[0].image_url", false, media(.image(Media(type: "image/tiff", .base64("aQ==")), detail: nil))),
        ("messages[0].file", false, media(.document(Media(type: nil, .file("file-1")), title: nil))),
        ("messages[0].input_audio", false, media(.audio(Media(type: "audio/midi", .base64("aQ=="))))),
        (
            "messages[0].input_audio", false,
            media(
                .toolResult(
                    ToolResult(callID: "c", parts: [Part(.audio(Media(type: "audio/wav", .base64("aQ=="))))])))
        ),
    ]

    static func media(_ content: Part.Content) -> ChatRequest {
        BedrockFixture.ask { $0.messages = [ChatMessage(.user, [Part(content)])] }
    }

    @Test("what it cannot say is refused", arguments: refusals)
    func refuses(param: String, isMistake: Bool, request: ChatRequest) {
        var notes = TranslationNotes()
        let error = #expect(throws: Untranslatable.self) {
            try BedrockFixture.write(request, model: "anthropic.claude-v1:0", &notes)
        }
        #expect(error?.param == param)
        #expect(error?.isMistake == isMistake)
    }
}
