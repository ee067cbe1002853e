import Testing
import WeirBase

@testable import WeirDialects

@Suite("OpenAI chat: requests from the form between dialects") struct OpenAIChatRequestWriterTests {
    static let openAI = TargetOptions(model: "gpt-5.1", maxOutput: 1_000)
    static let selfHosted = TargetOptions(model: "local", isSelfHosted: true)

    static func write(
        _ request: ChatRequest, to target: TargetOptions = openAI
    ) throws(Untranslatable) -> (body: String, dropped: [String]) {
        var notes = TranslationNotes()
        var out = ByteBuffer()
        try OpenAIChatRequestWriter.write(request, to: target, &notes, &out)
        return (out.text(), notes.dropped)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let target: TargetOptions
        let request: ChatRequest
        /// The conversation where it is not the usual one, and members behind it.
        let messages: String
        let rest: String
        let dropped: [String]

        init(
            _ what: String, target: TargetOptions = openAI, messages: String = #"{"role":"user","content":"Hi"}"#,
            rest: String = "", dropped: [String] = [], _ change: (inout ChatRequest) -> Void
        ) {
            testDescription = what
            self.target = target
            var request = ChatRequest()
            request.messages = [ChatMessage(.user, [.text("Hi")])]
            change(&request)
            self.request = request
            self.messages = messages
            self.rest = rest
            self.dropped = dropped
        }
    }

    private func check(_ test: Case) throws {
        let written = try Self.write(test.request, to: test.target)
        let rest = test.rest.isEmpty ? "" : "," + test.rest
        #expect(written.body == #"{"model":"\#(test.target.model)","messages":[\#(test.messages)]\#(rest)}"#)
        #expect(written.dropped == test.dropped)
    }

    // MARK: Options

    static let tool = ToolDefinition(
        name: "f", description: "does f", parameters: RawJSON(#"{"type":"object" ,"$schema":"x"}"#), strict: true)
    static let tools =
        #""tools":[{"type":"function","function":{"name":"f","description":"does f","#
        + #""parameters":{"type":"object" ,"$schema":"x"},"strict":true}}]"#
    static let closed =
        #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#

    static let options: [Case] = [
        Case("a text") { _ in },
        Case(
            "numbers keep their spelling",
            rest:
                #""max_completion_tokens":9,"temperature":0.70,"top_p":1.0,"seed":-12345678901234567890,"frequency_penalty":-0.5,"presence_penalty":0.5,"logit_bias":{"7": -1},"n":3,"logprobs":true,"top_logprobs":4,"stop":["x\n"]"#
        ) {
            $0.maxTokens = 9
            $0.temperature = JSONNumber("0.70")
            $0.topP = JSONNumber("1.0")
            $0.seed = JSONNumber("-12345678901234567890")
            $0.frequencyPenalty = JSONNumber("-0.5")
            $0.presencePenalty = JSONNumber("0.5")
            $0.logitBias = RawJSON(#"{"7": -1}"#)
            $0.choices = 3
            $0.logprobs = true
            $0.topLogprobs = 4
            $0.stop = ["x\n", ""]
        },
        Case("no more tokens than the model has", rest: #""max_completion_tokens":1000"#) { $0.maxTokens = 5_000 },
        Case("OpenAI has no top_k", dropped: ["top_k"]) { $0.topK = JSONNumber("40") },
        Case(
            "a server of one's own", target: selfHosted,
            rest: #""max_tokens":5000,"top_k":40,"stop":["1","2","3","4","5"]"#
        ) {
            $0.maxTokens = 5_000
            $0.topK = JSONNumber("40")
            $0.stop = ["1", "2", "3", "4", "5"]
        },
        Case("a stream always has its usage", rest: #""stream":true,"stream_options":{"include_usage":true}"#) {
            $0.stream = true
            $0.includeUsage = false
        },
        Case("hints that the dialect has", rest: #""verbosity":"low","user":"u\"","service_tier":"flex""#) {
            $0.verbosity = "low"
            $0.user = "u\""
            $0.serviceTier = "flex"
        },
        Case("tools", rest: tools) { $0.tools = [tool] },
        Case(
            "a tool with nothing but a name", rest: #""tools":[{"type":"function","function":{"name":"g"}}]"#,
            dropped: ["cache_control"]
        ) { $0.tools = [ToolDefinition(name: "g", cache: .hour)] },
        Case("tool choice auto", rest: tools + #","tool_choice":"auto","parallel_tool_calls":false"#) {
            $0.tools = [tool]
            $0.toolChoice = .auto
            $0.parallelToolCalls = false
        },
        Case("tool choice none", rest: tools + #","tool_choice":"none","parallel_tool_calls":true"#) {
            $0.tools = [tool]
            $0.toolChoice = ToolChoice.none
            $0.parallelToolCalls = true
        },
        Case("some of the tools", rest: tools + #","tool_choice":"required""#) {
            $0.tools = [tool, ToolDefinition(name: "g")]
            $0.allowedTools = ["f"]
            $0.toolChoice = .required
        },
        Case("a named tool", rest: tools + #","tool_choice":{"type":"function","function":{"name":"f"}}"#) {
            $0.tools = [tool]
            $0.toolChoice = .named("f")
        },
        Case("no tools, no choice") {
            $0.toolChoice = .auto
            $0.parallelToolCalls = false
        },
        Case("text", rest: #""response_format":{"type":"text"}"#) { $0.format = .text },
        Case("any JSON object", rest: #""response_format":{"type":"json_object"}"#) { $0.format = .jsonObject },
        Case(
            "a schema with a name is as strict as it says",
            rest:
                #""response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":\#(closed)}}"#
        ) { $0.format = .jsonSchema(name: "n", description: "d", schema: RawJSON(closed), strict: nil) },
        Case(
            "a schema without a name is strict if it can be",
            rest:
                #""response_format":{"type":"json_schema","json_schema":{"name":"response","schema":\#(closed),"strict":true}}"#
        ) { $0.format = .jsonSchema(name: nil, description: nil, schema: RawJSON(closed), strict: nil) },
        Case(
            "a schema without a name that cannot be strict",
            rest:
                #""response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"object"},"strict":false}}"#
        ) { $0.format = .jsonSchema(name: nil, description: nil, schema: RawJSON(#"{"type":"object"}"#), strict: nil) },
    ]
    @Test("options", arguments: options) func optionCases(test: Case) throws { try check(test) }

    static let schemas: [(String, Bool)] = [
        (closed, true), (#"{"type":"object","additionalProperties":false}"#, true), ("{}", false), ("[]", false),
        (#"{"type":"object"}"#, false), (#"{"type":"string"}"#, false),
        (#"{"type":"object","properties":{"a":{}},"additionalProperties":false}"#, false),
        (#"{"type":"object","properties":{"a":{}},"required":["a"]}"#, false),
        (
            #"{"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}"#,
            false
        ),
        (
            #"{"type":"object","properties":{"a":{"type":["object","null"],"additionalProperties":false}},"required":["a"],"additionalProperties":false}"#,
            true
        ),
        (
            ##"{"type":"object","properties":{"a":{"type":"array","items":\##(closed)},"b":{"anyOf":[\##(closed),{"type":"null"}]},"c":{"$ref":"#/$defs/d"}},"required":["c","b","a"],"additionalProperties":false,"$defs":{"d":\##(closed)}}"##,
            true
        ),
        (
            #"{"type":"object","properties":{"a":{"anyOf":[{"type":"object"}]}},"required":["a"],"additionalProperties":false}"#,
            false
        ),
        (
            #"{"type":"object","properties":{"a":{"items":{"type":"object"}}},"required":["a"],"additionalProperties":false}"#,
            false
        ),
        (#"{"type":"object","additionalProperties":false,"$defs":{"a":{"type":"object"}}}"#, false),
        (#"{"type":"object","additionalProperties":false,"allOf":[]}"#, false),
        (#"{"type":"object","additionalProperties":false,"anyOf":[\#(closed)]}"#, false),
        (#"{"type":"object","additionalProperties":false"#, false),
    ]
    @Test("which schemas are strict", arguments: schemas) func strict(schema: String, isStrict: Bool) {
        #expect(StrictSchema.accepts(RawJSON(schema)) == isStrict)
    }

    @Test("a schema of more levels than OpenAI takes is not strict") func deepSchema() {
        var schema = Self.closed
        for _ in 0..<400 {
            schema =
                #"{"type":"object","properties":{"a":"# + schema + #"},"required":["a"],"additionalProperties":false}"#
        }
        #expect(!StrictSchema.accepts(RawJSON(schema)))
    }

    /// The model, what was asked for, what is said, and what is noted.
    static let efforts: [(String, Reasoning, String?, [String])] = [
        ("gpt-5.1", Reasoning(), nil, []), ("gpt-5.1", Reasoning(isAdaptive: true), nil, []),
        ("gpt-5.1", Reasoning(effort: "none"), "none", []), ("gpt-5.2-pro", Reasoning(effort: "xhigh"), "xhigh", []),
        ("gpt-6", Reasoning(budget: 0), "none", []), ("gpt-5.1", Reasoning(effort: "high", budget: 0), "none", []),
        ("gpt-5.1", Reasoning(budget: 2_048), "low", []), ("gpt-5.1", Reasoning(budget: 8_192), "medium", []),
        ("gpt-5.1", Reasoning(budget: 8_193), "high", []),
        ("gpt-5.1", Reasoning(effort: "low", budget: 9_000), "low", []),
        ("gpt-5-mini", Reasoning(effort: "minimal"), "minimal", []),
        ("gpt-5", Reasoning(effort: "none"), "minimal", ["reasoning_effort"]),
        ("gpt-5", Reasoning(effort: "max"), "high", []), ("o3", Reasoning(effort: "minimal"), "low", []),
        ("o4-mini", Reasoning(budget: 0), "low", ["reasoning_effort"]), ("o1", Reasoning(effort: "xhigh"), "high", []),
        ("gpt-4o", Reasoning(effort: "high"), nil, ["reasoning_effort"]), ("gpt-4.1", Reasoning(budget: 0), nil, []),
        ("gpt-5-chat-latest", Reasoning(effort: "low"), nil, ["reasoning_effort"]),
        ("chatgpt-4o-latest", Reasoning(effort: "none"), nil, []),
        ("openai/gpt-5.1", Reasoning(effort: "none"), "none", []),
        ("my-deployment", Reasoning(effort: "none"), "none", []),
        ("my-deployment", Reasoning(budget: 0), nil, ["thinking"]),
        ("deepseek-chat", Reasoning(effort: "max"), "max", []), ("gpt-oss-120b", Reasoning(budget: 10), "low", []),
    ]
    @Test("reasoning in the words that a model knows", arguments: efforts)
    func effort(model: String, asked: Reasoning, said: String?, dropped: [String]) {
        var notes = TranslationNotes()
        #expect(OpenAIModel(named: model).effort(asked, &notes) == said)
        #expect(notes.dropped == dropped)
    }

    // MARK: Messages

    static func call(_ id: String, _ arguments: String = "{}", signature: String? = nil) -> Part {
        Part(.toolCall(ToolCall(id: id, name: "f", arguments: RawJSON(arguments), signature: signature)))
    }
    static func result(_ id: String, _ parts: [Part], isError: Bool = false) -> Part {
        Part(.toolResult(ToolResult(callID: id, parts: parts, isError: isError)))
    }
    static func written(call id: String, _ arguments: String = "{}") -> String {
        #"{"id":"\#(id)","type":"function","function":{"name":"f","arguments":"\#(arguments)"}}"#
    }
    static let png = Part(.image(Media(type: "image/png", .base64("QQ==")), detail: "low"))
    static let writtenPNG = #"{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}}"#

    static let conversations: [Case] = [
        Case(
            "instructions are one message, later ones stand at their place",
            messages:
                #"{"role":"system","content":"a\nb"},{"role":"user","content":"Hi"},{"role":"system","content":"c"}"#,
            dropped: ["cache_control"]
        ) {
            $0.system = [.text("a"), .text(""), Part(.text("b"), cache: .usual)]
            $0.messages.append(ChatMessage(.system, [.text("c")]))
            $0.messages.append(ChatMessage(.system, []))
        },
        Case(
            "parts of the user",
            messages:
                #"{"role":"user","content":[{"type":"text","text":"a"},\#(writtenPNG),{"type":"image_url","image_url":{"url":"https://x"}},{"type":"file","file":{"filename":"t.pdf","file_data":"data:application/pdf;base64,QQ=="}},{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,QQ=="}},{"type":"text","text":"d"},{"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}}]}"#,
            dropped: ["document.title"]
        ) {
            $0.messages = [
                ChatMessage(
                    .user,
                    [
                        .text("a"), .text(""), png, Part(.image(Media(type: nil, .url("https://x")), detail: nil)),
                        Part(.document(Media(type: "application/pdf", .base64("QQ==")), title: "t.pdf")),
                        Part(.document(Media(type: "application/pdf", .base64("QQ==")), title: nil)),
                        Part(.document(Media(type: "text/plain", .text("d")), title: "t")),
                        Part(.audio(Media(type: "audio/mpeg", .base64("QQ==")))),
                    ])
            ]
        },
        Case("an empty message of the user", messages: #"{"role":"user","content":""}"#) {
            $0.messages = [ChatMessage(.user, [])]
        },
        Case(
            "the assistant's texts, refusals and reasoning",
            messages:
                #"{"role":"assistant","content":"a"},{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},{"role":"assistant","content":"a","refusal":"no"}"#,
            dropped: ["reasoning"]
        ) {
            $0.messages = [
                ChatMessage(.assistant, [Part(.reasoning(ReasoningText(text: "r", signature: "s"))), .text("a")]),
                ChatMessage(.assistant, [.text("a"), .text("b")]), ChatMessage(.assistant, [Part(.refusal("no"))]),
                ChatMessage(.assistant, [.text("a"), Part(.refusal("no"))]), ChatMessage(.assistant, []),
                ChatMessage(.assistant, [Part(.reasoning(ReasoningText(text: "r")))]),
            ]
        },
        Case("a refusal is text to other models", target: selfHosted, messages: #"{"role":"assistant","content":"no"}"#)
        {
            $0.messages = [ChatMessage(.assistant, [Part(.refusal("no"))])]
        },
        Case(
            "calls, and results in their order before all else of the turn",
            messages:
                #"{"role":"assistant","content":null,"tool_calls":[\#(written(call: "c1", #"{\"a\": 1}"#)),\#(written(call: "c2"))]},{"role":"tool","tool_call_id":"c1","content":"Error: one"},{"role":"tool","tool_call_id":"c2","content":"t\nwo"},{"role":"user","content":[\#(writtenPNG),{"type":"text","text":"x"}]},{"role":"user","content":"y"}"#,
            dropped: ["tool_calls.signature", "cache_control"]
        ) {
            $0.messages = [
                ChatMessage(.assistant, [call("c1", #"{"a": 1}"#, signature: "s"), call("c2", " ")]),
                ChatMessage(
                    .user,
                    [
                        .text("x"), result("c2", [Part(.text("t"), cache: .usual), png, .text("wo")]),
                    ]),
                ChatMessage(.user, [result("c1", [.text("one")], isError: true), .text("y")]),
            ]
        },
        Case(
            "a result without text",
            messages:
                #"{"role":"assistant","content":null,"tool_calls":[\#(written(call: "a")),\#(written(call: "b"))]},{"role":"tool","tool_call_id":"a","content":"The result is in the next message."},{"role":"tool","tool_call_id":"b","content":""},{"role":"user","content":[\#(writtenPNG)]}"#
        ) {
            $0.messages = [
                ChatMessage(.assistant, [call("a"), call("b")]),
                ChatMessage(.user, [result("a", [png]), result("b", [])]),
            ]
        },
    ]
    @Test("conversations", arguments: conversations) func conversation(test: Case) throws { try check(test) }

    @Test("an id that is too long for OpenAI is the same in call and result, and another one is another") func ids()
        throws
    {
        let ids = ["x", "y"].map { String(repeating: "a", count: 40) + $0 }
        var request = ChatRequest()
        request.messages = [
            ChatMessage(.assistant, ids.map { Self.call($0) }),
            ChatMessage(.user, ids.reversed().map { Self.result($0, [.text($0)]) }),
        ]
        var notes = TranslationNotes()
        let body = Array(try Self.write(request).body.utf8)
        let read = try OpenAIChatRequestReader.read(body.span, &notes)
        var called: [String] = []
        for part in read.messages[0].parts { if case .toolCall(let call) = part.content { called.append(call.id) } }
        var answered: [String] = []
        for part in read.messages[1].parts {
            if case .toolResult(let result) = part.content { answered.append(result.callID) }
        }
        #expect(called == answered && Set(called).count == 2 && called.allSatisfy { $0.utf8.count <= 40 })
    }

    // MARK: What cannot be said

    static let refused: [(String, Bool, @Sendable (inout ChatRequest) -> Void)] = [
        ("messages", true, { $0.messages = [] }),
        ("stop", false, { $0.stop = ["1", "2", "3", "4", "5"] }),
        ("tool_choice", true, { $0.toolChoice = .required }),
        (
            "tool_choice", true,
            {
                $0.tools = [tool]
                $0.toolChoice = .named("g")
            }
        ),
        ("tool_choice", true, { $0.allowedTools = ["f"] }),
        ("system[0]", true, { $0.system = [png] }),
        ("messages[1].content[0]", true, { $0.messages.append(ChatMessage(.system, [png])) }),
        ("messages[1].content[0]", true, { $0.messages.append(ChatMessage(.assistant, [png])) }),
        ("messages[0].content[0]", true, { $0.messages = [ChatMessage(.user, [call("c")])] }),
        ("messages[0].content[0]", true, { $0.messages = [ChatMessage(.user, [Part(.refusal("x"))])] }),
        (
            "messages[0].content[1]", false,
            { $0.messages[0].parts.append(Part(.image(Media(type: nil, .file("f")), detail: nil))) }
        ),
        (
            "messages[0].content[1]", true,
            { $0.messages[0].parts.append(Part(.image(Media(type: nil, .text("f")), detail: nil))) }
        ),
        (
            "messages[0].content[1]", true,
            { $0.messages[0].parts.append(Part(.image(Media(type: nil, .base64("f")), detail: nil))) }
        ),
        (
            "messages[0].content[1]", false,
            { $0.messages[0].parts.append(Part(.document(Media(type: nil, .url("f")), title: nil))) }
        ),
        (
            "messages[0].content[1]", false,
            { $0.messages[0].parts.append(Part(.document(Media(type: nil, .file("f")), title: nil))) }
        ),
        (
            "messages[0].content[1]", false,
            { $0.messages[0].parts.append(Part(.audio(Media(type: "audio/ogg", .base64("f"))))) }
        ),
        ("messages[0].content[1]", false, { $0.messages[0].parts.append(Part(.audio(Media(type: nil, .url("f"))))) }),
    ]
    @Test("what cannot be said is refused and named", arguments: refused.indices) func refuses(index: Int) {
        let (param, isMistake, change) = Self.refused[index]
        var request = ChatRequest()
        request.messages = [ChatMessage(.user, [.text("Hi")])]
        change(&request)
        let error = #expect(throws: Untranslatable.self) { try Self.write(request) }
        #expect(error?.param == param && error?.isMistake == isMistake, "row \(index)")
    }
}
