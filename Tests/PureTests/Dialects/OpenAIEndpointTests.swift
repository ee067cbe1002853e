import Testing
import WeirBase
import WeirDialects

@Suite("OpenAI endpoints, errors, usage") struct OpenAIEndpointTests {
    static func match(_ method: String, _ path: String) -> OpenAIMatch {
        OpenAIEndpoint.match(method: Array(method.utf8).span, path: Array(path.utf8).span)
    }

    static let wholes: [(String, UsageReading, Bool)] = [
        (#"{"usage":{"prompt_tokens":1}}"#, usage(1, 0), true),
        (#" { "a":"\"usage\":{", "usage" : {"prompt_tokens":1} } "#, usage(1, 0), true),
        (
            #"{"a":{"usage":{"prompt_tokens":2}},"usage":{"prompt_tokens":1},"b":{"usage":{"prompt_tokens":3}}}"#,
            usage(1, 0), true
        ),
        (#"{"a":[{"usage":{"prompt_tokens":2}}]}"#, .none, true), (#"{"usage":null}"#, .none, true),
        (#"{"usage":7}"#, .unreadable, true),
        (#"{"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}"#, usage(2, 0), true),
        (#"{"a":"usage"}"#, .none, true), ("{}", .none, true), (#"{"usage":{"prompt_tokens":1}"#, .none, false),
        ("[1]", .none, false),
        (#"["usage",{"usage":{"prompt_tokens":1}}]"#, .none, false), ("", .none, false),
        (#"{"usage":{"prompt_tokens":1}} x"#, usage(1, 0), true),
    ]
    @Test("a whole answer gives the same by search and by walk", arguments: wholes)
    func wholeAnswer(text: String, expected: UsageReading, isComplete: Bool) {
        let body = Array(text.utf8)
        var searched = OpenAIResponseMeter()
        searched.feedWhole(body.span)
        #expect(searched.usage == expected && searched.isComplete == isComplete)
        var walked = OpenAIResponseMeter()
        for byte in body { walked.feed([byte].span) }
        #expect(walked.usage == expected && walked.isComplete == isComplete)
    }

    static let found: [(String, String, OpenAIEndpoint, String?)] = [
        ("POST", "/v1/chat/completions", .chatCompletions, nil), ("GET", "/v1/chat/completions", .storedChat, nil),
        ("POST", "/v1/responses", .responses, nil), ("GET", "/v1/responses/resp_1", .storedResponse, "resp_1"),
        ("POST", "/v1/responses/input_tokens", .responsesInputTokens, nil),
        ("POST", "/v1/responses/compact", .responsesCompact, nil),
        ("POST", "/v1/responses/r/cancel", .storedResponse, "r"), ("POST", "/v1/embeddings", .embeddings, nil),
        ("GET", "/v1/models", .models, nil), ("GET", "/v1/models/gpt-4o", .model, "gpt-4o"),
        ("POST", "/v1/moderations", .moderations, nil),
        ("POST", "/v1/images/generations", .imageGenerations, nil), ("POST", "/v1/images/edits", .imageEdits, nil),
        ("POST", "/v1/audio/speech", .speech, nil), ("POST", "/v1/audio/transcriptions", .transcriptions, nil),
        ("GET", "/v1/files/f1/content", .files, "f1"), ("DELETE", "/v1/files/f1", .files, "f1"),
        ("POST", "/v1/batches/b/cancel", .batches, "b"),
        ("GET", "/v1/chat/completions/c1/messages", .storedChat, "c1"), ("POST", "/v1/completions", .completions, nil),
    ]
    @Test("paths of the table", arguments: found) func finds(
        method: String, path: String, endpoint: OpenAIEndpoint, id: String?
    ) {
        guard case .endpoint(endpoint, let range) = Self.match(method, path) else {
            Issue.record("\(Self.match(method, path))")
            return
        }
        #expect(range.map { String(decoding: Array(path.utf8)[$0.bounds], as: UTF8.self) } == id)
    }

    @Test("other methods are told what is allowed") func methods() {
        #expect(Self.match("PUT", "/v1/chat/completions") == .methodNotAllowed(allow: "POST, GET"))
        #expect(Self.match("POST", "/v1/models") == .methodNotAllowed(allow: "GET"))
        #expect(Self.match("post", "/v1/embeddings") == .methodNotAllowed(allow: "POST"))
    }

    static let unknown = [
        "", "/", "/v1", "/v1/", "/v1/chat/completions/", "/V1/chat/completions", "/v1//chat/completions",
        "/v1/chat/completionsx", "/v1/files//content",
        "/v1/models/", "/v1/models/a/b", "/v1/realtime", "/chat/completions", "/v1/responses/a/b",
        "/v1/chat/completions?x=1",
    ]
    @Test("all else is not found", arguments: unknown) func unknownPaths(path: String) {
        #expect(Self.match("GET", path) == .notFound)
    }

    @Test("errors have the shape of the dialect") func errors() {
        func text(_ write: (inout ByteBuffer) -> Void) -> String {
            var out = ByteBuffer()
            write(&out)
            return String(decoding: Array(span: out.span), as: UTF8.self)
        }
        let shape = OpenAIErrorShape(message: "no \"x\"\n", type: "server_error", code: "upstream_error")
        let body = #"{"error":{"message":"no \"x\"\n","type":"server_error","param":null,"code":"upstream_error"}}"#
        #expect(text { shape.append(to: &$0) } == body)
        #expect(text { shape.appendEvent(to: &$0) } == "data: \(body)\n\n")
        #expect(
            text { shape.appendResponsesEvent(sequence: 7, to: &$0) }
                == "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_error\",\"message\":\"no \\\"x\\\"\\n\",\"param\":null,\"sequence_number\":7}\n\n"
        )
        #expect(OpenAIErrorShape(.missingModel).param == "model")
    }

    static func usage(
        _ input: Int, _ output: Int, cached: Int = 0, written: Int = 0, audioIn: Int = 0, reasoning: Int = 0,
        audioOut: Int = 0
    ) -> UsageReading {
        var usage = Usage()
        (usage.input, usage.output, usage.cachedInput, usage.cacheWriteInput) = (input, output, cached, written)
        (usage.audioInput, usage.reasoningOutput, usage.audioOutput) = (audioIn, reasoning, audioOut)
        return .read(usage)
    }

    static let usages: [(String, UsageReading)] = [
        (#"{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}"#, usage(9, 3)),
        (#"{"prompt_tokens":8,"total_tokens":8}"#, usage(8, 0)),
        (
            #"{"prompt_tokens":100,"completion_tokens":30,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":20,"audio_tokens":5},"completion_tokens_details":{"reasoning_tokens":10,"audio_tokens":2,"accepted_prediction_tokens":0}}"#,
            usage(100, 30, cached: 60, written: 20, audioIn: 5, reasoning: 10, audioOut: 2)
        ),
        (
            #"{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":12}"#,
            usage(7, 5, cached: 3, reasoning: 4)
        ),
        (#"{"prompt_tokens":9,"completion_tokens":null,"prompt_tokens_details":null}"#, usage(9, 0)),
        (#"{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":50}}"#, usage(9, 0, cached: 9)),
        (#"{"prompt_tokens":-1}"#, .unreadable), (#"{"prompt_tokens":1.5}"#, .unreadable),
        (#"{"prompt_tokens":"9"}"#, .unreadable),
        (#"{"prompt_tokens":9,"completion_tokens":99999999999}"#, .unreadable), ("{}", .unreadable),
        (#"{"prompt_tokens":1,"prompt_tokens":2}"#, .unreadable),
        (#"{"prompt_tokens":9,"prompt_tokens_details":5}"#, .unreadable),
        (#"{"type":"duration","seconds":"3"}"#, .unreadable), ("[1]", .unreadable),
        // xAI: reasoning beside the completion, which the total shows.
        (
            #"{"prompt_tokens":37,"completion_tokens":5,"total_tokens":52,"completion_tokens_details":{"reasoning_tokens":10}}"#,
            usage(37, 15, reasoning: 10)
        ),
        (
            #"{"total_tokens":"many","prompt_tokens":37,"completion_tokens":15,"completion_tokens_details":{"reasoning_tokens":10}}"#,
            usage(37, 15, reasoning: 10)
        ),
        (#"{"prompt_tokens":9,"prompt_cache_hit_tokens":4}"#, usage(9, 0, cached: 4)),
        (
            #"{"prompt_tokens":9,"prompt_cache_hit_tokens":4,"prompt_tokens_details":{"cached_tokens":3}}"#,
            usage(9, 0, cached: 3)
        ),
    ]
    @Test("images and time have places of their own in the vector")
    func otherUnits() {
        func read(_ text: String) -> Usage? {
            let bytes = Array(text.utf8)
            guard case .read(let usage) = OpenAIUsage.read(bytes.span, ByteRange(start: 0, end: bytes.count)) else {
                return nil
            }
            return usage
        }
        #expect(read(#"{"type":"duration","seconds":3.5}"#)?.audioMilliseconds == 3_500)
        let images = read(
            #"{"input_tokens":50,"output_tokens":60,"input_tokens_details":{"image_tokens":40},"output_tokens_details":{"image_tokens":55}}"#
        )
        #expect(images?.imageInput == 40 && images?.imageOutput == 55 && images?.audioInput == 0)
    }

    @Test("usage objects are mapped or refused, whole and in pieces", arguments: usages) func usage(
        text: String, expected: UsageReading
    ) {
        let body = Array(("{\"id\":\"x\",\"data\":[{\"usage\":1}],\"usage\":" + text + ",\"z\":0}").utf8)
        for size in [1, 2, 5, 17, body.count] {
            var meter = OpenAIResponseMeter()
            for at in stride(from: 0, to: body.count, by: size) {
                #expect(meter.usage == .none)
                meter.feed(Array(body[at..<min(at + size, body.count)]).span)
            }
            #expect(meter.usage == expected && meter.isComplete)
        }
        var whole = OpenAIResponseMeter()
        whole.feedWhole(body.span)
        #expect(whole.usage == expected && whole.isComplete)
    }
}
