import Testing
import WeirBase
import WeirDialects

@Suite("OpenAI request: what has no bound in its bytes") struct OpenAIContentTests {
    static let chats: [(String, OpenAIContent)] = [
        (#""messages":[{"role":"user","content":"type image_url"}]"#, []),
        (#""messages":[{"role":"user","content":[{"type":"text","text":"\"type\":\"image_url\""}]}]"#, []),
        (
            #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]"#,
            .images
        ),
        (#""messages":[{"role":"user","content":[{"image_url":{"url":"x"},"ty\u0070e":"image\u005furl"}]}]"#, .images),
        (#""messages":[{"content":[{"type":"text","type":"input_audio"}]}]"#, .audio),
        (#""messages":[{"content":[{"type":"file"},{"type":"image_url"}]}]"#, [.documents, .images]),
        (#""messages":[{"content":[{"type":"video_url"}]}]"#, .unknown),
        (#""messages":[{"content":[{"text":"a"}]}]"#, .unknown),
        (#""messages":[{"role":"assistant","audio":{"id":"audio_1"}}]"#, .stored),
        (#""messages":[{"role":"assistant","audio":null,"content":null}]"#, []),
        (#""messages":[],"messages":[{"content":[{"type":"image_url"}]}]"#, [.images, .unknown]),
        (#""messages":"text""#, []),
        (#""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]"#, []),
        (#""tools":[{"type":"custom"},{"type":"web_search"}]"#, .hostedTools),
        (#""tools":[{"name":"f"}]"#, .hostedTools),
        (#""tools":null"#, []),
        (#""web_search_options":{}"#, .hostedTools),
        (#""web_search_options":null"#, []),
        (#""previous_response_id":"no member of chat""#, []),
    ]
    static let responses: [(String, OpenAIContent)] = [
        (#""input":"text""#, []),
        (#""input":[{"role":"user","content":"text"}]"#, []),
        (#""input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}]"#, []),
        (#""input":[{"role":"user","content":[{"type":"input_image"}]}]"#, .images),
        (#""input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_file"}]}]"#, .documents),
        (#""input":[{"type":"item_reference","id":"x"}]"#, .unknown),
        (#""input":"a","previous_response_id":"resp_1""#, .stored),
        (#""input":"a","conversation":"conv_1""#, .stored),
        (#""prompt":{"id":"pmpt_1"}"#, .stored),
        (#""input":"a","previous_response_id":null"#, []),
        (#""tools":[{"type":"mcp"}]"#, .hostedTools),
    ]

    @Test("of a chat", arguments: chats) func chat(members: String, content: OpenAIContent) throws {
        #expect(try found(members, .chat) == content)
    }

    @Test("of Responses", arguments: responses) func response(members: String, content: OpenAIContent) throws {
        #expect(try found(members, .responses) == content)
    }

    @Test("looking inside finds the same mistakes: every body cut and changed at every byte", arguments: chats)
    func sameMistakes(members: String, content: OpenAIContent) {
        let body = Array(#"{"model":"m",\#(members),"n": 1 }"#.utf8)
        for at in body.indices {
            expectSame(Array(body[..<at]))
            for byte in #"",:[]{}\ x"#.utf8 {
                var changed = body
                changed[at] = byte
                expectSame(changed)
            }
        }
    }

    private func expectSame(_ body: [UInt8]) {
        let plain = outcome { () throws(OpenAIRequestError) in try OpenAIRequest.parse(body.span, as: .chat) }
        let looking = outcome { () throws(OpenAIRequestError) in
            try OpenAIRequest.parse(body.span, as: .chat, looksInside: true)
        }
        #expect(plain == looking, "\(String(decoding: body, as: UTF8.self))")
    }

    private func outcome(_ parse: () throws(OpenAIRequestError) -> OpenAIRequest) -> OpenAIRequestError? {
        do throws(OpenAIRequestError) { _ = try parse() } catch { return error }
        return nil
    }

    @Test("depth counts from the outermost object, looked into or not", arguments: [508, 509, 510, 511, 512])
    func depth(arrays: Int) {
        let nested = String(repeating: "[", count: arrays) + String(repeating: "]", count: arrays)
        expectSame(Array(#"{"model":"m","messages":[{"content":[{"type":"text","x":\#(nested)}]}]}"#.utf8))
        expectSame(Array(#"{"model":"m","tools":[{"x":\#(nested)}]}"#.utf8))
    }

    static let texts: [(String, OpenAIBody, [String])] = [
        (#""messages":[{"role":"user","content":"a\nb"},{"content":null}]"#, .chat, [#""a\nb""#]),
        (
            #""messages":[{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"text":"x"}},{"te\u0078t":""}]}]"#,
            .chat, [#""a""#, #""""#]
        ),
        (#""input":"whole""#, .responses, [#""whole""#]),
        (
            #""input":[{"type":"message","content":[{"type":"input_text","text":"a"}]},{"content":"b"}]"#, .responses,
            [#""a""#, #""b""#]
        ),
        (#""messages":5"#, .chat, []),
    ]
    @Test("gives the texts of a conversation", arguments: texts)
    func textsOfConversation(members: String, body: OpenAIBody, due: [String]) throws {
        let bytes = Array(#"{"model":"m",\#(members)}"#.utf8)
        var texts: [String] = []
        try OpenAIRequest.parse(bytes.span, as: body).texts(in: bytes.span) { texts.append(bytes.span.text($0)) }
        #expect(texts == due)
    }

    private func found(_ members: String, _ body: OpenAIBody) throws -> OpenAIContent {
        let bytes = Array(#"{"model":"m",\#(members)}"#.utf8)
        return try #require(OpenAIRequest.parse(bytes.span, as: body, looksInside: true).content)
    }
}

@Suite("OpenAI splice: a bound on the output") struct OpenAILimitTests {
    static let cases: [(body: OpenAIBody, before: String, after: String)] = [
        (.chat, #"{"model":"a"}"#, #"{"max_completion_tokens":7,"model":"a"}"#),
        (.chat, #" { "model":"a"}"#, #" {"max_completion_tokens":7, "model":"a"}"#),
        (.chat, #"{"max_tokens":500,"model":"b"}"#, #"{"max_tokens":7,"model":"a"}"#),
        (.chat, #"{"model":"a","max_completion_tokens":1}"#, #"{"model":"a","max_completion_tokens":7}"#),
        (
            .chat, #"{"max_completion_tokens":900,"model":"b","max_tokens":null,"stream":true}"#,
            #"{"max_completion_tokens":7,"model":"a","max_tokens":7,"stream":true,"stream_options":{"include_usage":true}}"#
        ),
        (.completions, #"{"model":"a","prompt":"x"}"#, #"{"max_tokens":7,"model":"a","prompt":"x"}"#),
        (.responses, #"{"input":"x","model":"a"}"#, #"{"max_output_tokens":7,"input":"x","model":"a"}"#),
        (.responses, #"{"max_output_tokens":10000,"model":"b"}"#, #"{"max_output_tokens":7,"model":"a"}"#),
    ]

    @Test("replaces the client's, or is put in front", arguments: cases)
    func limits(body: OpenAIBody, before: String, after: String) throws {
        let bytes = Array(before.utf8)
        let request = try OpenAIRequest.parse(bytes.span, as: body)
        var splice = OpenAISplice(request, body: bytes.span, model: "a")
        let isLimited = splice.limitOutput(of: request, to: 7)
        #expect(isLimited)
        var out = ByteBuffer()
        splice.appendSpliced(bytes.span, to: &out)
        #expect(out.span.text(ByteRange(start: 0, end: out.count)) == after)
        #expect(bytes.count + splice.growth == out.count)
    }

    @Test("is refused where the endpoint has none") func refuses() throws {
        let bytes = Array(#"{"model":"a","input":"x"}"#.utf8)
        let request = try OpenAIRequest.parse(bytes.span, as: .plain)
        var splice = OpenAISplice(request, body: bytes.span, model: "a")
        let isLimited = splice.limitOutput(of: request, to: 7)
        #expect(!isLimited && splice.isEmpty)
    }
}
