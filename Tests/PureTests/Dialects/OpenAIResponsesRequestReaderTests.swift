import Testing
import WeirBase

@testable import WeirDialects

@Suite("OpenAI Responses surface: requests into the form between dialects") struct OpenAIResponsesRequestReaderTests {
    static func read(_ text: String) throws -> (request: ChatRequest, dropped: [String]) {
        var notes = TranslationNotes()
        let request = try OpenAIResponsesRequestReader.read(Array(text.utf8).span, &notes)
        return (request, notes.dropped)
    }

    /// A request with `members` and what every request must have.
    static func read(members: String, input: String = #""hi""#) throws -> (request: ChatRequest, dropped: [String]) {
        let members = members.isEmpty ? "" : "," + members
        return try read(#"{"model":"m","input":\#(input)\#(members)}"#)
    }

    static func parts(_ parts: String, role: String = "user") throws -> [Part] {
        try read(members: "", input: #"[{"role":"\#(role)","content":\#(parts)}]"#).request.messages[0].parts
    }

    @Test("all that a request says has its place") func everything() throws {
        let (request, dropped) = try Self.read(
            #"""
            {"model":"gpt","instructions":"be \u00e9","input":[{"role":"developer","content":"d"},{"type":"message","role":"user","content":"h"}],
            "max_output_tokens":100,"temperature":0.70,"top_p":1,"stream":true,"parallel_tool_calls":false,"store":false,"background":false,
            "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object" , "b":1.0},"strict":true},
            {"type":"function","name":"g","parameters":null,"strict":false}],"tool_choice":{"type":"function","name":"f"},
            "reasoning":{"effort":"high","summary":"auto"},"metadata":{"k": "v"},"user":"u","safety_identifier":"s","service_tier":"flex",
            "text":{"format":{"type":"json_schema","name":"n","schema":{"a": 1},"strict":true,"description":"x"},"verbosity":"low"},
            "include":["message.output_text.logprobs","reasoning.encrypted_content"],"top_logprobs":3,"truncation":"disabled",
            "stream_options":{"include_obfuscation":false},"previous_response_id":null,"prompt":null}
            """#)
        var wanted = ChatRequest()
        wanted.model = "gpt"
        wanted.system = [.text("be é"), .text("d")]
        wanted.messages = [ChatMessage(.user, [.text("h")])]
        wanted.maxTokens = 100
        wanted.temperature = JSONNumber("0.70")
        wanted.topP = JSONNumber("1")
        wanted.stream = true
        wanted.parallelToolCalls = false
        wanted.tools = [
            ToolDefinition(
                name: "f", description: "d", parameters: RawJSON(#"{"type":"object" , "b":1.0}"#), strict: true),
            ToolDefinition(name: "g", strict: false),
        ]
        wanted.toolChoice = .named("f")
        wanted.reasoning.effort = "high"
        wanted.user = "s"
        wanted.serviceTier = "flex"
        wanted.format = .jsonSchema(name: "n", description: "x", schema: RawJSON(#"{"a": 1}"#), strict: true)
        wanted.verbosity = "low"
        wanted.logprobs = true
        wanted.topLogprobs = 3
        var echo = ResponsesEcho()
        echo.instructions = "be é"
        echo.metadata = RawJSON(#"{"k": "v"}"#)
        echo.reasoningSummary = "auto"
        echo.safetyIdentifier = "s"
        echo.user = "u"
        echo.topLogprobs = 3
        wanted.echo = echo
        #expect(request == wanted)
        #expect(dropped.isEmpty)
    }

    static let contents: [(String, [Part])] = [
        (#""a\n""#, [.text("a\n")]), (#"[{"type":"input_text","text":"a"}]"#, [.text("a")]),
        (
            #"[{"type":"input_text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}},{"prompt_cache_breakpoint":{"ttl":"12h"},"text":"b","type":"input_text"}]"#,
            [Part(.text("a"), cache: .usual), Part(.text("b"), cache: .hour)]
        ),
        (
            #"[{"type":"input_image","image_url":"data:image/PNG;base64,QQ==","detail":"low"}]"#,
            [Part(.image(Media(type: "image/png", .base64("QQ==")), detail: "low"))]
        ),
        (
            #"[{"type":"input_image","image_url":"https://x/y","file_id":null}]"#,
            [Part(.image(Media(type: nil, .url("https://x/y")), detail: nil))]
        ),
        (
            #"[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;name=a;base64,QQ=="}]"#,
            [Part(.document(Media(type: "application/pdf", .base64("QQ==")), title: "a.pdf"))]
        ),
        (
            #"[{"type":"input_file","filename":"a.CSV","file_data":"QQ=="}]"#,
            [Part(.document(Media(type: "text/csv", .base64("QQ==")), title: "a.CSV"))]
        ),
        (
            #"[{"type":"input_file","file_url":"https://x/a"}]"#,
            [Part(.document(Media(type: "application/pdf", .url("https://x/a")), title: nil))]
        ),
        (
            #"[{"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]"#,
            [
                Part(.audio(Media(type: "audio/mpeg", .base64("QQ==")))),
                Part(.audio(Media(type: "audio/wav", .base64("QQ==")))),
            ]
        ),
        (
            #"[{"type":"output_text","text":"a","annotations":[{}],"logprobs":[]},{"type":"refusal","refusal":"no"}]"#,
            [.text("a"), Part(.refusal("no"))]
        ),
    ]
    @Test("contents of messages and of tools' results", arguments: contents)
    func contentCases(text: String, parts: [Part]) throws {
        #expect(try Self.parts(text) == parts)
        #expect(try Self.parts(text, role: "assistant") == parts)
        let result = try Self.read(
            members: "", input: #"[{"type":"function_call_output","call_id":"c","output":\#(text)}]"#)
        #expect(
            result.request.messages == [
                ChatMessage(.user, [Part(.toolResult(ToolResult(callID: "c", parts: parts)))])
            ])
    }

    private static let signed = ReasoningSeal.signature("s==").text
    private static let redacted = ReasoningSeal.redacted("d").text
    private static let forCall = ReasoningSeal.call(id: "c1", signature: "g").text
    private static func call(_ id: String, _ arguments: String = "{}") -> String {
        #"{"type":"function_call","call_id":"\#(id)","name":"f","arguments":"\#(arguments)","id":"fc_1","status":"completed"}"#
    }
    private static func result(_ id: String) -> String {
        #"{"type":"function_call_output","call_id":"\#(id)","output":"o"}"#
    }
    private static func answer(_ text: String) -> String {
        #"{"type":"message","role":"assistant","id":"msg_1","content":[{"type":"output_text","text":"\#(text)"}]}"#
    }
    private static func reasoning(_ seal: String, _ summary: String = "") -> String {
        let parts = summary.isEmpty ? "" : #"{"type":"summary_text","text":"\#(summary)"}"#
        return #"{"type":"reasoning","id":"rs_1","summary":[\#(parts)],"encrypted_content":"\#(seal)"}"#
    }
    private static func part(_ id: String, _ arguments: String = "{}", signature: String? = nil) -> Part {
        Part(.toolCall(ToolCall(id: id, name: "f", arguments: RawJSON(arguments), signature: signature)))
    }
    private static func resultPart(_ id: String) -> Part {
        Part(.toolResult(ToolResult(callID: id, parts: [.text("o")])))
    }

    static let conversations: [([String], [ChatMessage])] = [
        ([answer("a"), answer("b")], [ChatMessage(.assistant, [.text("a")]), ChatMessage(.assistant, [.text("b")])]),
        (
            [answer("a"), call("c1"), call("c2"), result("c1"), result("c2"), #"{"role":"user","content":"u"}"#],
            [
                ChatMessage(.assistant, [.text("a"), part("c1"), part("c2")]),
                ChatMessage(.user, [resultPart("c1"), resultPart("c2")]), ChatMessage(.user, [.text("u")]),
            ]
        ),
        (
            [call("c1"), result("c1"), call("c2"), result("c2")],
            [
                ChatMessage(.assistant, [part("c1")]), ChatMessage(.user, [resultPart("c1")]),
                ChatMessage(.assistant, [part("c2")]), ChatMessage(.user, [resultPart("c2")]),
            ]
        ),
        ([call("c1"), answer("a")], [ChatMessage(.assistant, [part("c1"), .text("a")])]),
        (
            [reasoning(signed, "hm"), reasoning(redacted), answer("a"), call("c1", #"{\"a\": 1}"#)],
            [
                ChatMessage(
                    .assistant,
                    [
                        Part(.reasoning(ReasoningText(text: "hm", signature: "s=="))),
                        Part(.reasoning(ReasoningText(text: "", redacted: "d"))), .text("a"),
                        part("c1", #"{"a": 1}"#),
                    ])
            ]
        ),
        (
            [reasoning(forCall), call("c2", " "), call("c1", "")],
            [ChatMessage(.assistant, [part("c2"), part("c1", signature: "g")])]
        ),
        (
            [#"{"role":"system","content":"s"}"#, answer("a"), #"{"role":"developer","content":"later"}"#],
            [ChatMessage(.assistant, [.text("a")]), ChatMessage(.system, [.text("later")])]
        ),
    ]
    @Test("items become turns", arguments: conversations)
    func itemCases(items: [String], messages: [ChatMessage]) throws {
        let read = try Self.read(members: "", input: "[" + items.joined(separator: ",") + "]")
        #expect(read.request.messages == messages && read.dropped.isEmpty)
    }

    @Test("what a sealed answer said reaches the provider that made it") func sealedToAnthropic() throws {
        let items = [
            #"{"role":"user","content":"q"}"#, Self.reasoning(Self.signed, "hm"), Self.call("c1"), Self.result("c1"),
        ]
        let request = try Self.read(members: "", input: "[" + items.joined(separator: ",") + "]").request
        var notes = TranslationNotes()
        var out = ByteBuffer()
        try AnthropicRequestWriter.write(request, to: TargetOptions(model: "claude-opus-4-5"), &notes, &out)
        let body = out.text()
        #expect(body.contains(#"{"type":"thinking","thinking":"hm","signature":"s=="},{"type":"tool_use","id":"c1""#))
        #expect(notes.dropped.isEmpty)
    }

    @Test("reasoning that others have encrypted is dropped and named") func foreignReasoning() throws {
        let items = [Self.reasoning("gAAAA", "hm"), #"{"type":"reasoning","summary":[],"encrypted_content":null}"#]
        let read = try Self.read(members: "", input: "[" + (items + [Self.answer("a")]).joined(separator: ",") + "]")
        #expect(read.request.messages == [ChatMessage(.assistant, [.text("a")])])
        #expect(read.dropped == ["input.reasoning"])
    }

    static let options: [(String, @Sendable (ChatRequest) -> Bool)] = [
        (#""tool_choice":"auto""#, { $0.toolChoice == .auto }),
        (#""tool_choice":"none""#, { $0.toolChoice == .some(.none) }),
        (#""tool_choice":"required""#, { $0.toolChoice == .required }),
        (
            #""tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]}"#,
            { $0.toolChoice == .required && $0.allowedTools == ["f"] }
        ),
        (#""text":{"format":{"type":"text"}}"#, { $0.format == .text && $0.verbosity == nil }),
        (#""text":{"format":{"type":"json_object"}}"#, { $0.format == .jsonObject }),
        (#""user":"u""#, { $0.user == "u" }), (#""instructions":"i""#, { $0.system == [.text("i")] }),
        (#""include":["message.output_text.logprobs"]"#, { $0.logprobs && $0.topLogprobs == nil }),
        (
            #""stream":false,"temperature":null,"tools":null,"text":null,"metadata":null"#,
            { $0.echo == ResponsesEcho() }
        ),
        (#""tools":[{"type":"function","name":"f"}]"#, { $0.tools == [ToolDefinition(name: "f")] }),
        (
            #""tools":[{"type":"function","name":"f"}],"tools":[{"type":"function","name":"g"}]"#,
            { $0.tools == [ToolDefinition(name: "g")] }
        ),
    ]
    @Test("options", arguments: options.indices) func optionCases(index: Int) throws {
        let (members, holds) = Self.options[index]
        let read = try Self.read(members: members)
        #expect(holds(read.request) && read.dropped.isEmpty, "\(members)")
    }

    static let hints: [(String, [String])] = [
        (#""store":true,"truncation":"auto","prompt_cache_key":"k""#, ["store", "truncation", "prompt_cache_key"]),
        (#""include":["file_search_call.results","x"]"#, ["include"]), (#""top_logprobs":2"#, ["top_logprobs"]),
        (#""top_logprobs":0"#, []),
        (#""stream_options":{"include_obfuscation":true}"#, ["stream_options.include_obfuscation"]),
        (#""moderation":{},"new_member":1"#, ["moderation", "new_member"]),
        (#""a\r\nx: y":1"#, ["?"]),
        (#""a_member_that_is_longer_than_any_name_of_theirs":1"#, ["?"]),
        (#""reasoning":{"context":"x"},"text":{"y":1}"#, ["reasoning.context", "text.y"]),
        (#""tools":[{"type":"function","name":"f","defer_loading":true}]"#, ["tools.defer_loading"]),
    ]
    @Test("hints are dropped and named", arguments: hints) func dropsHints(members: String, dropped: [String]) throws {
        #expect(try Self.read(members: members).dropped == dropped)
    }

    @Test("names of items and parts that are dropped") func dropsInside() throws {
        let read = try Self.read(
            members: "",
            input: #"[{"role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"a","x":1}]}]"#)
        #expect(read.dropped == ["input.phase", "input.content.x"])
    }

    /// Members, the param at fault, and whether the request is wrong everywhere.
    static let refused: [(String, String, Bool)] = [
        (#""previous_response_id":"resp_1""#, "previous_response_id", false),
        (#""conversation":{"id":"c"}"#, "conversation", false), (#""prompt":{"id":"p"}"#, "prompt", false),
        (#""context_management":[]"#, "context_management", false), (#""max_tool_calls":3"#, "max_tool_calls", false),
        (#""background":true"#, "background", false), (#""tools":[{"type":"web_search","name":1}]"#, "tools[0]", false),
        (#""tools":[{"type":"function","name":"f"},{"type":"custom","name":"c"}]"#, "tools[1]", false),
        (#""tool_choice":{"type":"custom","name":"c"}"#, "tool_choice", false),
        (
            #""tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"mcp","server_label":"x"}]}"#,
            "tool_choice.tools", false
        ),
        (#""background":1"#, "background", true), (#""instructions":[]"#, "instructions", true),
        (#""max_output_tokens":-1"#, "max_output_tokens", true),
        (#""max_output_tokens":1.5"#, "max_output_tokens", true),
        (#""metadata":[]"#, "metadata", true), (#""parallel_tool_calls":"no""#, "parallel_tool_calls", true),
        (#""temperature":"1""#, "temperature", true), (#""top_p":{}"#, "top_p", true), (#""stream":1"#, "stream", true),
        (#""top_logprobs":"1""#, "top_logprobs", true), (#""include":"x""#, "include", true),
        (#""include":[1]"#, "include", true), (#""tools":{}"#, "tools", true), (#""tools":[1]"#, "tools[0]", true),
        (#""tools":[{"name":"f"}]"#, "tools[0].type", true), (#""tools":[{"type":"function"}]"#, "tools[0].name", true),
        (#""tools":[{"type":"function","name":"f","parameters":[]}]"#, "tools[0].parameters", true),
        (#""tools":[{"type":"function","name":"f","strict":1}]"#, "tools[0].strict", true),
        (#""tool_choice":"any""#, "tool_choice", true), (#""tool_choice":1"#, "tool_choice", true),
        (#""tool_choice":{}"#, "tool_choice.type", true),
        (#""tool_choice":{"type":"function"}"#, "tool_choice.name", true),
        (#""tool_choice":{"type":"allowed_tools","mode":"x","tools":[]}"#, "tool_choice.mode", true),
        (#""tool_choice":{"type":"allowed_tools","mode":"auto"}"#, "tool_choice.tools", true),
        (#""reasoning":1"#, "reasoning", true), (#""reasoning":{"effort":1}"#, "reasoning.effort", true),
        (#""text":{"format":{"type":"json_schema","schema":{}}}"#, "text.format.name", true),
        (#""text":{"format":{"type":"json_schema","name":"n"}}"#, "text.format.schema", true),
        (#""text":{"format":{"type":"grammar"}}"#, "text.format.type", true),
        (#""text":{"format":1}"#, "text.format", true),
        (#""truncation":1"#, "truncation", true), (#""input":"again""#, "input", true),
        (#""service_tier":1"#, "service_tier", true), (#""user":1"#, "user", true),
    ]
    @Test("what cannot cross is refused and named", arguments: refused)
    func refuses(members: String, param: String, isMistake: Bool) throws {
        let error = #expect(throws: Untranslatable.self) { try Self.read(members: members) }
        #expect(error?.param == param && error?.isMistake == isMistake)
    }

    static let refusedInput: [(String, String, Bool)] = [
        (#"[{"type":"item_reference","id":"msg_1"}]"#, "input[0]", false), (#"[{"id":"msg_1"}]"#, "input[0]", false),
        (
            #"[{"role":"user","content":"a"},{"type":"computer_call_output","call_id":"c","output":{"type":"x"}}]"#,
            "input[1]", false
        ),
        (#"[{"type":"custom_tool_call","call_id":"c","name":"n","input":"x"}]"#, "input[0]", false),
        (#"[{"type":"web_search_call","id":"w","action":{}}]"#, "input[0]", false),
        (#"[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]"#, "input[0].content[0].file_id", false),
        (#"[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]"#, "input[0].content[0].file_id", false),
        (#"[{"role":"user","content":[{"type":"x"}]}]"#, "input[0].content[0]", false),
        (#"[{"role":"user","content":[{"text":"x"}]}]"#, "input[0].content[0].type", true),
        (#"[{"role":"user","content":[{"type":"input_text"}]}]"#, "input[0].content[0].text", true),
        (#"[{"role":"assistant","content":[{"type":"refusal"}]}]"#, "input[0].content[0].refusal", true),
        (#"[{"role":"user","content":[{"type":"input_image"}]}]"#, "input[0].content[0].image_url", true),
        (
            #"[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png,x"}]}]"#,
            "input[0].content[0].image_url", true
        ),
        (#"[{"role":"user","content":[{"type":"input_file"}]}]"#, "input[0].content[0].file_data", true),
        (
            #"[{"role":"user","content":[{"type":"input_file","file_data":"data:;base64,QQ=="}]}]"#,
            "input[0].content[0].file_data", true
        ),
        (
            #"[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"x"}}]}]"#,
            "input[0].content[0].input_audio", true
        ),
        (#"[{"role":"user","content":["a"]}]"#, "input[0].content[0]", true),
        (#"[{"role":"user","content":1}]"#, "input[0].content", true),
        (#"[{"role":"user"}]"#, "input[0].content", true),
        (#"[{"role":"tool","content":"a"}]"#, "input[0].role", true), (#"[{"content":"a"}]"#, "input[0].role", true),
        (#"["a"]"#, "input[0]", true), ("1", "input", true), ("null", "input", true), ("[]", "input", true),
        (#"[{"type":"function_call","call_id":"c","name":"f"}]"#, "input[0]", true),
        (#"[{"type":"function_call","call_id":"c","name":"f","arguments":"[]"}]"#, "input[0].arguments", true),
        (#"[{"type":"function_call","call_id":"c","name":"f","arguments":"{"}]"#, "input[0].arguments", true),
        (#"[{"type":"function_call_output","output":"o"}]"#, "input[0].call_id", true),
        (#"[{"type":"function_call_output","call_id":"c"}]"#, "input[0].output", true),
        (
            #"[{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","file_id":"f"}]}]"#,
            "input[0].output[0].file_id", false
        ),
    ]
    @Test("items that cannot cross are refused by their place", arguments: refusedInput)
    func refusesInput(input: String, param: String, isMistake: Bool) throws {
        let error = #expect(throws: Untranslatable.self) { try Self.read(members: "", input: input) }
        #expect(error?.param == param && error?.isMistake == isMistake)
    }

    @Test(
        "bodies that are none",
        arguments: [("[]", "body"), ("{", "body"), ("", "body"), ("{}", "model"), (#"{"model":"m"}"#, "input")])
    func bodies(body: String, param: String) throws {
        let error = #expect(throws: Untranslatable.self) { try Self.read(body) }
        #expect(error?.param == param && error?.isMistake == true)
    }

    static let schemas: [(String, Bool)] = [
        (
            #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
            true
        ),
        (#"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#, true),
        (#"{"additionalProperties":false,"type":["object","null"]}"#, false),
        (#"{"type":"object","properties":{"a":{}},"required":["a"]}"#, false),
        (#"{"type":"object","properties":{"a":{},"b":{}},"required":["a"],"additionalProperties":false}"#, false),
        (#"{"properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}"#, false),
        (#"{"type":"array","items":{"type":"object"}}"#, false), (#"{"anyOf":[{"type":"object"}]}"#, false),
        (##"{"$defs":{"x":{"type":"object"}},"$ref":"#/$defs/x"}"##, false), (#"{"oneOf":[]}"#, false),
        (#"{"type":"string","enum":["object"]}"#, false), ("[]", false), ("", false),
        (String(repeating: #"{"items":"#, count: 100) + "{}" + String(repeating: "}", count: 100), false),
    ]
    @Test("a tool is strict where nothing is said and its schema can be", arguments: schemas)
    func strictSchemas(schema: String, isStrict: Bool) throws {
        #expect(StrictSchema.accepts(RawJSON(schema)) == isStrict)
        guard schema.hasPrefix("{") else { return }
        for (said, wanted) in [("", isStrict ? true : nil), (#","strict":false"#, false), (#","strict":true"#, true)] {
            let tools = #""tools":[{"type":"function","name":"f","parameters":\#(schema)\#(said)}]"#
            #expect(try Self.read(members: tools).request.tools[0].strict == wanted)
        }
    }

    static let seals: [ReasoningSeal] = [
        .signature("a.b"), .redacted(""), .redacted("é.😀"), .call(id: "c.1", signature: "3.x"),
        .call(id: "é", signature: "s"),
    ]
    @Test("a seal opens as what was sealed", arguments: seals) func sealCases(seal: ReasoningSeal) {
        #expect(ReasoningSeal(seal.text) == seal)
    }

    @Test(
        "what is no seal of ours stays shut",
        arguments: [
            "", "gAAAAAB", "weir1", "weir1.", "weir1.s", "weir1.x.a", "weir1.c.", "weir1.c.1", "weir1.c.0.a",
            "weir1.c.-1.a",
            "weir1.c.9.a", "weir1.c.1.éa", "weir1.c.1.a", "weir1.c.99999999999999999999.a",
        ])
    func foreignSeals(text: String) { #expect(ReasoningSeal(text) == nil) }

    @Test("of many names that are dropped the first are noted") func noteLimit() throws {
        let members = (0..<1_000).map { #""x\#($0)":1"# }.joined(separator: ",")
        #expect(try Self.read(members: members).dropped == (0..<TranslationNotes.limit).map { "x\($0)" })
    }
}
