import Testing
import WeirBase
import WeirDialects
import WeirWire

@Suite("Anthropic request") struct AnthropicRequestTests {
    static func parse(
        _ text: String, as body: AnthropicBody = .messages, looksInside: Bool = false
    ) -> Result<AnthropicRequest, AnthropicRequestError> {
        let bytes = Array(text.utf8)
        do throws(AnthropicRequestError) {
            return .success(try AnthropicRequest.parse(bytes.span, as: body, looksInside: looksInside))
        } catch { return .failure(error) }
    }

    @Test("reads what it names") func reads() throws {
        let text = #"""
            {"model":"claude-opus-4-5","messages":[{"role":"user","content":"\"model\":\"x\" hi"}],"stream":true,"max_tokens":64,
            "metadata":{"x":1,"user_id":"u1"},"service_tier":"auto","speed":"fast","inference_geo":"us",
            "thinking":{"type":"enabled","budget_tokens":32},"unknown":[{"model":1}]}
            """#
        let request = try Self.parse(text).get()
        let bytes = Array(text.utf8)
        #expect(request.modelName(in: bytes.span) == "claude-opus-4-5" && request.modelIsPlain)
        #expect(request.stream && request.maxTokens == 64 && request.thinkingBudget == 32)
        let texts = [request.user, request.serviceTier, request.speed, request.inferenceGeo].map {
            $0.map { JSONText.string(bytes.span, $0) }
        }
        #expect(texts == ["u1", "auto", "fast", "us"])
        #expect(request.content == nil)
    }

    static let refused: [(String, AnthropicRequestError)] = [
        (#"{}"#, .missingModel), (#"{"model":null}"#, .wrongType(.model)), (#"{"model":1}"#, .wrongType(.model)),
        (#"{"model":""}"#, .wrongType(.model)), (#"{"model":"a","model":"b"}"#, .repeated("model")),
        (#"{"model":"a","mod\u0065l":"b"}"#, .repeated("model")),
        (#"{"model":"a","stream":1}"#, .wrongType(.stream)),
        (#"{"model":"a","max_tokens":1.5}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":-1}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":99999999999999999999}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":1,"max_tokens":1}"#, .repeated("max_tokens")),
        (#"{"model":"a","messages":"hi"}"#, .wrongType(.messages)),
        (#"{"model":"a","messages":null}"#, .wrongType(.messages)),
        (#"{"model":"a","messages":[],"messages":[]}"#, .repeated("messages")),
        (#"{"model":"a","system":1}"#, .wrongType(.system)),
        (#"{"model":"a","tools":{}}"#, .wrongType(.tools)),
        (#"{"model":"a","thinking":true}"#, .wrongType(.thinking)),
        (#"{"model":"a","thinking":{"budget_tokens":"9"}}"#, .wrongType(.thinking)),
        (#"{"model":"a","thinking":{"budget_tokens":9,"budget_tokens":8}}"#, .repeated("thinking.budget_tokens")),
        (#"{"model":"a","metadata":[]}"#, .wrongType(.metadata)),
        (#"{"model":"a","metadata":{"user_id":1}}"#, .wrongType(.metadata)),
        (#"{"model":"a","speed":1}"#, .wrongType(.speed)),
        (#"{"model":"a","cache_control":"x"}"#, .wrongType(.cacheControl)),
    ]
    @Test("refuses and names the member", arguments: refused)
    func refuses(text: String, error: AnthropicRequestError) {
        #expect(throws: error) { try Self.parse(text).get() }
        #expect(throws: error) { try Self.parse(text, looksInside: true).get() }
        #expect(error.message.hasPrefix(error.param ?? "?"))
    }

    @Test("what is no JSON object is refused with the place, whatever else is wrong") func notJSON() {
        for text in ["", "[]", #"{"model":"a""#, #"{"model":1,}"#, #"{"model":"a","messages":[{"content":[{]}]}"#] {
            for looksInside in [false, true] {
                guard case .failure(.notJSON) = Self.parse(text, looksInside: looksInside) else {
                    Issue.record("accepted \(text)")
                    continue
                }
            }
        }
    }

    @Test("null counts as absent") func nulls() throws {
        let text =
            #"{"model":"a","stream":null,"max_tokens":null,"system":null,"tools":null,"thinking":null,"metadata":null,"speed":null,"container":null,"cache_control":null}"#
        let request = try Self.parse(text, looksInside: true).get()
        #expect(!request.stream && request.maxTokens == nil && request.user == nil && request.content == [])
    }

    static let contents: [(String, OpenAIContent)] = [
        (#""messages":[{"role":"user","content":"type image"}],"system":"x""#, []),
        (#""messages":[{"role":"user","content":[{"type":"text","text":"\"type\":\"image\""}]}]"#, []),
        (#""messages":[{"content":[{"type":"image","source":{"type":"base64","data":"x"}}]}]"#, .images),
        (#""messages":[{"content":[{"ty\u0070e":"imag\u0065"}]}]"#, .images),
        (#""messages":[{"content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]"#, [.images, .stored]),
        (#""messages":[{"content":[{"type":"document","source":{"type":"base64"}}]}]"#, .documents),
        (#""messages":[{"content":[{"source":{"type":"text","data":"x"},"type":"document"}]}]"#, []),
        (
            #""messages":[{"content":[{"type":"document","source":{"type":"content","content":[{"type":"image"}]}}]}]"#,
            .images
        ),
        (#""messages":[{"content":[{"type":"document"}]}]"#, .documents),
        (#""messages":[{"content":[{"type":"text","type":"image","text":"x"}]}]"#, .images),
        (#""messages":[{"content":[{"type":"tool_result","content":[{"type":"image"}]}]}]"#, .images),
        (#""messages":[{"content":[{"type":"tool_use","input":{"type":"image"}},{"type":"thinking"}]}]"#, []),
        (#""messages":[{"content":[{"type":"web_search_tool_result","content":[]}]}]"#, .unknown),
        (#""messages":[{"content":[{"type":"container_upload"}]}]"#, .stored),
        (#""messages":[{"content":[{"text":"a"}]}]"#, .unknown),
        (#""system":[{"type":"text","text":"a"},{"type":"image"}]"#, .images),
        (#""tools":[{"name":"f","input_schema":{"type":"web_search"}}]"#, []),
        (#""tools":[{"type":"custom"},{"type":"bash_20250124"}]"#, []),
        (#""tools":[{"type":"web_search_20250305","name":"web_search"}]"#, .hostedTools),
        (#""tools":["x"]"#, .hostedTools),
        (#""mcp_servers":[]"#, .hostedTools),
        (#""container":"c1""#, .stored),
    ]
    @Test("what has no bound in its bytes is found in the same scan", arguments: contents)
    func content(members: String, expected: OpenAIContent) throws {
        #expect(try Self.parse("{\"model\":\"a\",\(members)}", looksInside: true).get().content == expected)
    }

    @Test("blocks nested deeper than the API has them are of an unknown kind") func deep() throws {
        let open = String(repeating: #"[{"type":"tool_result","content":"#, count: 40)
        let close = String(repeating: "}]", count: 40)
        let request = try Self.parse(
            #"{"model":"a","messages":[{"content":\#(open)[]\#(close)}]}"#, looksInside: true
        ).get()
        #expect(request.content == .unknown)
    }

    static let hours: [(String, Bool)] = [
        (#""cache_control":{"type":"ephemeral"}"#, false), (#""cache_control":{"ttl":"5m"}"#, false),
        (#""cache_control":{"ttl":"1h"}"#, true),
        (#""system":[{"type":"text","text":"","cache_control":{"ttl":"1h"}}]"#, true),
        (#""tools":[{"name":"f","cache_control":{"ttl":"1h"}}]"#, true),
        (#""messages":[{"content":[{"type":"text","cache_control":{"ttl":"1h"}}]}]"#, true),
        (#""messages":[{"content":"\"ttl\":\"1h\""}]"#, false),
    ]
    @Test("a cache that lives an hour is noticed", arguments: hours) func hourCache(members: String, asks: Bool) throws
    {
        #expect(try Self.parse("{\"model\":\"a\",\(members)}", looksInside: true).get().asksForHourCache == asks)
    }

    @Test("tools add tokens that are not in the body") func toolTokens() throws {
        func tokens(_ tools: String) throws -> Int {
            try Self.parse(#"{"model":"a","tools":\#(tools)}"#, looksInside: true).get().toolTokens
        }
        #expect(try tokens("[]") == 0)
        #expect(try tokens(#"[{"name":"f"},{"name":"g"}]"#) == 600)
        #expect(try tokens(#"[{"name":"f"},{"type":"computer_20250124"},{"type":"bash_20250124"}]"#) == 4_600)
    }

    @Test("gives the texts of the conversation") func texts() throws {
        let text = #"""
            {"model":"a","system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":"one"},
            {"role":"user","content":[{"type":"text","text":"two"},{"type":"tool_result","content":"three"},
            {"type":"tool_result","content":[{"type":"text","text":"four"}]}]}]}
            """#
        let bytes = Array(text.utf8)
        var texts: [String] = []
        try Self.parse(text).get().texts(in: bytes.span) { texts.append(JSONText.string(bytes.span, $0)) }
        #expect(texts == ["s", "one", "two", "three", "four"])
    }
}

@Suite("Anthropic splice") struct AnthropicSpliceTests {
    static func splice(_ text: String, model: String, limit: Int? = nil) throws -> (text: String, isLimited: Bool) {
        let bytes = Array(text.utf8)
        let request = try AnthropicRequest.parse(bytes.span)
        var splice = AnthropicSplice(request, body: bytes.span, model: model)
        let isLimited = limit.map { splice.limitOutput(of: request, to: $0) } ?? false
        var out = ByteBuffer()
        splice.appendSpliced(bytes.span, to: &out)
        #expect(out.count == bytes.count + splice.growth)
        #expect(splice.isEmpty == (String(decoding: Array(span: out.span), as: UTF8.self) == text))
        return (String(decoding: Array(span: out.span), as: UTF8.self), isLimited)
    }

    static let cases: [(String, String, Int?, String)] = [
        (#"{"model":"a","max_tokens":9}"#, "a", nil, #"{"model":"a","max_tokens":9}"#),
        (#"{ "x":1.0, "model" : "a" }"#, "b\"", nil, #"{ "x":1.0, "model" : "b\"" }"#),
        (#"{"model":"\u0061"}"#, "a", nil, #"{"model":"a"}"#),
        (#"{"model":"a","max_tokens":1000}"#, "bc", 16, #"{"model":"bc","max_tokens":16}"#),
        (#"{"max_tokens":1000,"model":"a"}"#, "bc", 16, #"{"max_tokens":16,"model":"bc"}"#),
        (#"{"max_tokens":1000,"model":"a"}"#, "a", 99, #"{"max_tokens":99,"model":"a"}"#),
        (#"{"model":"a"}"#, "b", 5, #"{"max_tokens":5,"model":"b"}"#),
    ]
    @Test("only the model and the bound change", arguments: cases)
    func only(text: String, model: String, limit: Int?, expected: String) throws {
        let spliced = try Self.splice(text, model: model, limit: limit)
        #expect(spliced.text == expected && spliced.isLimited == (limit != nil))
    }

    @Test("a bound that is not above the thinking's budget is none") func thinking() throws {
        let text = #"{"model":"a","max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":1024}}"#
        #expect(try !Self.splice(text, model: "a", limit: 1024).isLimited)
        #expect(try Self.splice(text, model: "a", limit: 1025).isLimited)
    }
}
