import Testing
import WeirBase
import WeirDialects

@Suite("Anthropic dialect: requests from the form between dialects") struct AnthropicRequestWriterTests {
    static let older = TargetOptions(model: "claude-opus-4-5", maxOutput: 64_000)
    static let newer = TargetOptions(model: "claude-opus-4-7", maxOutput: 64_000)

    static func write(
        _ request: ChatRequest, to target: TargetOptions = older
    ) throws -> (text: String, dropped: [String]) {
        var notes = TranslationNotes()
        var out = ByteBuffer()
        try AnthropicRequestWriter.write(request, to: target, &notes, &out)
        return (String(decoding: Array(span: out.span), as: UTF8.self), notes.dropped)
    }

    static func request(_ change: (inout ChatRequest) -> Void = { _ in }) -> ChatRequest {
        var request = ChatRequest()
        request.model = "client's name"
        request.messages = [ChatMessage(.user, [.text("hi")])]
        request.maxTokens = 5_000
        change(&request)
        return request
    }

    /// What stands before and behind the members that a case is about.
    static func body(_ members: String, model: String = "claude-opus-4-5", maxTokens: Int = 5_000) -> String {
        #"{"model":"\#(model)","max_tokens":\#(maxTokens),"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]\#(members)}"#
    }

    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var target = AnthropicRequestWriterTests.older
        var change: @Sendable (inout ChatRequest) -> Void
        var members = ""
        var dropped: [String] = []
    }
    static let tool = ToolDefinition(name: "f", parameters: RawJSON(#"{"type":"object"}"#))
    static let toolText = #","tools":[{"name":"f","input_schema":{"type":"object"}}]"#

    static let cases: [Case] = [
        Case(description: "nothing more", change: { _ in }),
        Case(
            description: "sampling: temperature wins over top_p",
            change: {
                $0.temperature = JSONNumber("0.50"); $0.topP = JSONNumber("0.9"); $0.topK = JSONNumber("4")
            },
            members: #","temperature":0.50,"top_k":4"#, dropped: ["top_p"]),
        Case(description: "top_p alone", change: { $0.topP = JSONNumber("0.9") }, members: #","top_p":0.9"#),
        Case(
            description: "the newer version takes no sampling",
            target: TargetOptions(model: "claude-opus-4-5", apiVersion: "2026-10-21"),
            change: {
                $0.temperature = JSONNumber("1.5"); $0.topK = JSONNumber("4")
            },
            dropped: ["temperature", "top_k"]),
        Case(
            description: "stop sequences, blank ones dropped", change: { $0.stop = ["A", "\n ", "B"] },
            members: #","stop_sequences":["A","B"]"#, dropped: ["stop"]),
        Case(description: "only blank ones", change: { $0.stop = [" "] }, dropped: ["stop"]),
        Case(
            description: "hints are dropped",
            change: {
                $0.seed = JSONNumber("1")
                $0.verbosity = "low"
                $0.logitBias = RawJSON(" { } ")
                $0.frequencyPenalty = JSONNumber("0.0")
                $0.topLogprobs = 0
            }, dropped: ["seed", "verbosity"]),
        Case(
            description: "user, tier, stream",
            change: {
                $0.user = "u"; $0.serviceTier = "default"; $0.stream = true
            },
            members: #","metadata":{"user_id":"u"},"service_tier":"standard_only","stream":true"#),
        Case(
            description: "other tiers", change: { $0.serviceTier = "flex" }, members: #","service_tier":"auto""#,
            dropped: ["service_tier"]),
        Case(
            description: "tools, choice, parallel calls",
            change: {
                $0.tools = [tool]; $0.toolChoice = .required; $0.parallelToolCalls = false
            },
            members: toolText + #","tool_choice":{"type":"any","disable_parallel_tool_use":true}"#),
        Case(
            description: "parallel calls alone",
            change: {
                $0.tools = [tool]; $0.parallelToolCalls = false
            },
            members: toolText + #","tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#),
        Case(
            description: "no tool",
            change: {
                $0.tools = [tool]; $0.toolChoice = ToolChoice.none; $0.parallelToolCalls = false
            },
            members: toolText + #","tool_choice":{"type":"none"}"#),
        Case(
            description: "a named tool",
            change: {
                $0.tools = [tool]; $0.toolChoice = .named("f")
            },
            members: toolText + #","tool_choice":{"type":"tool","name":"f"}"#),
        Case(
            description: "a choice without tools is none",
            change: {
                $0.toolChoice = .auto; $0.parallelToolCalls = true
            }),
        Case(
            description: "schemas get the type that is demanded",
            change: {
                $0.tools = [
                    ToolDefinition(name: "a"), ToolDefinition(name: "b", description: "", parameters: .emptyObject),
                    ToolDefinition(name: "c", parameters: RawJSON(#" { "x": 1.0}"#), strict: false),
                ]
            },
            members:
                #","tools":[{"name":"a","input_schema":{"type":"object","properties":{}}},{"name":"b","description":"","input_schema":{"type":"object"}},{"name":"c","input_schema":{"type":"object","x": 1.0},"strict":false}]"#
        ),
        Case(
            description: "allowed tools are the only ones",
            change: {
                $0.tools = [ToolDefinition(name: "g"), tool]; $0.allowedTools = ["f"]; $0.toolChoice = .required
            },
            members: toolText + #","tool_choice":{"type":"any"}"#),
        Case(
            description: "a schema for the answer",
            change: {
                $0.format = .jsonSchema(name: "n", description: "d", schema: RawJSON(#"{"a":1}"#), strict: true)
            },
            members: #","output_config":{"format":{"type":"json_schema","schema":{"a":1}}}"#),
        Case(
            description: "effort as a budget, half of the bound at most", change: { $0.reasoning.effort = "high" },
            members: #","thinking":{"type":"enabled","budget_tokens":2500}"#),
        Case(
            description: "a budget below the bound of the answer",
            change: {
                $0.reasoning.budget = 9_000; $0.temperature = JSONNumber("0.2"); $0.topP = JSONNumber("0.97")
            },
            members: #","thinking":{"type":"enabled","budget_tokens":4999},"top_p":0.97"#, dropped: ["temperature"]),
        Case(
            description: "no room for thinking",
            change: {
                $0.maxTokens = 5_000; $0.reasoning.effort = "low"; $0.tools = [tool]; $0.toolChoice = .required
            },
            members: toolText + #","tool_choice":{"type":"any"}"#, dropped: ["reasoning_effort"]),
        Case(
            description: "thinking off", change: { $0.reasoning.effort = "none" },
            members: #","thinking":{"type":"disabled"}"#),
        Case(
            description: "adaptive thinking where there is none", change: { $0.reasoning.isAdaptive = true },
            members: #","thinking":{"type":"enabled","budget_tokens":2048}"#),
    ]
    @Test("options", arguments: cases) func options(test: Case) throws {
        let written = try Self.write(Self.request { test.change(&$0) }, to: test.target)
        #expect(written.text == Self.body(test.members))
        #expect(written.dropped == test.dropped)
    }

    static let newerCases: [Case] = [
        Case(
            description: "no sampling",
            change: {
                $0.temperature = JSONNumber("1"); $0.topP = JSONNumber("1")
            },
            dropped: ["temperature", "top_p"]),
        Case(
            description: "effort", change: { $0.reasoning.effort = "minimal" },
            members: #","thinking":{"type":"adaptive"},"output_config":{"effort":"low"}"#),
        Case(
            description: "a budget becomes effort", change: { $0.reasoning.budget = 5_000 },
            members: #","thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}"#,
            dropped: ["thinking.budget_tokens"]),
        Case(
            description: "a budget of nothing", change: { $0.reasoning.budget = 0 },
            members: #","thinking":{"type":"disabled"}"#),
        Case(
            description: "effort and a schema",
            change: {
                $0.reasoning = Reasoning(effort: "max", isAdaptive: true)
                $0.format = .jsonSchema(name: nil, description: nil, schema: .emptyObject, strict: nil)
            },
            members:
                #","thinking":{"type":"adaptive"},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{}}}"#
        ),
    ]
    @Test("options of newer models", arguments: newerCases) func newerOptions(test: Case) throws {
        let written = try Self.write(Self.request { test.change(&$0) }, to: Self.newer)
        #expect(written.text == Self.body(test.members, model: "claude-opus-4-7"))
        #expect(written.dropped == test.dropped)
    }

    @Test("the bound of the answer: the client's, at most the model's, else the model's, else a default") func bound()
        throws
    {
        func bound(_ asked: Int?, _ most: Int?) throws -> Bool {
            let target = TargetOptions(model: "claude-opus-4-5", maxOutput: most)
            let expected = min(asked ?? most ?? AnthropicRequestWriter.defaultMaxTokens, most ?? .max)
            return try Self.write(Self.request { $0.maxTokens = asked }, to: target).text
                == Self.body("", maxTokens: expected)
        }
        #expect(try bound(5, nil) && bound(5, 4) && bound(5, 6) && bound(nil, 7) && bound(nil, nil))
    }

    @Test("the version goes with the model") func versions() {
        let newer = [
            "claude-opus-4-7", "claude-sonnet-5", "us.anthropic.claude-opus-4-8-20261001-v1:0", "claude-opus-4.7",
        ]
        let older = [
            "claude-opus-4-5-20251101", "claude-3-5-sonnet-20241022", "claude-3-opus-latest", "gpt-oss-20b",
            "claude-sonnet-4-20250514", "claude-latest", "anthropic.claude-opus-4-6-v1:0",
        ]
        for model in newer { #expect(AnthropicRequestWriter.version(for: model) == "2026-10-21", "\(model)") }
        for model in older { #expect(AnthropicRequestWriter.version(for: model) == "2023-06-01", "\(model)") }
    }

    // MARK: Messages

    struct Talk: Sendable, CustomStringConvertible {
        var description: String
        var target = AnthropicRequestWriterTests.older
        var system: [Part] = []
        var messages: [ChatMessage]
        /// `system` and `messages` as they are written.
        var text: String
        var dropped: [String] = []
    }

    static func text(_ text: String) -> String { #"{"type":"text","text":"\#(text)"}"# }
    static let pdf = Media(type: "application/pdf", .base64("QQ=="))
    static let pdfText = #"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="}"#

    static let talks: [Talk] = [
        Talk(
            description: "system and later system messages go before the conversation",
            system: [.text("a"), .text(" ")],
            messages: [
                ChatMessage(.user, [.text("b")]), ChatMessage(.system, [Part(.text("c"), cache: .hour)]),
                ChatMessage(.user, [.text("d"), .text("")]),
            ],
            text:
                #""system":[\#(text("a")),{"type":"text","text":"c","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":[\#(text("b")),\#(text("d"))]}]"#
        ),
        Talk(
            description: "newer models take them at their place", target: newer,
            messages: [
                ChatMessage(.system, [.text("a")]), ChatMessage(.user, [.text("b")]),
                ChatMessage(.system, [.text("c")]),
                ChatMessage(.user, [.text("d")]),
            ],
            text:
                #""system":[\#(text("a"))],"messages":[{"role":"user","content":[\#(text("b"))]},{"role":"system","content":[\#(text("c"))]},{"role":"user","content":[\#(text("d"))]}]"#
        ),
        Talk(
            description: "calls, and their results before all else",
            messages: [
                ChatMessage(.user, [.text("a")]),
                ChatMessage(
                    .assistant,
                    [
                        Part(.reasoning(ReasoningText(text: "r", signature: "s"))),
                        Part(.reasoning(ReasoningText(text: "x"))),
                        Part(.reasoning(ReasoningText(text: "", redacted: "d"))),
                        Part(.toolCall(ToolCall(id: "c.1:a", name: "f", arguments: RawJSON(#"{"n":1.0}"#)))),
                        Part(.toolCall(ToolCall(id: "c2", name: "g", arguments: RawJSON(" "), signature: "gem"))),
                    ]),
                ChatMessage(.user, [Part(.toolResult(ToolResult(callID: "c.1:a", parts: [.text("ok")])))]),
                ChatMessage(.assistant, []),
                ChatMessage(
                    .user,
                    [
                        .text("b"),
                        Part(.toolResult(ToolResult(callID: "c2", parts: [.text("")], isError: true)), cache: .usual),
                    ]),
            ],
            text:
                #""messages":[{"role":"user","content":[\#(text("a"))]},{"role":"assistant","content":[{"type":"thinking","thinking":"r","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"tool_use","id":"c_1_a","name":"f","input":{"n":1.0}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c_1_a","content":[\#(text("ok"))]},{"type":"tool_result","tool_use_id":"c2","is_error":true,"cache_control":{"type":"ephemeral"}},\#(text("b"))]}]"#,
            dropped: ["reasoning", "tool_calls.signature"]),
        Talk(
            description: "images and documents",
            messages: [
                ChatMessage(
                    .user,
                    [
                        Part(.image(Media(type: "image/png", .base64("QQ==")), detail: "high")),
                        Part(.image(Media(type: nil, .url("https://x/y")), detail: "auto")),
                        Part(.document(pdf, title: "t")),
                        Part(.document(Media(type: "text/plain", .text("hi")), title: nil)),
                    ])
            ],
            text:
                #""messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}},{"type":"image","source":{"type":"url","url":"https://x/y"}},\#(pdfText),"title":"t"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"}},{"type":"text","text":"(document attached)"}]}]"#,
            dropped: ["detail"]),
        Talk(
            description: "a document with a text needs no other",
            messages: [ChatMessage(.user, [Part(.document(pdf, title: nil)), .text("a")])],
            text: #""messages":[{"role":"user","content":[\#(pdfText)},\#(text("a"))]}]"#),
        Talk(
            description: "a refusal is text, and the last message is trimmed",
            messages: [
                ChatMessage(.user, [.text("a")]), ChatMessage(.assistant, [Part(.refusal("no")), .text("b \n")]),
            ],
            text:
                #""messages":[{"role":"user","content":[\#(text("a"))]},{"role":"assistant","content":[\#(text("no")),\#(text("b"))]}]"#
        ),
        Talk(
            description: "the last four cache markers count",
            system: [Part(.text("1"), cache: .usual)],
            messages: [ChatMessage(.user, (2...6).map { Part(.text("\($0)"), cache: .usual) })],
            text:
                #""system":[\#(text("1"))],"messages":[{"role":"user","content":[\#(text("2")),\#((3...6).map { #"{"type":"text","text":"\#($0)","cache_control":{"type":"ephemeral"}}"# }.joined(separator: ","))]}]"#,
            dropped: ["cache_control"]),
    ]
    @Test("conversations", arguments: talks) func conversations(talk: Talk) throws {
        let request = Self.request {
            $0.system = talk.system
            $0.messages = talk.messages
        }
        let written = try Self.write(request, to: talk.target)
        #expect(written.text == #"{"model":"\#(talk.target.model)","max_tokens":5000,\#(talk.text)}"#)
        #expect(written.dropped == talk.dropped)
    }

    @Test("any JSON object can be asked for by an instruction") func jsonObject() throws {
        let written = try Self.write(Self.request { $0.format = .jsonObject })
        #expect(written.text.contains(#""system":[{"type":"text","text":"Answer with one JSON object"#))
    }

    struct Refusal: Sendable, CustomStringConvertible {
        var description: String { param }
        var param: String
        var isMistake = false
        var target = AnthropicRequestWriterTests.older
        var change: @Sendable (inout ChatRequest) -> Void
    }
    static func user(_ content: Part.Content) -> [ChatMessage] { [ChatMessage(.user, [Part(content)])] }
    static let refusals: [Refusal] = [
        Refusal(param: "n") { $0.choices = 2 }, Refusal(param: "logprobs") { $0.logprobs = true },
        Refusal(param: "top_logprobs") { $0.topLogprobs = 3 },
        Refusal(param: "logit_bias") { $0.logitBias = RawJSON(#"{"1":2}"#) },
        Refusal(param: "frequency_penalty") { $0.frequencyPenalty = JSONNumber("0.1") },
        Refusal(param: "presence_penalty") { $0.presencePenalty = JSONNumber("-1") },
        Refusal(param: "temperature") { $0.temperature = JSONNumber("1.1") },
        Refusal(param: "messages", isMistake: true) { $0.messages = [] },
        Refusal(param: "messages[0]") { $0.messages = [ChatMessage(.assistant, [.text("a")])] },
        Refusal(param: "messages[0].content") { $0.messages = user(.text(" \n")) },
        Refusal(param: "messages[0].content[0]") { $0.messages = user(.audio(Media(type: nil, .base64("")))) },
        Refusal(param: "messages[0].content[0]") {
            $0.messages = user(.image(Media(type: "image/tiff", .base64("")), detail: nil))
        },
        Refusal(param: "messages[0].content[0]") {
            $0.messages = user(.image(Media(type: nil, .url("http://x")), detail: nil))
        },
        Refusal(param: "messages[0].content[0]") {
            $0.messages = user(.image(Media(type: nil, .file("f")), detail: nil))
        },
        Refusal(param: "messages[0].content[0]") {
            $0.messages = user(.document(Media(type: "text/html", .base64("")), title: nil))
        },
        Refusal(param: "messages[0].content[0]", isMistake: true) {
            $0.messages = user(.toolCall(ToolCall(id: "a", name: "f", arguments: .emptyObject)))
        },
        Refusal(param: "messages[1].content[0]", isMistake: true) {
            $0.messages.append(
                ChatMessage(.assistant, [Part(.toolCall(ToolCall(id: "a", name: "f", arguments: RawJSON("[1]"))))]))
        },
        Refusal(param: "messages[1]", target: newer) { $0.messages.append(ChatMessage(.assistant, [.text("a")])) },
        Refusal(param: "system[0]") { $0.system = [Part(.image(Media(type: nil, .url("https://x")), detail: nil))] },
        Refusal(param: "tools[0].parameters", isMistake: true) {
            $0.tools = [ToolDefinition(name: "f", parameters: RawJSON("true"))]
        },
        Refusal(param: "tool_choice", isMistake: true) {
            $0.tools = [tool]; $0.toolChoice = .named("g")
        },
        Refusal(param: "tool_choice", isMistake: true) {
            $0.tools = [tool]; $0.allowedTools = ["g"]
        },
        Refusal(param: "response_format", target: TargetOptions(model: "claude-3-5-haiku-latest")) {
            $0.format = .jsonSchema(name: nil, description: nil, schema: .emptyObject, strict: nil)
        },
    ]
    @Test("what Anthropic cannot say is refused", arguments: refusals) func refuses(test: Refusal) {
        let error = #expect(throws: Untranslatable.self) {
            try Self.write(Self.request { test.change(&$0) }, to: test.target)
        }
        #expect(error?.param == test.param && error?.isMistake == test.isMistake)
    }
}
