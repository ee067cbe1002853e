import Testing
import WeirBase
import WeirDialects

@Suite("OpenAI chat: requests into the form between dialects") struct OpenAIChatRequestReaderTests {
    static func read(_ text: String) throws -> (request: ChatRequest, dropped: [String]) {
        var notes = TranslationNotes()
        let request = try OpenAIChatRequestReader.read(Array(text.utf8).span, &notes)
        return (request, notes.dropped)
    }

    /// A request with `members` and what every request must have.
    static func read(members: String, messages: String = #"[{"role":"user","content":"hi"}]"#) throws -> (
        request: ChatRequest, dropped: [String]
    ) {
        let members = members.isEmpty ? "" : "," + members
        return try read(#"{"model":"m","messages":\#(messages)\#(members)}"#)
    }

    /// The conversation that `messages` are.
    static func messages(_ messages: String) throws -> [ChatMessage] {
        let (request, dropped) = try read(members: "", messages: messages)
        #expect(dropped.isEmpty)
        return request.messages
    }

    @Test("all that a request says has its place") func everything() throws {
        let (request, dropped) = try Self.read(
            #"""
            {"model":"gpt","messages":[{"role":"developer","content":"a"},{"role":"system","content":[{"type":"text","text":"b",
            "prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}}]},{"role":"user","content":"h\u00e9","name":null},
            {"content":"x","role":"assistant"},{"role":"developer","content":"later"}],"max_tokens":5,"max_completion_tokens":100,
            "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"temperature":0.70,"top_p":1,"top_k":40,
            "stop":["A","\n\n"],"seed":-12345678901234567890,"frequency_penalty":0.5,"presence_penalty":-1,"logit_bias":{"7": -100},
            "n":2,"logprobs":true,"top_logprobs":3,"tools":[{"type":"function","function":{"name":"f","description":"d",
            "parameters":{"type":"object" , "b":1.0},"strict":true}},{"function":{"name":"g"},"type":"function"}],
            "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"reasoning_effort":"xhigh",
            "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"e","schema":{"a": 1},"strict":false}},
            "user":"old","safety_identifier":"u","service_tier":"flex","verbosity":"low","store":false,"modalities":["text"]}
            """#)
        var wanted = ChatRequest()
        wanted.model = "gpt"
        wanted.maxTokens = 100
        wanted.stream = true
        wanted.system = [.text("a"), Part(.text("b"), cache: .hour)]
        wanted.messages = [
            ChatMessage(.user, [.text("hé")]), ChatMessage(.assistant, [.text("x")]),
            ChatMessage(.system, [.text("later")]),
        ]
        wanted.temperature = JSONNumber("0.70")
        wanted.topP = JSONNumber("1")
        wanted.topK = JSONNumber("40")
        wanted.stop = ["A", "\n\n"]
        wanted.seed = JSONNumber("-12345678901234567890")
        wanted.frequencyPenalty = JSONNumber("0.5")
        wanted.presencePenalty = JSONNumber("-1")
        wanted.logitBias = RawJSON(#"{"7": -100}"#)
        wanted.choices = 2
        wanted.logprobs = true
        wanted.topLogprobs = 3
        wanted.tools = [
            ToolDefinition(
                name: "f", description: "d", parameters: RawJSON(#"{"type":"object" , "b":1.0}"#), strict: true),
            ToolDefinition(name: "g"),
        ]
        wanted.toolChoice = .named("f")
        wanted.parallelToolCalls = false
        wanted.reasoning.effort = "xhigh"
        wanted.format = .jsonSchema(name: "n", description: "e", schema: RawJSON(#"{"a": 1}"#), strict: false)
        wanted.user = "u"
        wanted.serviceTier = "flex"
        wanted.verbosity = "low"
        #expect(request == wanted)
        #expect(dropped.isEmpty)
    }

    static let options: [(String, @Sendable (ChatRequest) -> Bool)] = [
        ("", { !$0.includeUsage && !$0.stream && $0.choices == 1 && $0.maxTokens == nil }),
        (#""max_tokens":7"#, { $0.maxTokens == 7 }),
        (#""stream_options":{"include_usage":false}"#, { !$0.includeUsage }),
        (
            #""stream_options":null,"stop":null,"tools":null,"n":null,"user":null"#,
            { $0.stop.isEmpty && $0.user == nil }
        ),
        (#""stop":"x""#, { $0.stop == ["x"] }),
        (#""user":"u""#, { $0.user == "u" }),
        (#""tool_choice":"auto""#, { $0.toolChoice == .auto }),
        (#""tool_choice":"required""#, { $0.toolChoice == .required }),
        (#""tool_choice":"none""#, { $0.toolChoice == .some(.none) }),
        (
            #""tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}"#,
            { $0.toolChoice == .required && $0.allowedTools == ["f"] }
        ),
        (
            #""tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}"#,
            { $0.toolChoice == .auto && $0.allowedTools == [] }
        ),
        (#""response_format":{"type":"text"}"#, { $0.format == .text }),
        (#""response_format":{"type":"json_object"}"#, { $0.format == .jsonObject }),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"n"}}"#,
            { $0.format == .jsonSchema(name: "n", description: nil, schema: .emptyObject, strict: nil) }
        ),
        (#""temperatur\u0065":1"#, { $0.temperature == JSONNumber("1") }),
    ]
    @Test("options", arguments: options.indices) func optionCases(index: Int) throws {
        let (members, holds) = Self.options[index]
        let read = try Self.read(members: members)
        #expect(holds(read.request) && read.dropped.isEmpty, "\(members)")
    }

    // MARK: Parts of messages

    static let userParts: [(String, [Part])] = [
        (#""""#, [.text("")]),
        (#"[{"type":"text","text":"a"},{"text":"b","type":"text"}]"#, [.text("a"), .text("b")]),
        (
            #"[{"type":"text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}}]"#,
            [Part(.text("a"), cache: .usual)]
        ),
        (
            #"[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}}]"#,
            [Part(.image(Media(type: "image/png", .base64("QQ==")), detail: "low"))]
        ),
        (
            #"[{"type":"image_url","image_url":{"url":"DATA:image/webp;charset=x;BASE64,QQ=="}}]"#,
            [Part(.image(Media(type: "image/webp", .base64("QQ==")), detail: nil))]
        ),
        (
            #"[{"type":"image_url","image_url":{"url":"https://x/y,z"}}]"#,
            [Part(.image(Media(type: nil, .url("https://x/y,z")), detail: nil))]
        ),
        (
            #"[{"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}}]"#,
            [Part(.audio(Media(type: "audio/mp3", .base64("QQ=="))))]
        ),
        (
            #"[{"type":"file","file":{"file_data":"data:application/pdf;base64,QQ==","filename":"a.pdf"}}]"#,
            [Part(.document(Media(type: "application/pdf", .base64("QQ==")), title: "a.pdf"))]
        ),
    ]
    @Test("parts of the user", arguments: userParts) func parts(content: String, parts: [Part]) throws {
        #expect(try Self.messages(#"[{"role":"user","content":\#(content)}]"#) == [ChatMessage(.user, parts)])
    }

    static let answers: [(String, [Part])] = [
        (
            #""content":"a","refusal":null,"tool_calls":null,"annotations":[],"audio":null,"function_call":null"#,
            [.text("a")]
        ),
        (#""content":null,"refusal":"no""#, [Part(.refusal("no"))]),
        (
            #""content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"no"}]"#,
            [.text("a"), Part(.refusal("no"))]
        ),
        (#""content":"a","reasoning_content":"r""#, [Part(.reasoning(ReasoningText(text: "r"))), .text("a")]),
        (#""content":"a","reasoning":"r""#, [Part(.reasoning(ReasoningText(text: "r"))), .text("a")]),
        (
            #""content":"a","thinking_blocks":[{"type":"thinking","thinking":"","signature":"s"},{"type":"redacted_thinking","data":"d"}],"reasoning_content":"r""#,
            [
                Part(.reasoning(ReasoningText(text: "r", signature: "s"))),
                Part(.reasoning(ReasoningText(text: "", redacted: "d"))), .text("a"),
            ]
        ),
        (
            #""content":"a","reasoning_content":"r","thinking_blocks":[{"type":"redacted_thinking","data":"d"}]"#,
            [
                Part(.reasoning(ReasoningText(text: "r"))), Part(.reasoning(ReasoningText(text: "", redacted: "d"))),
                .text("a"),
            ]
        ),
        (
            #""content":"","reasoning_content":"xy","thinking_blocks":[{"type":"thinking","thinking":"x","signature":"s"},{"type":"thinking","thinking":"y","signature":"t"}]"#,
            [
                Part(.reasoning(ReasoningText(text: "x", signature: "s"))),
                Part(.reasoning(ReasoningText(text: "y", signature: "t"))),
            ]
        ),
    ]
    @Test("messages of the assistant", arguments: answers) func answer(members: String, parts: [Part]) throws {
        let read = try Self.messages(#"[{"role":"assistant",\#(members)}]"#)
        #expect(read == [ChatMessage(.assistant, parts)])
    }

    @Test("calls and their results, which are one message") func calls() throws {
        let read = try Self.messages(
            #"""
            [{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[
            {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"n\": 12345678901234567890}"}},
            {"id":"c2","type":"function","extra_content":{"google":{"thought_signature":"s=="}},"function":{"name":"g","arguments":""}},
            {"id":"c2","function":{"name":"g","arguments":{"a": 1}}}]},
            {"role":"tool","tool_call_id":"c2","content":"two"},
            {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"o"},{"type":"text","text":"ne"}]},
            {"role":"tool","tool_call_id":"c2","content":""},{"role":"user","content":"next"}]
            """#)
        #expect(
            read == [
                ChatMessage(.user, [.text("q")]),
                ChatMessage(
                    .assistant,
                    [
                        Part(
                            .toolCall(
                                ToolCall(id: "c1", name: "f", arguments: RawJSON(#"{"n": 12345678901234567890}"#)))),
                        Part(.toolCall(ToolCall(id: "c2", name: "g", arguments: .emptyObject, signature: "s=="))),
                        Part(.toolCall(ToolCall(id: "c2", name: "g", arguments: RawJSON(#"{"a": 1}"#)))),
                    ]),
                ChatMessage(
                    .user,
                    [
                        Part(.toolResult(ToolResult(callID: "c2", parts: [.text("two")]))),
                        Part(.toolResult(ToolResult(callID: "c1", parts: [.text("o"), .text("ne")]))),
                        Part(.toolResult(ToolResult(callID: "c2", parts: []))),
                    ]),
                ChatMessage(.user, [.text("next")]),
            ])
    }

    // MARK: What is left out

    static let hints: [(String, [String])] = [
        (
            #""store":true,"metadata":{},"prediction":{},"prompt_cache_key":"k""#,
            ["store", "metadata", "prediction", "prompt_cache_key"]
        ),
        (#""stream_options":{"x":1},"new_member":1"#, ["stream_options.x", "new_member"]),
        (#""tools":[{"type":"function","function":{"name":"f","x":1}}]"#, ["tools.function.x"]),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","x":1}}"#,
            ["response_format.json_schema.x"]
        ),
        (#""a_name_of_more_than_thirty_two_bytes":1"#, ["(a long name)"]),
    ]
    @Test("hints are dropped and named", arguments: hints) func dropsHints(members: String, dropped: [String]) throws {
        #expect(try Self.read(members: members).dropped == dropped)
    }

    @Test("only so many tools and dropped names are kept") func bounds() throws {
        let tools = (0...1_024).map { #"{"type":"function","function":{"name":"f\#($0)"}}"# }.joined(separator: ",")
        for (members, param) in [
            (#""tools":[\#(tools)]"#, "tools"),
            (
                #""tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[\#(tools)]}}"#,
                "tool_choice.allowed_tools.tools"
            ),
        ] {
            #expect(#expect(throws: Untranslatable.self) { try Self.read(members: members) }?.param == param)
        }
        let unknown = (0..<1_000).map { #""x\#($0)":1"# }.joined(separator: ",")
        #expect(try Self.read(members: unknown).dropped.count == TranslationNotes.limit)
    }

    @Test("a participant's name is dropped and named") func participant() throws {
        let read = try Self.read(members: "", messages: #"[{"role":"user","name":"Ann","content":"x","x":[]}]"#)
        #expect(read.dropped == ["messages.name"])
    }

    /// Members, the param at fault, and whether the request is wrong everywhere.
    static let refused: [(String, String, Bool)] = [
        (#""functions":[]"#, "functions", false), (#""function_call":"auto""#, "function_call", false),
        (#""audio":{}"#, "audio", false), (#""modalities":["text","audio"]"#, "modalities", false),
        (#""moderation":{}"#, "moderation", false), (#""web_search_options":{}"#, "web_search_options", false),
        (#""tools":[{"type":"custom","custom":{"name":"c"}}]"#, "tools[0]", false),
        (#""tool_choice":{"type":"custom","custom":{"name":"c"}}"#, "tool_choice", false),
        (#""temperature":"1""#, "temperature", true), (#""stream":1"#, "stream", true),
        (#""n":0"#, "n", true), (#""n":129"#, "n", true), (#""n":1.5"#, "n", true),
        (#""max_tokens":-1"#, "max_tokens", true), (#""max_completion_tokens":1e3"#, "max_completion_tokens", true),
        (#""logit_bias":[]"#, "logit_bias", true), (#""logprobs":1"#, "logprobs", true),
        (#""reasoning_effort":"much""#, "reasoning_effort", true), (#""verbosity":"x""#, "verbosity", true),
        (#""stream_options":1"#, "stream_options", true), (#""modalities":"text""#, "modalities", true),
        (#""stream_options":{"include_usage":1}"#, "stream_options.include_usage", true),
        (#""stop":1"#, "stop", true), (#""stop":["a",1]"#, "stop", true), (#""user":1"#, "user", true),
        (#""tools":{}"#, "tools", true), (#""tools":[1]"#, "tools[0]", true),
        (#""tools":[{"type":"function","function":{}}]"#, "tools[0].function.name", true),
        (
            #""tools":[{"type":"function","function":{"name":"f","parameters":1}}]"#, "tools[0].function.parameters",
            true
        ),
        (#""tool_choice":"any""#, "tool_choice", true), (#""tool_choice":{"type":"x"}"#, "tool_choice.type", true),
        (#""tool_choice":{"type":"function"}"#, "tool_choice.function.name", true),
        (#""tool_choice":{"type":"allowed_tools"}"#, "tool_choice.allowed_tools.tools", true),
        (
            #""tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[{}]}}"#,
            "tool_choice.allowed_tools.tools[0]", true
        ),
        (#""response_format":{"type":"xml"}"#, "response_format.type", true),
        (#""response_format":"text""#, "response_format.type", true),
        (#""response_format":{"type":"json_schema"}"#, "response_format.json_schema.name", true),
        (#""messages":[{"role":"user","content":"x"}]"#, "messages", true),
    ]
    @Test("what cannot cross is refused and named", arguments: refused)
    func refuses(members: String, param: String, isMistake: Bool) throws {
        let error = #expect(throws: Untranslatable.self) { try Self.read(members: members) }
        #expect(error?.param == param && error?.isMistake == isMistake)
    }

    static let call = #"{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}"#
    static let refusedMessages: [(String, String, Bool)] = [
        ("[]", "messages", true), ("{}", "messages", true), (#"["a"]"#, "messages[0]", true),
        (#"[{"content":"x"}]"#, "messages[0].role", true), (#"[{"role":"x","content":"x"}]"#, "messages[0].role", true),
        (#"[{"role":"function","name":"f","content":"x"}]"#, "messages[0].role", false),
        (#"[{"role":"user"}]"#, "messages[0].content", true),
        (#"[{"role":"user","content":1}]"#, "messages[0].content", true),
        (#"[{"role":"user","content":"a"},{"role":"assistant","content":null}]"#, "messages[1].content", true),
        (#"[{"role":"user","content":["a"]}]"#, "messages[0].content[0]", true),
        (#"[{"role":"user","content":[{"type":"text"}]}]"#, "messages[0].content[0].text", true),
        (#"[{"role":"user","content":[{"type":"video"}]}]"#, "messages[0].content[0]", false),
        (#"[{"role":"user","content":[{"type":"refusal","refusal":"x"}]}]"#, "messages[0].content[0]", true),
        (#"[{"role":"user","content":[{"type":"image_url"}]}]"#, "messages[0].content[0].image_url.url", true),
        (
            #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,x"}}]}]"#,
            "messages[0].content[0].image_url.url", true
        ),
        (#"[{"role":"user","content":[{"type":"input_audio"}]}]"#, "messages[0].content[0].input_audio", true),
        (
            #"[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]"#,
            "messages[0].content[0].file.file_id", false
        ),
        (#"[{"role":"user","content":[{"type":"file","file":{}}]}]"#, "messages[0].content[0].file.file_data", true),
        (
            #"[{"role":"system","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://x"}}]}]"#,
            "messages[0].content[1]", true
        ),
        (#"[{"role":"assistant","audio":{"id":"a"}}]"#, "messages[0].audio", false),
        (#"[{"role":"assistant","function_call":{"name":"f"}}]"#, "messages[0].function_call", false),
        (#"[{"role":"assistant","tool_calls":[\#(call)]}]"#, "messages", true),
        (
            #"[{"role":"assistant","tool_calls":[\#(call)]},{"role":"user","content":"x"}]"#, "messages[1]", true
        ),
        (#"[{"role":"tool","tool_call_id":"c","content":"x"}]"#, "messages[0].tool_call_id", true),
        (
            #"[{"role":"assistant","tool_calls":[\#(call)]},{"role":"tool","content":"x"}]"#,
            "messages[1].tool_call_id", true
        ),
        (
            #"[{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"f","input":"x"}}]}]"#,
            "messages[0].tool_calls[0]", false
        ),
        (
            #"[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"[1]"}}]}]"#,
            "messages[0].tool_calls[0]", true
        ),
        (
            #"[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]"#,
            "messages[0].tool_calls[0]", true
        ),
        (#"[{"role":"assistant","content":"a","tool_calls":1}]"#, "messages[0].tool_calls", true),
        (
            #"[{"role":"assistant","content":"a","thinking_blocks":[{"type":"x"}]}]"#,
            "messages[0].thinking_blocks[0]", true
        ),
    ]
    @Test("messages that cannot cross are refused at their place", arguments: refusedMessages)
    func refusesMessages(messages: String, param: String, isMistake: Bool) throws {
        let error = #expect(throws: Untranslatable.self) { try Self.read(members: "", messages: messages) }
        #expect(error?.param == param && error?.isMistake == isMistake)
    }

    @Test("what is missing is named, and what is no JSON is told first") func missing() throws {
        for (text, param) in [
            (#"{"messages":[{"role":"user","content":"x"}]}"#, "model"), (#"{"model":"m"}"#, "messages"),
            ("[1]", "body"), (#"{"model":1,"#, "body"), ("", "body"), (#"{"n":0,"messages":[{]}"#, "body"),
        ] {
            #expect(#expect(throws: Untranslatable.self) { try Self.read(text) }?.param == param)
        }
    }

    @Test("a body that is cut anywhere is refused") func cuts() throws {
        let body =
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"\u00e9"}]},"#
            + #"{"role":"assistant","tool_calls":[\#(Self.call)]},{"role":"tool","tool_call_id":"c","content":"x"}]}"#
        for count in 0..<body.utf8.count {
            let cut = String(decoding: body.utf8.prefix(count), as: UTF8.self)
            #expect(throws: Untranslatable.self) { try Self.read(cut) }
        }
        #expect(try Self.read(body).request.messages.count == 3)
    }
}
