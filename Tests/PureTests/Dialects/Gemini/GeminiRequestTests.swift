import Testing
import WeirBase

@testable import WeirDialects

@Suite("Gemini: requests (providers.md, sections 5.1 and 10)") struct GeminiRequestTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let model: String
        let request: ChatRequest
        /// Members of the body after `contents`; and `contents` where they are not the usual ones.
        let rest: String
        let contents: String
        let dropped: [String]

        init(
            _ what: String, model: String = "gemini-2.5-flash", rest: String = #""generationConfig":{}"#,
            contents: String = #"[{"role":"user","parts":[{"text":"Hi"}]}]"#, dropped: [String] = [],
            _ change: (inout ChatRequest) -> Void
        ) {
            testDescription = what
            self.model = model
            request = GeminiFixture.ask(change)
            self.rest = rest
            self.contents = contents
            self.dropped = dropped
        }
    }

    static let tool = ToolDefinition(
        name: "f", description: "does f", parameters: RawJSON(#"{"type":"object","$schema":"x"}"#))
    static let declared =
        #""tools":[{"functionDeclarations":[{"name":"f","description":"does f","#
        + #""parametersJsonSchema":{"type":"object","$schema":"x"}}]}]"#

    static let options: [Case] = [
        Case("a text") { _ in },
        Case("instructions", rest: #""systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]},"generationConfig":{}"#)
        {
            $0.system = [.text("a"), .text(""), .text("b")]
        },
        Case(
            "numbers keep their spelling",
            rest:
                #""generationConfig":{"temperature":0.70,"topP":1.0,"topK":40,"maxOutputTokens":9,"stopSequences":["x\n"],"seed":-7,"presencePenalty":0.5,"frequencyPenalty":-0.5}"#
        ) {
            $0.temperature = JSONNumber("0.70")
            $0.topP = JSONNumber("1.0")
            $0.topK = JSONNumber("40")
            $0.maxTokens = 9
            $0.stop = ["x\n", ""]
            $0.seed = JSONNumber("-7")
            $0.presencePenalty = JSONNumber("0.5")
            $0.frequencyPenalty = JSONNumber("-0.5")
        },
        Case("a seed of over 32 bits is dropped", dropped: ["seed"]) { $0.seed = JSONNumber("4294967296") },
        Case("choices", rest: #""generationConfig":{"candidateCount":3}"#) { $0.choices = 3 },
        Case("logprobs", rest: #""generationConfig":{"responseLogprobs":true,"logprobs":4}"#) {
            $0.logprobs = true
            $0.topLogprobs = 4
        },
        Case("any JSON object", rest: #""generationConfig":{"responseMimeType":"application/json"}"#) {
            $0.format = .jsonObject
        },
        Case(
            "a schema",
            rest: #""generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"const": 1}}"#,
            dropped: ["response_format.json_schema.description"]
        ) {
            $0.format = .jsonSchema(name: "n", description: "d", schema: RawJSON(#"{"const": 1}"#), strict: true)
        },
        Case("tools", rest: declared + #","generationConfig":{}"#) { $0.tools = [tool] },
        Case(
            "tool choice auto",
            rest: declared + #","toolConfig":{"functionCallingConfig":{"mode":"AUTO"}},"generationConfig":{}"#
        ) {
            $0.tools = [tool]
            $0.toolChoice = .auto
        },
        Case(
            "tool choice none",
            rest: declared + #","toolConfig":{"functionCallingConfig":{"mode":"NONE"}},"generationConfig":{}"#
        ) {
            $0.tools = [tool]
            $0.toolChoice = ToolChoice.none
            $0.parallelToolCalls = false
        },
        Case(
            "tool choice required",
            rest: declared + #","toolConfig":{"functionCallingConfig":{"mode":"ANY"}},"generationConfig":{}"#
        ) {
            $0.tools = [tool, ToolDefinition(name: "g")]
            $0.toolChoice = .required
            $0.allowedTools = ["f"]
        },
        Case(
            "a named tool",
            rest: declared
                + #","toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":{}"#,
            dropped: ["parallel_tool_calls", "strict", "cache_control"]
        ) {
            $0.tools = [tool]
            $0.tools[0].strict = true
            $0.tools[0].cache = .hour
            $0.toolChoice = .named("f")
            $0.parallelToolCalls = false
        },
        Case("service tier", rest: #""generationConfig":{},"serviceTier":"flex""#) { $0.serviceTier = "flex" },
        Case("service tier default", rest: #""generationConfig":{},"serviceTier":"standard""#) {
            $0.serviceTier = "default"
        },
        Case("service tier auto") { $0.serviceTier = "auto" },
        Case("hints", dropped: ["service_tier", "user", "verbosity"]) {
            $0.serviceTier = "ultrafast"
            $0.user = "u"
            $0.verbosity = "low"
        },
        Case("no bias and one call a turn without tools change nothing") {
            $0.logitBias = RawJSON("{}")
            $0.parallelToolCalls = false
            $0.toolChoice = .auto
        },
    ]

    static let reasoning: [Case] =
        [
            ("gemini-2.5-flash", Reasoning(effort: "none"), #""thinkingBudget":0"#),
            ("gemini-2.5-flash", Reasoning(effort: "minimal"), #""thinkingBudget":512,"includeThoughts":true"#),
            ("gemini-2.5-flash", Reasoning(effort: "low"), #""thinkingBudget":1024,"includeThoughts":true"#),
            ("gemini-2.5-pro", Reasoning(effort: "medium"), #""thinkingBudget":8192,"includeThoughts":true"#),
            ("gemini-2.5-pro", Reasoning(effort: "high"), #""thinkingBudget":24576,"includeThoughts":true"#),
            ("gemini-2.5-pro", Reasoning(budget: 300), #""thinkingBudget":300,"includeThoughts":true"#),
            ("gemini-2.5-pro", Reasoning(isAdaptive: true), #""thinkingBudget":-1,"includeThoughts":true"#),
            ("gemini-3-pro", Reasoning(effort: "none"), #""thinkingLevel":"MINIMAL""#),
            ("gemini-3-pro", Reasoning(effort: "minimal"), #""thinkingLevel":"MINIMAL","includeThoughts":true"#),
            ("gemini-3.1-pro", Reasoning(effort: "low"), #""thinkingLevel":"LOW","includeThoughts":true"#),
            ("gemini-flash-latest", Reasoning(effort: "medium"), #""thinkingLevel":"MEDIUM","includeThoughts":true"#),
            ("gemini-3-pro", Reasoning(effort: "high"), #""thinkingLevel":"HIGH","includeThoughts":true"#),
            ("gemini-3-pro", Reasoning(effort: "max"), #""thinkingLevel":"XHIGH","includeThoughts":true"#),
            ("gemini-3-pro", Reasoning(effort: "low", budget: 300), #""thinkingBudget":300,"includeThoughts":true"#),
            ("gemini-3-pro", Reasoning(budget: 0), #""thinkingLevel":"MINIMAL""#),
            ("gemini-3-pro", Reasoning(isAdaptive: true), #""includeThoughts":true"#),
        ].map { model, reasoning, config in
            Case(
                "\(model) \(reasoning)", model: model, rest: #""generationConfig":{"thinkingConfig":{"# + config + "}}"
            ) { $0.reasoning = reasoning }
        } + [
            Case("an older model does not think", model: "gemini-2.0-flash", dropped: ["reasoning_effort"]) {
                $0.reasoning.effort = "high"
            },
            Case("an effort that nobody knows", model: "gemini-3-pro", dropped: ["reasoning_effort"]) {
                $0.reasoning.effort = "some"
            },
        ]

    static let call = ToolCall(id: "c1", name: "f", arguments: RawJSON(#"{"a": 1.0}"#), signature: "c2ln")

    static let messages: [Case] = [
        Case(
            "roles alternate: neighbours are merged, later instructions are the user's",
            contents:
                #"[{"role":"user","parts":[{"text":"a"},{"text":"b"}]},{"role":"model","parts":[{"text":"c"},{"text":"no"}]},{"role":"user","parts":[{"text":"d"}]}]"#
        ) {
            $0.messages = [
                ChatMessage(.user, [.text("a"), .text("")]), ChatMessage(.system, [.text("b")]),
                ChatMessage(.assistant, [.text("c")]), ChatMessage(.assistant, [Part(.refusal("no"))]),
                ChatMessage(.user, [.text("d")]),
            ]
        },
        Case(
            "a call, its signature and its results in one turn",
            contents:
                #"[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"a": 1.0}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"c2","name":"g","args":{}}}]},"#
                + #"{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"r":[1]}}},{"functionResponse":{"id":"c2","name":"g","response":{"error":"{}"}}},{"text":"so"}]}]"#
        ) {
            $0.messages = [
                ChatMessage(.user, [.text("q")]),
                ChatMessage(
                    .assistant,
                    [Part(.toolCall(call)), Part(.toolCall(ToolCall(id: "c2", name: "g", arguments: RawJSON(""))))]),
                ChatMessage(.user, [Part(.toolResult(ToolResult(callID: "c1", parts: [.text(#"{"r":[1]}"#)])))]),
                ChatMessage(
                    .user,
                    [Part(.toolResult(ToolResult(callID: "c2", parts: [.text("{}")], isError: true))), .text("so")]),
            ]
        },
        Case(
            "calls of another model, at a model that asks for signatures: the first of a turn gets the documented one",
            model: "gemini-3-pro",
            contents:
                #"[{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"id":"d","name":"f","args":{}}}]},"#
                + #"{"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":{"result":"7\n8"}}},{"functionResponse":{"id":"d","name":"f","response":{"result":"[1]"},"parts":[{"inlineData":{"mimeType":"image/png","data":"aa=="}}]}}]}]"#
        ) {
            $0.messages = [
                ChatMessage(
                    .assistant,
                    [
                        Part(.toolCall(ToolCall(id: "c", name: "f", arguments: .emptyObject))),
                        Part(.toolCall(ToolCall(id: "d", name: "f", arguments: .emptyObject))),
                    ]),
                ChatMessage(
                    .user,
                    [
                        Part(
                            .toolResult(
                                ToolResult(
                                    callID: "c",
                                    parts: [.text("7"), Part(.document(Media(type: nil, .text("8")), title: nil))]))),
                        Part(
                            .toolResult(
                                ToolResult(
                                    callID: "d",
                                    parts: [
                                        .text("[1]"),
                                        Part(.image(Media(type: "image/png", .base64("aa==")), detail: nil)),
                                    ]))),
                    ]),
            ]
        },
        Case(
            "images, documents and sounds",
            contents:
                #"[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aa=="}},{"fileData":{"mimeType":"image/png","fileUri":"gs://b/o"}},{"inlineData":{"mimeType":"application/pdf","data":"bb=="}},{"text":"plain"},{"inlineData":{"mimeType":"audio/wav","data":"cc=="}}]}]"#,
            dropped: ["cache_control", "detail"]
        ) {
            $0.messages = [
                ChatMessage(
                    .user,
                    [
                        Part(.image(Media(type: "image/png", .base64("aa==")), detail: "low"), cache: .usual),
                        Part(.image(Media(type: "image/png", .url("gs://b/o")), detail: "auto")),
                        Part(.document(Media(type: "application/pdf", .base64("bb==")), title: "t")),
                        Part(.document(Media(type: "text/plain", .text("plain")), title: nil)),
                        Part(.audio(Media(type: "audio/wav", .base64("cc==")))),
                    ])
            ]
        },
        Case(
            "reasoning of earlier turns is left out",
            contents: #"[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"a"}]}]"#,
            dropped: ["reasoning"]
        ) {
            $0.messages = [
                ChatMessage(.user, [.text("q")]),
                ChatMessage(.assistant, [Part(.reasoning(ReasoningText(text: "hm", signature: "s"))), .text("a")]),
            ]
        },
    ]

    @Test("bodies", arguments: options + reasoning + messages)
    func bodies(_ test: Case) throws {
        var notes = TranslationNotes()
        let body = try GeminiFixture.write(test.request, model: test.model, &notes)
        #expect(body == #"{"contents":"# + test.contents + "," + test.rest + "}")
        #expect(notes.dropped == test.dropped)
    }

    static let refusals: [(param: String, isMistake: Bool, request: ChatRequest)] = [
        ("logit_bias", false, GeminiFixture.ask { $0.logitBias = RawJSON(#"{"1":2}"#) }),
        ("n", false, GeminiFixture.ask { $0.choices = 9 }),
        ("stop", false, GeminiFixture.ask { $0.stop = ["a", "b", "c", "d", "e", "f"] }),
        (
            "parallel_tool_calls", false,
            GeminiFixture.ask {
                $0.tools = [tool]
                $0.parallelToolCalls = false
            }
        ),
        ("tool_choice", true, GeminiFixture.ask { $0.toolChoice = .required }),
        ("messages", true, GeminiFixture.ask { $0.messages = [ChatMessage(.user, [.text("")])] }),
        (
            "messages[0].tool_call_id", true,
            GeminiFixture.ask {
                $0.messages = [ChatMessage(.user, [Part(.toolResult(ToolResult(callID: "x", parts: [])))])]
            }
        ),
        ("messages[0].image_url", false, media(.image(Media(type: nil, .url("https://a.b/c.png")), detail: nil))),
        ("messages[0].image_url", true, media(.image(Media(type: nil, .base64("aa==")), detail: nil))),
        ("messages[0].file", false, media(.document(Media(type: nil, .file("file-1")), title: nil))),
    ]

    static func media(_ content: Part.Content) -> ChatRequest {
        GeminiFixture.ask { $0.messages = [ChatMessage(.user, [Part(content)])] }
    }

    @Test("what it cannot say is refused", arguments: refusals)
    func refuses(param: String, isMistake: Bool, request: ChatRequest) {
        var notes = TranslationNotes()
        let error = #expect(throws: Untranslatable.self) { try GeminiFixture.write(request, &notes) }
        #expect(error?.param == param)
        #expect(error?.isMistake == isMistake)
    }

    @Test("paths") func paths() {
        #expect(
            GeminiPath.path(model: "gemini-2.5-flash", stream: false)
                == "/v1beta/models/gemini-2.5-flash:generateContent")
        #expect(
            GeminiPath.path(model: "gemini-3-pro", stream: true, version: .v1)
                == "/v1/models/gemini-3-pro:streamGenerateContent?alt=sse")
        #expect(
            GeminiPath.path(model: "tunedModels/a b?", stream: false) == "/v1beta/tunedModels/a%20b%3F:generateContent")
    }
}
