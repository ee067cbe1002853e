import Testing
import WeirBase
import WeirMockScript
import WeirTestSupport

@testable import WeirMock

// A long file: its tables say what the mock takes.

/// What the mock lets pass and what it refuses, without a connection in between.
@Suite("Requests to the mock, judged as the providers do") struct MockRequestTests {
    private static func call(_ endpoint: Ask.Endpoint, model: String = "", version: String? = nil) -> Call {
        var call = Call(endpoint)
        call.model = model
        call.version = version
        return call
    }

    private func refusal(_ call: Call, _ body: String) -> Refusal? {
        let bytes = Array(body.utf8)
        do throws(Refusal) {
            _ = try call.read(bytes.span, defaults: Directive())
            return nil
        } catch { return error }
    }

    private func expect(_ call: Call, _ body: String, _ message: String?, _ place: SourceLocation = #_sourceLocation) {
        let refusal = refusal(call, body)
        guard let message else {
            #expect(refusal == nil, "\(refusal?.message ?? "") for \(body)", sourceLocation: place)
            return
        }
        #expect(refusal?.status == 400, "\(body)", sourceLocation: place)
        #expect(
            refusal?.message.contains(message) == true, "\(refusal?.message ?? "passed"): \(body)",
            sourceLocation: place)
    }

    // What most cases have in common, so that a line shows only what it is about.
    private static func asking(_ members: String) -> String {
        #""messages":[{"role":"user","content":"a"}],\#(members)"#
    }
    private static func blocks(_ blocks: String) -> String { #""messages":[{"role":"user","content":[\#(blocks)]}]"# }
    private static func answered(_ content: String) -> String {
        #""messages":[{"role":"user","content":"a"},{"role":"assistant","content":\#(content)}]"#
    }
    private static func saying(_ members: String) -> String { #""contents":[{"parts":[{"text":"a"}]}],\#(members)"# }
    private static func parts(_ parts: String) -> String { #""contents":[{"parts":[\#(parts)]}]"# }
    private static func conversing(_ members: String) -> String {
        #""messages":[{"role":"user","content":[{"text":"a"}]}],\#(members)"#
    }
    private static func content(_ blocks: String) -> String { #""messages":[{"role":"user","content":[\#(blocks)]}]"# }

    // MARK: Anthropic

    /// Members after `max_tokens`, and the beginning of what is refused; nil: it passes.
    static let anthropicCases: [(String, String?)] = [
        (#""messages":[{"role":"user","content":"hi"}]"#, nil),
        (blocks(#"{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}"#), nil),
        (#""messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]"#, nil),
        (#""messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}],"system":"s""#, nil),
        (#""messages":[]"#, "messages: at least one message is required"),
        (#""messages":"hi""#, "messages: Input should be a valid list"),
        (
            #""messages":[{"role":"tool","content":"hi"}]"#,
            "messages.0.role: Input should be 'user', 'assistant' or 'system'"
        ),
        (#""messages":[{"role":"assistant","content":"hi"}]"#, "first message must use the \"user\" role"),
        (#""messages":[{"role":"user","content":"hi","name":"x"}]"#, "messages.0.name: Extra inputs are not permitted"),
        (#""messages":[{"role":"user"}]"#, "messages.0.content: Field required"),
        (#""messages":[{"role":"user","content":""}]"#, "text content blocks must be non-empty"),
        (#""messages":[{"role":"user","content":"\n "}]"#, "must contain non-whitespace text"),
        (blocks(#""#), "all messages must have non-empty content"),
        (
            blocks(#"{"type":"text","text":"a","x":1}"#),
            "messages.0.content.0.text.x: Extra inputs are not permitted"
        ),
        (
            blocks(#"{"type":"image_url","image_url":"u"}"#),
            "messages.0.content.0: Input tag 'image_url' found using 'type'"
        ),
        (
            blocks(#"{"type":"image","source":{"type":"base64","media_type":"image/bmp","data":"AA=="}}"#),
            "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg'"
        ),
        (
            blocks(#"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a"}}"#),
            "a document must come with a text block"
        ),
        (
            blocks(#"{"type":"thinking","thinking":"a","signature":"b"}"#),
            "`thinking` blocks are not permitted in `user` messages"
        ),
        (
            answered(#"[{"type":"thinking","thinking":"a","signature":"b"}]"#),
            "messages.1.content.0: Invalid `signature` in `thinking` block"
        ),
        (
            answered(#""So: ""#),
            "cannot end with trailing whitespace"
        ),
        (asking(#""n":1"#), "n: Extra inputs are not permitted"),
        (asking(#""temperature":1.5"#), "temperature: Input should be less than or equal to 1"),
        (asking(#""stop_sequences":["a"," "]"#), "stop_sequences.1: each stop sequence"),
        (asking(#""tools":[{"name":"f"}]"#), "tools.0.custom.input_schema: Field required"),
        (
            asking(#""tools":[{"name":"f","input_schema":{}}]"#),
            "tools.0.custom.input_schema.type: Field required"
        ),
        (
            asking(#""tools":[{"name":"f.g","input_schema":{"type":"object"}}]"#),
            "tools.0.custom.name: String should match pattern"
        ),
        (
            asking(#""tools":[{"type":"function","function":{"name":"f"}}]"#),
            "tools.0: Input tag 'function'"
        ),
        (
            asking(#""tools":[{"type":"web_search_20250305","name":"web_search","max_uses":2}]"#),
            nil
        ),
        (asking(#""tool_choice":{"type":"auto"}"#), "only be specified while providing tools"),
        (
            asking(
                #""tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"g"}"#),
            "Tool 'g' not found in provided tools"
        ),
        (
            asking(
                #""tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"},"thinking":{"type":"adaptive"}"#
            ),
            "Thinking may not be enabled when tool_choice forces tool use"
        ),
        (asking(#""thinking":{"type":"enabled"}"#), "thinking.enabled.budget_tokens: Field required"),
        (
            asking(#""thinking":{"type":"enabled","budget_tokens":9000}"#),
            "`max_tokens` must be greater than `thinking.budget_tokens`"
        ),
    ]

    @Test("Anthropic", arguments: anthropicCases) func anthropic(members: String, message: String?) {
        let call = Self.call(.messages, version: "2023-06-01")
        expect(call, #"{"model":"claude-sonnet-4-6","max_tokens":4096,\#(members)}"#, message)
    }

    @Test("Anthropic: what a body must have, and which version it is of") func anthropicFrame() {
        let message = #""messages":[{"role":"user","content":"a"}]"#
        let old = Self.call(.messages, version: "2023-06-01")
        let new = Self.call(.messages, version: "2026-10-21")
        expect(old, #"{"model":"m",\#(message)}"#, "max_tokens: Field required")
        expect(old, #"{"max_tokens":9,\#(message)}"#, "model: Field required")
        expect(
            old, #"{"model":"m","max_tokens":0,\#(message)}"#, "max_tokens: Input should be greater than or equal to 1")
        expect(old, #"{"model":"m","max_tokens":9,\#(message)"#, "not valid JSON")
        expect(
            Self.call(.messages), #"{"model":"m","max_tokens":9,\#(message)}"#, "anthropic-version: header is required")
        expect(
            Self.call(.messages, version: "now"), #"{"model":"m","max_tokens":9,\#(message)}"#, "not a valid version")
        for name in ["temperature", "top_p", "top_k"] {
            let body = #"{"model":"m","max_tokens":9,\#(message),"\#(name)":1}"#
            expect(old, body, nil)
            expect(new, body, "\(name): not supported with anthropic-version 2026-10-21")
            let newest = #"{"model":"claude-opus-4-7","max_tokens":9,\#(message),"\#(name)":0}"#
            expect(old, newest, "\(name): not supported by this model")
        }
        let document = #"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a"}}"#
        let answer =
            #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[\#(document)]}]}"#
        expect(old, answer, nil)
        expect(new, answer, "`document` blocks are not permitted in `assistant` messages")
        let cited =
            #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a","citations":[{}]}]}]}"#
        expect(old, cited, nil)
        expect(new, cited, "`citations` are not permitted")
        var beta = old
        let managed = #"{"model":"m","max_tokens":9,\#(message),"context_management":{}}"#
        expect(beta, managed, "context_management: Extra inputs are not permitted")
        beta.isBeta = true
        expect(beta, managed, nil)
        expect(Self.call(.messageTokens, version: "2023-06-01"), #"{"model":"m",\#(message)}"#, nil)
        expect(
            Self.call(.messageTokens, version: "2023-06-01"), #"{"model":"m","max_tokens":9,\#(message)}"#,
            "max_tokens: Extra inputs are not permitted")
        let cached = Array(repeating: #"{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}"#, count: 5)
        expect(
            old,
            #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[\#(cached.joined(separator: ","))]}]}"#,
            "A maximum of 4 blocks with cache_control may be provided. Found 5.")
    }

    @Test("Anthropic: 32 MiB are the most") func anthropicSize() {
        let body = String(repeating: " ", count: 32 << 20) + "{}"
        let refusal = refusal(Self.call(.messages, version: "2023-06-01"), body)
        #expect(refusal?.status == 413)
    }

    /// The conversation after a user's question, and what is refused.
    static let toolTurns: [(String, String?)] = [
        ("u1 u2 | r1 r2 t", nil), ("u1 | r1", nil), ("u1 u2 | r2 r1", nil), ("t u1 | r1 | t", nil),
        ("u1 | t", "`tool_use` ids were found without `tool_result` blocks immediately after: a1"),
        ("u1", "`tool_use` ids were found without `tool_result` blocks immediately after: a1"),
        ("u1 u2 | r1", "immediately after: a2"),
        ("t | r1", "unexpected `tool_use_id` found in `tool_result` blocks: a1"),
        ("u1 | r1 r1", "multiple `tool_result` blocks with id: a1"), ("u1 | t r1", "must come before other blocks"),
        ("u1 u1 | r1", "ids must be unique"),
    ]

    @Test("Anthropic: every use has its result in the next message, first of all", arguments: toolTurns)
    func anthropicTools(turns: String, message: String?) {
        var messages = [#"{"role":"user","content":"a"}"#]
        for (index, turn) in turns.split(separator: "|").enumerated() {
            let blocks = turn.split(separator: " ").map { word in
                switch word.first {
                case "u": #"{"type":"tool_use","id":"a\#(word.dropFirst())","name":"f","input":{}}"#
                case "r": #"{"type":"tool_result","tool_use_id":"a\#(word.dropFirst())","content":"x"}"#
                default: #"{"type":"text","text":"x"}"#
                }
            }
            let role = index % 2 == 0 ? "assistant" : "user"
            messages.append(#"{"role":"\#(role)","content":[\#(blocks.joined(separator: ","))]}"#)
        }
        expect(
            Self.call(.messages, version: "2023-06-01"),
            #"{"model":"m","max_tokens":9,"messages":[\#(messages.joined(separator: ","))]}"#, message)
    }

    // MARK: Gemini

    static let geminiCases: [(String, String?)] = [
        (parts(#"{"text":"a"}"#), nil),
        (
            #""contents":[{"role":"user","parts":[{"text":"a"}]}],"generation_config":{"max_output_tokens":5,"topP":0.5}"#,
            nil
        ),
        (#""contents":[{"role":"user","parts":[{"text":"a"},{"text":"","thought_signature":"AAAA"}]}]"#, nil),
        (#""contents":[]"#, "contents is not specified"),
        (#""systemInstruction":{"parts":[]}"#, "contents is not specified"),
        (saying(#""max_tokens":5"#), "Unknown name \"max_tokens\": Cannot find field."),
        (
            parts(#"{"type":"text","text":"a"}"#),
            "Unknown name \"type\" at 'contents[0].parts[0]': Cannot find field."
        ),
        (parts(#"{}"#), "required oneof field 'data' must have one initialized field"),
        (parts(#"{"text":"a","inlineData":{"mimeType":"a/b","data":"AA=="}}"#), "oneof field 'data' is already set"),
        (#""contents":[{"role":"assistant","parts":[{"text":"a"}]}]"#, "Please use a valid role: user, model."),
        (parts(#"{"inlineData":{"mimeType":"image/png","data":"!?"}}"#), "Base64 decoding failed"),
        (saying(#""generationConfig":{"temperature":"hot"}"#), "(TYPE_FLOAT)"),
        (saying(#""generationConfig":{"temperature":3}"#), "must be at most 2"),
        (saying(#""generationConfig":{"stopSequences":["1","2","3","4","5","6"]}"#), "at most 5"),
        (
            saying(#""generationConfig":{"thinkingConfig":{"thinkingBudget":1,"thinkingLevel":"LOW"}}"#),
            "only one of thinking budget and thinking level"
        ),
        (
            saying(#""generationConfig":{"responseJsonSchema":{"type":"object"}}"#),
            "needs response_mime_type application/json"
        ),
        (
            saying(
                #""tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"oneOf":[]}}}}]}]"#
            ),
            "Unknown name \"oneOf\" at 'tools[0].function_declarations[0].parameters.properties[a]'"
        ),
        (
            saying(
                #""tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"oneOf":[],"$schema":"x"}}]}]"#),
            nil
        ),
        (saying(#""tools":[{"functionDeclarations":[{"name":"1f"}]}]"#), "Invalid function name"),
        (
            saying(#""toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":["f"]}}"#),
            "only when function calling mode is ANY"
        ),
        (
            #""contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]},"#
                + #"{"parts":[{"functionResponse":{"name":"f","response":"x"}}]}]"#, "(TYPE_MESSAGE)"
        ),
    ]

    @Test("Gemini", arguments: geminiCases) func gemini(members: String, message: String?) {
        expect(Self.call(.generate, model: "gemini-2.5-pro"), "{\(members)}", message)
    }

    /// The contents after a user's question: c a signed call, n an unsigned one, x one whose signature is wrong, r a response, t a text.
    static let functionTurns: [(String, String?)] = [
        ("c | r", nil), ("c c | r r", nil), ("c n | r r", nil), ("c | r | c | r", nil), ("n | r | t | t", nil),
        ("n | r", "missing a thought_signature"), ("c | r | n | r", "missing a thought_signature"),
        ("x | r", "Thought signature is not valid"), ("c | t", "number of function response parts is equal"),
        ("c | r r", "number of function response parts is equal"),
        ("t | r", "number of function response parts is equal"),
        ("c", "followed by a function response turn"),
    ]

    @Test("Gemini 3: calls bring their signatures back, and as many responses", arguments: functionTurns)
    func geminiTurns(turns: String, message: String?) {
        var contents = [#"{"role":"user","parts":[{"text":"a"}]}"#]
        for (index, turn) in turns.split(separator: "|").enumerated() {
            let parts = turn.split(separator: " ").map { word in
                let call = #""functionCall":{"name":"f","args":{"text":"b"}}"#
                return switch word {
                case "c": #"{\#(call),"thoughtSignature":"\#(ThoughtSignature.makeForCall(of: "f", text: "b"))"}"#
                case "x": #"{\#(call),"thoughtSignature":"AAAA"}"#
                case "n": #"{\#(call)}"#
                case "r": #"{"functionResponse":{"name":"f","response":{}}}"#
                default: #"{"text":"b"}"#
                }
            }
            contents.append(
                #"{"role":"\#(index % 2 == 0 ? "model" : "user")","parts":[\#(parts.joined(separator: ","))]}"#)
        }
        let body = #"{"contents":[\#(contents.joined(separator: ","))]}"#
        expect(Self.call(.generate, model: "gemini-3-pro"), body, message)
        let isSigned = message?.contains("ignature") == true
        expect(Self.call(.generate, model: "gemini-2.5-pro"), body, isSigned ? nil : message)
    }

    // MARK: Bedrock

    static let bedrockCases: [(String, String?)] = [
        (content(#"{"text":"a"}"#), nil),
        (
            #""messages":[{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}}]}],"system":[{"text":"s"}]"#,
            nil
        ),
        (
            #""messages":[{"role":"user","content":"a"}]"#,
            "'messages.0.content' failed to satisfy constraint: Member must be a list"
        ),
        (conversing(#""modelId":"m""#), "extraneous key [modelId] is not permitted"),
        (content(#"{"text":"a","image":{"format":"png","source":{"bytes":"AA=="}}}"#), "exactly one"),
        (#""messages":[{"role":"assistant","content":[{"text":"a"}]}]"#, "must start with a user message"),
        (#""messages":[]"#, "must start with a user message"),
        (
            #""messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"a"}]}]"#,
            "must alternate"
        ),
        (content(#"{"text":" "}"#), "The text field in the ContentBlock object at messages.0.content.0 is blank"),
        (content(#""#), "messages.0 is empty"),
        (conversing(#""system":[{"text":""}]"#), "SystemContentBlock object at system.0 is blank"),
        (conversing(#""inferenceConfig":{"maxTokens":0}"#), "greater than or equal to 1"),
        (conversing(#""toolConfig":{"tools":[]}"#), "length greater than or equal to 1"),
        (
            conversing(
                #""toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"","inputSchema":{"json":{"type":"object"}}}}]}"#
            ),
            "description' failed to satisfy constraint"
        ),
        (
            conversing(
                #""toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}],"toolChoice":{"none":{}}}"#
            ),
            "extraneous key [none]"
        ),
        (
            #""messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"1","name":"f","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"text":"x"}]}}]}]"#,
            "toolConfig field must be defined"
        ),
        (
            content(#"{"image":{"format":"png","source":{"bytes":"data:image/png;base64,AA=="}}}"#),
            "are not base64"
        ),
        (
            content(#"{"text":"a"},{"document":{"format":"pdf","name":"a_b.pdf","source":{"bytes":"AA=="}}}"#),
            "document file name"
        ),
        (
            #""messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"a","signature":"b"}}}]},{"role":"user","content":[{"text":"a"}]}]"#,
            "Invalid `signature`"
        ),
        (
            conversing(
                #""outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{"}}}}"#),
            "is not a JSON object"
        ),
        (
            conversing(
                #""additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2048}},"inferenceConfig":{"maxTokens":1024}"#
            ),
            "must be greater than"
        ),
    ]

    @Test("Bedrock", arguments: bedrockCases) func bedrock(members: String, message: String?) {
        expect(Self.call(.converse, model: "anthropic.m"), "{\(members)}", message)
    }

    // MARK: Whatever comes

    @Test("a damaged request is answered or refused, never more") func damage() {
        let calls: [(Call, String)] = [
            (
                Self.call(.messages, version: "2023-06-01"),
                #"{"model":"m","max_tokens":9,\#(Self.anthropicCases[1].0)}"#
            ),
            (Self.call(.generate, model: "gemini-3"), "{\(Self.geminiCases[1].0)}"),
            (Self.call(.converse, model: "m"), "{\(Self.bedrockCases[14].0)}"),
        ]
        let alphabet = Array(#"{}[]":,\u0 9-.eE"tfn"#.utf8) + [0, 0x80, 0xFF]
        for (call, body) in calls {
            let bytes = Array(body.utf8)
            for seed in UInt64(0)..<3_000 {
                var random = SplitMix(seed)
                var damaged = bytes
                for _ in 0...Int(random.next() % 4) {
                    let at = Int(random.next() % UInt64(damaged.count))
                    switch random.next() % 4 {
                    case 0: damaged[at] = alphabet[Int(random.next() % UInt64(alphabet.count))]
                    case 1: damaged.remove(at: at)
                    case 2: damaged.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: at)
                    default: damaged.insert(contentsOf: damaged[at..<min(damaged.count, at + 20)], at: at)
                    }
                }
                do throws(Refusal) {
                    let ask = try call.read(damaged.span, defaults: Directive())
                    var buffer = ByteBuffer()
                    ask.format.appendBody(AnswerNumber(1), to: &buffer)
                    #expect(buffer.count > 0)
                } catch {
                    #expect(error.status == 400 && !error.message.isEmpty)
                }
            }
        }
        let deep = String(repeating: #"{"a":["#, count: 100_000)
        for (call, _) in calls { #expect(refusal(call, deep)?.status == 400) }
    }

    private struct SplitMix {
        private var state: UInt64

        init(_ seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mix = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mix = (mix ^ (mix >> 27)) &* 0x94D0_49BB_1331_11EB
            return mix ^ (mix >> 31)
        }
    }
}
