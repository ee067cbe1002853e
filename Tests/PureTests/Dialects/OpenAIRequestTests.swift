import Foundation
import Testing
import WeirBase
import WeirDialects
import WeirWire

@Suite("OpenAI request") struct OpenAIRequestTests {
    static func parse(_ text: String, as body: OpenAIBody = .chat) -> Result<OpenAIRequest, OpenAIRequestError> {
        let bytes = Array(text.utf8)
        do throws(OpenAIRequestError) { return .success(try OpenAIRequest.parse(bytes.span, as: body)) } catch {
            return .failure(error)
        }
    }

    @Test("reads what it names") func reads() throws {
        let text = #"""
            {"model":"gpt-4o","messages":[{"role":"user","content":"\"model\":\"x\" hi"}],"stream":true,"stream_options":{"include_obfuscation":false,
            "include_usage":true},"max_tokens":5,"max_completion_tokens":6,"n":2,"user":"u1","service_tier":"flex","unknown":[{"model":1}]}
            """#
        let request = try Self.parse(text).get()
        let bytes = Array(text.utf8)
        #expect(request.modelName(in: bytes.span) == "gpt-4o" && request.modelIsPlain)
        #expect(request.stream && request.includeUsage == true)
        #expect(
            request.maxTokens == 5 && request.maxCompletionTokens == 6 && request.n == 2
                && request.maxOutputTokens == nil)
        #expect(request.user.map { JSONText.string(bytes.span, $0) } == "u1")
        #expect(request.serviceTier.map { JSONText.string(bytes.span, $0) } == "flex")
    }

    @Test("an escaped name and an escaped model are understood") func escaped() throws {
        let text = #"{"mod\u0065l":"gpt\u002d4o"}"#
        let request = try Self.parse(text).get()
        #expect(request.modelName(in: Array(text.utf8).span) == "gpt-4o" && !request.modelIsPlain)
    }

    static let refused: [(String, OpenAIRequestError)] = [
        (#"{}"#, .missingModel), (#"{"model":null}"#, .wrongType(.model)), (#"{"model":1}"#, .wrongType(.model)),
        (#"{"model":""}"#, .wrongType(.model)), (#"{"model":["a"]}"#, .wrongType(.model)),
        (#"{"model":"a","model":"b"}"#, .repeated(.model)),
        (#"{"model":"a","stream":"true"}"#, .wrongType(.stream)), (#"{"model":"a","stream":1}"#, .wrongType(.stream)),
        (#"{"model":"a","stream":true,"str\u0065am":false}"#, .repeated(.stream)),
        (#"{"model":"a","max_tokens":1.5}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":1e3}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":-1}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":"5"}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":99999999999999999999}"#, .wrongType(.maxTokens)),
        (#"{"model":"a","max_tokens":1,"max_tokens":1}"#, .repeated(.maxTokens)),
        (#"{"model":"a","max_completion_tokens":true}"#, .wrongType(.maxCompletionTokens)),
        (#"{"model":"a","n":0}"#, .wrongType(.n)),
        (#"{"model":"a","user":5}"#, .wrongType(.user)),
        (#"{"model":"a","stream_options":true}"#, .wrongType(.streamOptions)),
        (#"{"model":"a","stream_options":{"include_usage":1}}"#, .wrongIncludeUsage),
        (#"{"model":"a","stream_options":{"include_usage":true,"include_usage":true}}"#, .repeatedIncludeUsage),
        (#"{"model":"a","stream_options":{},"stream_options":{}}"#, .repeated(.streamOptions)),
    ]
    @Test("refuses and names the member", arguments: refused) func refuses(text: String, error: OpenAIRequestError) {
        #expect(throws: error) { try Self.parse(text).get() }
        #expect(error.message.contains(error.param ?? "?"))
    }

    @Test("what is no JSON object is refused with the place") func notJSON() {
        for text in ["", "[]", "{\"model\":\"a\"", "{\"model\":\"a\",}", "hello"] {
            guard case .failure(.notJSON(let error)) = Self.parse(text) else {
                Issue.record("accepted \(text)"); continue
            }
            #expect(error.description.hasPrefix("body ") && error.description.contains("at byte \(error.offset)"))
        }
    }

    @Test("null counts as absent, and what an endpoint does not read is not judged") func lenient() throws {
        let nulls = try Self.parse(
            #"{"model":"a","stream":null,"max_tokens":null,"n":null,"stream_options":null,"user":null}"#
        ).get()
        #expect(!nulls.stream && nulls.maxTokens == nil && nulls.n == nil)
        let embeddings = try Self.parse(#"{"model":"a","max_tokens":"x","n":-1,"stream":"y"}"#, as: .plain).get()
        #expect(embeddings.maxTokens == nil && !embeddings.stream)
        let responses = try Self.parse(
            #"{"model":"a","max_output_tokens":9,"stream":true,"max_tokens":"x"}"#, as: .responses
        ).get()
        #expect(responses.maxOutputTokens == 9 && responses.stream)
    }
}

@Suite("OpenAI splice") struct OpenAISpliceTests {
    static func splice(_ text: String, model: String, as body: OpenAIBody = .chat) throws -> (
        text: String, injects: Bool, isEmpty: Bool
    ) {
        let bytes = Array(text.utf8)
        let request = try OpenAIRequest.parse(bytes.span, as: body)
        let plan = OpenAISplice(request, body: bytes.span, model: model)
        var out = ByteBuffer()
        plan.appendSpliced(bytes.span, to: &out)
        #expect(out.count == bytes.count + plan.growth)
        return (String(decoding: Array(span: out.span), as: UTF8.self), plan.injectsUsage, plan.isEmpty)
    }

    static let cases: [(String, String, Bool)] = [
        (#"{"model":"a"}"#, #"{"model":"b"}"#, false),
        (
            #"{ "x":12345678901234567890.10, "model" : "a" , "y":1e400 }"#,
            #"{ "x":12345678901234567890.10, "model" : "b" , "y":1e400 }"#, false
        ),
        (#"{"model":"a","stream":false}"#, #"{"model":"b","stream":false}"#, false),
        (
            #"{"model":"a","stream":true}"#, #"{"model":"b","stream":true,"stream_options":{"include_usage":true}}"#,
            true
        ),
        (
            #"{"stream":true,"model":"a"}"#, #"{"stream":true,"stream_options":{"include_usage":true},"model":"b"}"#,
            true
        ),
        (
            #"{"stream":true ,"model":"a","stream_options":{}}"#,
            #"{"stream":true ,"model":"b","stream_options":{"include_usage":true}}"#, true
        ),
        (
            #"{"stream_options":{ },"stream":true,"model":"a"}"#,
            #"{"stream_options":{"include_usage":true },"stream":true,"model":"b"}"#, true
        ),
        (
            #"{"stream_options":{"x":1},"stream":true,"model":"a"}"#,
            #"{"stream_options":{"include_usage":true,"x":1},"stream":true,"model":"b"}"#, true
        ),
        (
            #"{"stream_options":{"x":1,"include_usage": false},"stream":true,"model":"a"}"#,
            #"{"stream_options":{"x":1,"include_usage": true},"stream":true,"model":"b"}"#, true
        ),
        (
            #"{"stream_options":{"include_usage":null},"stream":true,"model":"a"}"#,
            #"{"stream_options":{"include_usage":true},"stream":true,"model":"b"}"#, true
        ),
        (
            #"{"stream_options":{"includ\u0065_usage":false},"stream":true,"model":"a"}"#,
            #"{"stream_options":{"includ\u0065_usage":true},"stream":true,"model":"b"}"#, true
        ),
        (
            #"{"stream_options":null,"stream":true,"model":"a"}"#,
            #"{"stream_options":{"include_usage":true},"stream":true,"model":"b"}"#, true
        ),
        (
            #"{"stream_options":{"include_usage":true},"stream":true,"model":"a"}"#,
            #"{"stream_options":{"include_usage":true},"stream":true,"model":"b"}"#, false
        ),
        (
            #"{"stream_options":{"include_usage":true},"model":"a"}"#,
            #"{"stream_options":{"include_usage":true},"model":"b"}"#, false
        ),
    ]
    @Test("changes the model and asks for usage, and nothing else", arguments: cases) func edits(
        text: String, expected: String, injects: Bool
    ) throws {
        let result = try Self.splice(text, model: "b")
        #expect(result.text == expected && result.injects == injects && !result.isEmpty)
    }

    @Test("no edit where nothing changes") func empty() throws {
        for text in [#"{"model":"b"}"#, #"{"model":"b","stream":true,"stream_options":{"include_usage":true}}"#] {
            let result = try Self.splice(text, model: "b")
            #expect(result.isEmpty && result.text == text && !result.injects)
        }
        let responses = try Self.splice(#"{"model":"b","stream":true}"#, model: "b", as: .responses)
        #expect(responses.isEmpty && !responses.injects)
    }

    @Test("a model's name is written as JSON, whatever is in it") func odd() throws {
        for model in ["a\"b\\c", "x\n\u{1}é漢", "accounts/f/models/x", ""] {
            let text = try Self.splice(#"{"a":1,"mod\u0065l":"\u0061"}"#, model: model).text
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary
            #expect(object?["model"] as? String == model)
        }
    }

    @Test("Foundation sees the same object but for the spliced members", arguments: 0..<30) func random(seed: UInt64)
        throws
    {
        var source = RandomJSON(seed: seed + 77)
        for _ in 0..<20 {
            var members = (0..<4).map { "\"k\($0)\"" + source.blank() + ":" + source.blank() + source.value(depth: 2) }
            members.append("\"model\":" + source.blank() + "\"" + ["a", "b", "gpt", "\\u0061"][source.below(4)] + "\"")
            members.append("\"stream\":" + source.blank() + ["true", "false"][source.below(2)])
            if source.below(2) == 0 {
                members.append(
                    "\"stream_options\":"
                        + ["null", "{}", "{ \"include_usage\" : false }", "{\"q\":[1]}"][source.below(4)])
            }
            members.shuffle(using: &source.generator)
            let text =
                source.blank() + "{" + source.blank() + members.joined(separator: source.blank() + "," + source.blank())
                + "}"
            let result = try Self.splice(text, model: "b")
            let before =
                try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary).mutableCopy()
                as! NSMutableDictionary
            let after =
                try #require(try JSONSerialization.jsonObject(with: Data(result.text.utf8)) as? NSDictionary)
                .mutableCopy() as! NSMutableDictionary
            #expect(after["model"] as? String == "b")
            if result.injects { #expect((after["stream_options"] as? NSDictionary)?["include_usage"] as? Bool == true) }
            if let options = before["stream_options"] as? NSDictionary, options["q"] != nil {
                #expect((after["stream_options"] as? NSDictionary)?["q"] != nil)
            }
            for name in ["model", "stream_options"] {
                before.removeObject(forKey: name)
                after.removeObject(forKey: name)
            }
            #expect(before == after)
        }
    }
}
