import Testing
import WeirBase
import WeirDialects

@Suite("Anthropic surface: requests into the form between dialects") struct AnthropicRequestReaderTests {
    static func read(_ text: String) throws -> (request: ChatRequest, dropped: [String]) {
        var notes = TranslationNotes()
        let request = try AnthropicRequestReader.read(Array(text.utf8).span, &notes)
        return (request, notes.dropped)
    }

    /// A request with `members` and what every request must have.
    static func read(members: String, messages: String = #"[{"role":"user","content":"hi"}]"#) throws -> (
        request: ChatRequest, dropped: [String]
    ) {
        let members = members.isEmpty ? "" : "," + members
        return try read(#"{"model":"m","max_tokens":9,"messages":\#(messages)\#(members)}"#)
    }

    static func parts(_ blocks: String, role: String = "user") throws -> (parts: [Part], dropped: [String]) {
        let read = try read(members: "", messages: #"[{"role":"\#(role)","content":\#(blocks)}]"#)
        return (read.request.messages[0].parts, read.dropped)
    }

    @Test("all that a request says has its place") func everything() throws {
        let (request, dropped) = try Self.read(
            #"""
            {"model":"claude","max_tokens":100,"stream":true,"system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},
            {"type":"text","text":"b"}],"messages":[{"role":"user","content":"h\u00e9"},{"content":[{"type":"text","text":"x"}],"role":"assistant"},
            {"role":"system","content":"later"}],"temperature":0.70,"top_p":1,"top_k":40,"stop_sequences":["A","\n\n"],
            "tools":[{"name":"f","description":"d","input_schema":{"type":"object" , "b":1.0},"strict":true,"cache_control":{"type":"ephemeral"}},
            {"type":"custom","name":"g","input_schema":{}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
            "thinking":{"type":"enabled","budget_tokens":2048},"output_config":{"effort":"xhigh","format":{"type":"json_schema","schema":{"a": 1}}},
            "metadata":{"user_id":"u"},"service_tier":"standard_only"}
            """#)
        var wanted = ChatRequest()
        wanted.model = "claude"
        wanted.maxTokens = 100
        wanted.stream = true
        wanted.system = [Part(.text("a"), cache: .hour), .text("b")]
        wanted.messages = [
            ChatMessage(.user, [.text("hé")]), ChatMessage(.assistant, [.text("x")]),
            ChatMessage(.system, [.text("later")]),
        ]
        wanted.temperature = JSONNumber("0.70")
        wanted.topP = JSONNumber("1")
        wanted.topK = JSONNumber("40")
        wanted.stop = ["A", "\n\n"]
        wanted.tools = [
            ToolDefinition(
                name: "f", description: "d", parameters: RawJSON(#"{"type":"object" , "b":1.0}"#), strict: true,
                cache: .usual),
            ToolDefinition(name: "g", parameters: .emptyObject),
        ]
        wanted.toolChoice = .named("f")
        wanted.parallelToolCalls = false
        wanted.reasoning = Reasoning(effort: "xhigh", budget: 2048)
        wanted.format = .jsonSchema(name: nil, description: nil, schema: RawJSON(#"{"a": 1}"#), strict: nil)
        wanted.user = "u"
        wanted.serviceTier = "default"
        #expect(request == wanted)
        #expect(dropped.isEmpty)
    }

    static let blocks: [(String, [Part])] = [
        (#"[{"type":"text","text":"a"}]"#, [.text("a")]),
        (
            #"[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}}]"#,
            [Part(.image(Media(type: "image/png", .base64("QQ==")), detail: nil))]
        ),
        (
            #"[{"type":"image","source":{"type":"url","url":"https://x/y"}}]"#,
            [Part(.image(Media(type: nil, .url("https://x/y")), detail: nil))]
        ),
        (
            #"[{"type":"document","title":"t","context":"c","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="}}]"#,
            [.text("c"), Part(.document(Media(type: "application/pdf", .base64("QQ==")), title: "t"))]
        ),
        (
            #"[{"type":"document","citations":{"enabled":false},"source":{"type":"text","media_type":"text/plain","data":"hi"}}]"#,
            [Part(.document(Media(type: "text/plain", .text("hi")), title: nil))]
        ),
        (
            #"[{"type":"document","source":{"type":"url","url":"https://x/y.pdf"}}]"#,
            [Part(.document(Media(type: "application/pdf", .url("https://x/y.pdf")), title: nil))]
        ),
        (
            #"[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]"#,
            [Part(.document(Media(type: "text/plain", .text("a\nb")), title: nil))]
        ),
        (
            #"[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]"#,
            [Part(.toolResult(ToolResult(callID: "t1", parts: [.text("ok")])))]
        ),
        (
            #"[{"type":"tool_result","tool_use_id":"t1","is_error":true,"cache_control":{"type":"ephemeral"}}]"#,
            [Part(.toolResult(ToolResult(callID: "t1", parts: [], isError: true)), cache: .usual)]
        ),
        (
            #"[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"https://x"}}]}]"#,
            [
                Part(
                    .toolResult(
                        ToolResult(
                            callID: "t1",
                            parts: [.text("a"), Part(.image(Media(type: nil, .url("https://x")), detail: nil))])))
            ]
        ),
    ]
    @Test("blocks of the user", arguments: blocks) func userBlocks(text: String, parts: [Part]) throws {
        let read = try Self.parts(text)
        #expect(read.parts == parts && read.dropped.isEmpty)
    }

    @Test("blocks of the assistant") func assistantBlocks() throws {
        let read = try Self.parts(
            #"[{"type":"thinking","thinking":"hm","signature":"s=="},{"type":"thinking","thinking":"hm","signature":""},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a","citations":[{"x":1}]},{"type":"tool_use","id":"t","name":"f","input":{"n": 12345678901234567890}}]"#,
            role: "assistant")
        #expect(
            read.parts == [
                Part(.reasoning(ReasoningText(text: "hm", signature: "s=="))),
                Part(.reasoning(ReasoningText(text: "hm"))),
                Part(.reasoning(ReasoningText(text: "", redacted: "d"))), .text("a"),
                Part(
                    .toolCall(ToolCall(id: "t", name: "f", arguments: RawJSON(#"{"n": 12345678901234567890}"#)))),
            ])
        #expect(read.dropped == ["citations"])
    }

    static let options: [(String, @Sendable (ChatRequest) -> Bool)] = [
        (#""tool_choice":{"type":"auto"}"#, { $0.toolChoice == .auto && $0.parallelToolCalls == nil }),
        (#""tool_choice":{"type":"any"}"#, { $0.toolChoice == .required }),
        (#""tool_choice":{"type":"none"}"#, { $0.toolChoice == .some(.none) }),
        (#""tool_choice":{"type":"auto","disable_parallel_tool_use":false}"#, { $0.parallelToolCalls == true }),
        (#""thinking":{"type":"disabled"}"#, { $0.reasoning == Reasoning(budget: 0) }),
        (#""thinking":{"type":"adaptive"}"#, { $0.reasoning == Reasoning(isAdaptive: true) }),
        (#""service_tier":"auto""#, { $0.serviceTier == "auto" }),
        (#""speed":"fast","service_tier":"auto""#, { $0.serviceTier == "priority" }),
        (#""speed":"standard""#, { $0.serviceTier == nil }),
        (#""system":"s""#, { $0.system == [.text("s")] }),
        (#""system":null,"temperature":null,"tools":null,"stop_sequences":null"#, { $0.system.isEmpty }),
    ]
    @Test("options", arguments: options.indices) func optionCases(index: Int) throws {
        let (members, holds) = Self.options[index]
        #expect(holds(try Self.read(members: members).request), "\(members)")
    }

    static let hints: [(String, [String])] = [
        (#""cache_control":{"type":"ephemeral"}"#, ["cache_control"]),
        (#""thinking":{"type":"adaptive","display":"omitted"}"#, ["thinking.display"]),
        (
            #""tools":[{"name":"f","input_schema":{},"input_examples":[],"defer_loading":true}]"#,
            ["tools.input_examples", "tools.defer_loading"]
        ),
        (#""diagnostics":{},"user_profile_id":"x","new_member":1"#, ["diagnostics", "user_profile_id", "new_member"]),
        (#""metadata":{"user_id":"u","x":1}"#, ["metadata.x"]),
    ]
    @Test("hints are dropped and named", arguments: hints) func dropsHints(members: String, dropped: [String]) throws {
        #expect(try Self.read(members: members).dropped == dropped)
    }

    /// Members, the param at fault, and whether the request is wrong everywhere.
    static let refused: [(String, String, Bool)] = [
        (#""container":"c""#, "container", false), (#""mcp_servers":[]"#, "mcp_servers", false),
        (#""context_management":{}"#, "context_management", false), (#""compaction":{}"#, "compaction", false),
        (#""thread":"t""#, "thread", false), (#""fallbacks":[]"#, "fallbacks", false),
        (#""inference_geo":"us""#, "inference_geo", false),
        (#""tools":[{"type":"web_search_20250305","name":"web_search"}]"#, "tools[0]", false),
        (#""thinking":{"type":"between_tools"}"#, "thinking.type", false),
        (#""output_config":{"format":{"type":"grammar"}}"#, "output_config.format.type", false),
        (#""thinking":{"type":"enabled"}"#, "thinking.budget_tokens", true),
        (#""temperature":"1""#, "temperature", true), (#""stream":1"#, "stream", true),
        (#""tools":{}"#, "tools", true), (#""tools":[{"input_schema":{}}]"#, "tools[0].name", true),
        (#""tools":[{"name":"f","input_schema":[]}]"#, "tools[0].input_schema", true),
        (#""tool_choice":{"type":"tool"}"#, "tool_choice.name", true),
        (#""tool_choice":"auto""#, "tool_choice", true), (#""tool_choice":{"type":"x"}"#, "tool_choice.type", true),
        (#""stop_sequences":[1]"#, "stop_sequences", true), (#""system":1"#, "system", true),
        (#""service_tier":"x""#, "service_tier", true), (#""metadata":1"#, "metadata", true),
        (#""output_config":{"format":{"type":"json_schema"}}"#, "output_config.format.schema", true),
        (#""messages":[]"#, "messages", true),
    ]
    @Test("what cannot cross is refused and named", arguments: refused)
    func refuses(members: String, param: String, isMistake: Bool) throws {
        let error = #expect(throws: Untranslatable.self) { try Self.read(members: members) }
        #expect(error?.param == param && error?.isMistake == isMistake)
    }

    static let refusedMessages: [(String, String, Bool)] = [
        (
            #"[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]"#,
            "messages[0].content[0].source", false
        ),
        (
            #"[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}]"#,
            "messages[0].content[0].source", false
        ),
        (
            #"[{"role":"user","content":[{"type":"document","citations":{"enabled":true},"source":{"type":"text","data":"x"}}]}]"#,
            "messages[0].content[0].citations", false
        ),
        (
            #"[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"server_tool_use"}]}]"#,
            "messages[1].content[1]", false
        ),
        (#"[{"role":"user","content":[{"type":"search_result"}]}]"#, "messages[0].content[0]", false),
        (
            #"[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"a"},{"type":"tool_result"}]}]}]"#,
            "messages[0].content[0].content[1]", false
        ),
        (
            #"[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"url","url":"x"}}]}}]}]"#,
            "messages[0].content[0]", false
        ),
        (#"[{"role":"user"}]"#, "messages[0].content", true),
        (#"[{"role":"tool","content":"a"}]"#, "messages[0].role", true),
        (#"["a"]"#, "messages", true), (#"[{"role":"user","content":["a"]}]"#, "messages[0].content[0]", true),
        (#"[{"role":"user","content":[{"type":"text"}]}]"#, "messages[0].content[0].text", true),
        (#"[{"role":"user","content":[{"type":"image"}]}]"#, "messages[0].content[0].source", true),
        (#"[{"role":"user","content":[{"type":"tool_result"}]}]"#, "messages[0].content[0].tool_use_id", true),
        (
            #"[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":"x"}]}]"#,
            "messages[0].content[0]", true
        ),
    ]
    @Test("blocks that cannot cross are refused at their place", arguments: refusedMessages)
    func refusesMessages(messages: String, param: String, isMistake: Bool) throws {
        let error = #expect(throws: Untranslatable.self) { try Self.read(members: "", messages: messages) }
        #expect(error?.param == param && error?.isMistake == isMistake)
    }

    @Test("what is missing is named") func missing() throws {
        for (text, param) in [
            (#"{"max_tokens":1,"messages":[]}"#, "model"), (#"{"model":"m","messages":[]}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":1}"#, "messages"), ("[1]", "body"), (#"{"model":1,"#, "body"),
        ] {
            #expect(#expect(throws: Untranslatable.self) { try Self.read(text) }?.param == param)
        }
    }
}
