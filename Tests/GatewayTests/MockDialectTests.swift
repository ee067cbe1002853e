import Testing
import WeirBase
import WeirMock
import WeirMockScript
import WeirTestSupport

/// The scripts, the bill and the errors are the same whatever dialect a client speaks.
@Suite("weir-mock in every dialect", .serialized) struct MockDialectTests {
    /// How a client of one dialect asks.
    struct Client: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let path: String
        let streamPath: String
        let fields: String
        let before: String
        let after: String
        let streamAfter: String
        /// Events before the first piece of a stream.
        let opening: Int
        /// What the bill calls it.
        let billed: String
        /// A status of 429 with a retry after 46 seconds.
        let rateLimited: [String]
        /// What a stream says that breaks, and what it says at its end.
        let streamError: String
        let streamEnd: String

        func post(_ mock: RunningMock, _ script: String, streams: Bool) async throws -> String {
            let line = script.isEmpty ? "Hi" : "Hi #mock \(script)"
            return try await mock.post(
                streams ? streamPath : path, before + line + (streams ? streamAfter : after), fields: fields)
        }
    }

    static let clients = [
        Client(
            testDescription: "OpenAI", path: "/v1/chat/completions", streamPath: "/v1/chat/completions", fields: "",
            before: #"{"model":"m","messages":[{"role":"user","content":""#, after: #""}]}"#,
            streamAfter: #""}],"stream":true}"#, opening: 1, billed: "/v1/chat/completions",
            rateLimited: ["retry-after: 46\r\n", #""code":"rate_limit_exceeded""#],
            streamError: #""type":"server_error""#,
            streamEnd: "data: [DONE]"),
        Client(
            testDescription: "Azure", path: "/openai/deployments/m/chat/completions?api-version=2024-10-21",
            streamPath: "/openai/deployments/m/chat/completions?api-version=2024-10-21", fields: "api-key: k\r\n",
            before: #"{"messages":[{"role":"user","content":""#, after: #""}]}"#, streamAfter: #""}],"stream":true}"#,
            opening: 2, billed: "/openai/deployments/chat/completions",
            rateLimited: ["retry-after: 46\r\n", #"{"error":{"code":"429","message":"#],
            streamError: #""type":"server_error""#, streamEnd: "data: [DONE]"),
        Client(
            testDescription: "Anthropic", path: "/v1/messages", streamPath: "/v1/messages",
            fields: "anthropic-version: 2023-06-01\r\n",
            before: #"{"model":"m","max_tokens":999,"messages":[{"role":"user","content":""#, after: #""}]}"#,
            streamAfter: #""}],"stream":true}"#, opening: 3, billed: "/v1/messages",
            rateLimited: [
                "retry-after: 46\r\n", "request-id: req_mock", #"{"type":"error","error":{"type":"rate_limit_error""#,
                #""request_id":"req_mock0000000000000001"}"#,
            ], streamError: "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"",
            streamEnd: "event: message_stop"),
        Client(
            testDescription: "Gemini", path: "/v1beta/models/m:generateContent",
            streamPath: "/v1/models/m:streamGenerateContent?alt=sse", fields: "",
            before: #"{"contents":[{"parts":[{"text":""#, after: #""}]}]}"#, streamAfter: #""}]}]}"#, opening: 0,
            billed: "/models:generateContent",
            rateLimited: [
                #"{"error":{"code":429,"#, #""status":"RESOURCE_EXHAUSTED""#,
                #""@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"46s""#,
            ], streamError: #""status":"UNAVAILABLE""#, streamEnd: #""finishReason":"STOP""#),
        Client(
            testDescription: "Bedrock", path: "/model/m/converse", streamPath: "/model/m/converse-stream",
            fields: "authorization: Bearer k\r\n", before: #"{"messages":[{"role":"user","content":[{"text":""#,
            after: #""}]}]}"#, streamAfter: #""}]}]}"#, opening: 1, billed: "/model/converse",
            rateLimited: ["x-amzn-ErrorType: ThrottlingException:", "x-amzn-RequestId: req_mock", #"{"message":""#],
            streamError: "modelStreamErrorException", streamEnd: "metadata"),
    ]

    @Test("what is served is billed", arguments: clients, [false, true])
    func served(client: Client, streams: Bool) async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let answer = try await client.post(mock, "events=6 input=70 cached=20 written=8", streams: streams)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
        #expect(!streams || answer.contains(client.streamEnd))
        let bill = try await mock.get("/mock/billed")
        #expect(
            bill.contains("\"path\":\"\(client.billed)\",\"model\":\"m\",\"status\":\"served\",\"http_status\":200,"))
        #expect(
            bill.contains(
                #""usage":{"input_tokens":70,"output_tokens":6,"cached_tokens":20,"reasoning_tokens":0,"cache_write_tokens":8}"#
            ))
    }

    @Test("an error has the shape of its provider and costs nothing", arguments: clients, [false, true])
    func refused(client: Client, streams: Bool) async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let answer = try await client.post(mock, "status=429 retry-after=46", streams: streams)
        #expect(answer.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
        for part in client.rateLimited { #expect(answer.contains(part), "\(answer)") }
        let bill = try await mock.get("/mock/billed")
        #expect(
            bill.contains(
                #""status":"refused","http_status":429,"events":0,"usage":{"input_tokens":0,"output_tokens":0,"#))
        let mistake = try await client.post(mock, "evnts=3", streams: streams)
        #expect(mistake.hasPrefix("HTTP/1.1 400 ") && mistake.contains("unknown key"))
    }

    @Test("a stream breaks where it is told to, and bills what went out", arguments: clients)
    func broken(client: Client) async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let cut = try await client.post(mock, "events=9 cut=\(client.opening + 4)", streams: true)
        #expect(cut.hasPrefix("HTTP/1.1 200 OK\r\n") && !cut.contains(client.streamEnd) && !cut.hasSuffix("0\r\n\r\n"))
        let error = try await client.post(mock, "events=9 error=\(client.opening + 2)", streams: true)
        #expect(error.contains(client.streamError) && !error.contains(client.streamEnd))
        let garbage = try await client.post(mock, "events=9 garbage=sse", streams: true)
        #expect(garbage.contains("this is <not> JSON") || garbage.contains("corrupt"))
        #expect(try await client.post(mock, "cut=0", streams: true).isEmpty)
        #expect(try await client.post(mock, "garbage=head", streams: true).contains("this is no HTTP"))
        #expect(try await client.post(mock, "garbage=json", streams: false).contains("502 Bad Gateway"))
        let bill = try await mock.get("/mock/billed")
        for (number, output) in [(1, 4), (2, 2)] {
            #expect(
                bill.contains(
                    "\"number\":\(number),\"path\":\"\(client.billed)\",\"model\":\"m\",\"status\":\"cut\",\"http_status\":200,"
                        + "\"events\":\(client.opening + output),"))
            #expect(bill.contains("\"output_tokens\":\(output),"))
        }
    }

    @Test(
        "shapes of the connection change nothing of the content", arguments: clients,
        ["close-delimited", "slow-head", "close"])
    func framing(client: Client, shape: String) async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let plain = try await client.post(mock, "events=2 seed=4 bytes=9", streams: false)
        let shaped = try await client.post(mock, "events=2 seed=4 bytes=9 \(shape)", streams: false)
        func body(_ answer: String) -> Substring { answer.split(separator: "\r\n\r\n", maxSplits: 1).last ?? "" }
        let (one, other) = (body(plain), body(shaped))
        // Another number in the ids and, for the line is longer, other input tokens: the length of all that is the same.
        #expect(!one.isEmpty && one.utf8.count == other.utf8.count)
    }

    // MARK: Keys, paths, versions

    static let keyFields: [(String, String, Bool)] = [
        ("OpenAI", "authorization: Bearer k1\r\n", true), ("OpenAI", "api-key: k1\r\n", false),
        ("Azure", "api-key: k1\r\n", true), ("Azure", "authorization: Bearer k1\r\n", true),
        ("Azure", "api-key: k2\r\n", false),
        ("Anthropic", "x-api-key: k1\r\nanthropic-version: 2023-06-01\r\n", true),
        ("Anthropic", "authorization: Bearer k1\r\nanthropic-version: 2023-06-01\r\n", true),
        ("Anthropic", "x-api-key: k2\r\nanthropic-version: 2023-06-01\r\n", false),
        ("Gemini", "x-goog-api-key: k1\r\n", true), ("Gemini", "authorization: Bearer k1\r\n", true),
        ("Gemini", "x-goog-api-key: k\r\n", false), ("Gemini", "", false),
        ("Bedrock", "authorization: Bearer k1\r\n", true),
        ("Bedrock", "authorization: Bearer k2\r\n", false), ("Bedrock", "", false),
    ]

    @Test("keys are shown as each provider's clients show them", arguments: keyFields)
    func keys(name: String, fields: String, isRight: Bool) async throws {
        var options = MockOptions()
        options.key = Secret("k1")
        let mock = try await RunningMock(options)
        defer { mock.stop() }
        let client = try #require(Self.clients.first { $0.testDescription == name })
        let answer = try await mock.post(client.path, client.before + "Hi" + client.after, fields: fields)
        guard !isRight else {
            #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
            return
        }
        switch name {
        case "Gemini": #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("API_KEY_INVALID"))
        case "Bedrock":
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            #expect(answer.contains(fields.isEmpty ? "MissingAuthenticationToken" : "UnrecognizedClientException"))
        default: #expect(answer.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test("a key in Gemini's query; Azure wants to see any key, and a version") func oddPlaces() async throws {
        var options = MockOptions()
        options.key = Secret("k1")
        let mock = try await RunningMock(options)
        defer { mock.stop() }
        let body = #"{"contents":[{"parts":[{"text":"Hi"}]}]}"#
        #expect(try await mock.post("/v1beta/models/m:generateContent?key=k1", body).hasPrefix("HTTP/1.1 200 "))
        #expect(try await mock.post("/v1beta/models/m:generateContent?key=k2", body).hasPrefix("HTTP/1.1 400 "))
        let open = try await RunningMock()
        defer { open.stop() }
        let chat = #"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#
        let path = "/openai/deployments/d/chat/completions"
        #expect(try await open.post(path + "?api-version=2024-10-21", chat).hasPrefix("HTTP/1.1 401 "))
        for (query, status) in [
            ("?api-version=2024-10-21", 200), ("?api-version=2025-03-01-preview", 200), ("", 404),
            ("?api-version=1", 404),
        ] {
            #expect(try await open.post(path + query, chat, fields: "api-key: k\r\n").hasPrefix("HTTP/1.1 \(status) "))
        }
        let plain = try await open.post("/openai/v1/chat/completions", chat, fields: "api-key: k\r\n")
        #expect(plain.hasPrefix("HTTP/1.1 200 ") && plain.contains("apim-request-id: req_mock"))
        #expect(try await open.get("/mock/billed").contains(#""path":"/openai/v1/chat/completions","model":"m""#))
    }

    static let strangers: [(String, String)] = [
        ("/model/m/invoke", "x-amzn-ErrorType: ResourceNotFoundException"),
        ("/openai/deployments/d/images/generations", #"{"error":{"code":"404","#),
        ("/v1beta/models/m:embed", "HTTP/1.1 404 "), ("/v1/messages/batches", "HTTP/1.1 404 "),
    ]

    @Test("a path that is not there is a 404 of whom it looks like", arguments: strangers)
    func paths(path: String, part: String) async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let answer = try await mock.post(path, "{}", fields: "authorization: Bearer k\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.contains(part), "\(answer)")
    }

    @Test("a model's name in the path is decoded") func modelNames() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let converse = try #require(Self.clients.last)
        let body = converse.before + "Hi" + converse.after
        _ = try await mock.post("/model/arn%3Aaws%3Abedrock%2Fa%22b/converse", body, fields: converse.fields)
        _ = try await mock.post("/v1beta/models/a-b%3AgenerateContent", #"{"contents":[{"parts":[{"text":"Hi"}]}]}"#)
        let bill = try await mock.get("/mock/billed")
        #expect(bill.contains(#""model":"arn:aws:bedrock/a\"b""#) && bill.contains(#""model":"a-b""#))
    }

    @Test("the same body means another thing on another path") func cache() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let body = #"{"contents":[{"parts":[{"text":"Hi #mock events=1"}]}]}"#
        let whole = try await mock.post("/v1/models/a:generateContent", body)
        let other = try await mock.post("/v1/models/b:generateContent", body)
        let array = try await mock.post("/v1/models/a:streamGenerateContent", body)
        let events = try await mock.post("/v1/models/a:streamGenerateContent?alt=sse", body)
        let count = try await mock.post("/v1/models/a:countTokens", body)
        #expect(whole.contains(#""modelVersion":"a""#) && other.contains(#""modelVersion":"b""#))
        #expect(array.contains("\r\n[{\"candidates\"") && array.contains("content-type: application/json"))
        #expect(events.contains("data: {\"candidates\"") && events.contains("content-type: text/event-stream"))
        #expect(count.hasSuffix(#"{"totalTokens":11}"#), "\(count)")
    }

    // MARK: Signatures

    /// What botocore 1.44.8 makes of this body with the example key of Amazon's documentation.
    private static let signedBody = #"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#
    private static let signature = "432dbbb6641844fbcc24486569ab8e77789e4b3f79600651475937195abcd316"

    private func signed(
        _ path: String = "/model/anthropic.claude-v1%3A0/converse", key: String = "AKIDEXAMPLE",
        scope: String = "20261118/us-east-1/bedrock/aws4_request", date: String = "20261118T120000Z",
        signature: String = signature, body: String = signedBody
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: bedrock-runtime.us-east-1.amazonaws.com\r\nContent-Type: application/json\r\n"
            + "X-Amz-Date: \(date)\r\nconnection: close\r\nAuthorization: AWS4-HMAC-SHA256 Credential=\(key)/\(scope), "
            + "SignedHeaders=content-type;host;x-amz-date, Signature=\(signature)\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
            + body
    }

    @Test("a signature is put together again; whatever it covers may not change") func signatures() async throws {
        var options = MockOptions()
        options.accessKey = "AKIDEXAMPLE"
        options.secretAccessKey = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let mock = try await RunningMock(options)
        defer { mock.stop() }
        #expect(try await mock.exchange(signed()).hasPrefix("HTTP/1.1 200 "))
        let wrong = [
            signed("/model/anthropic.claude-v1:0/converse"), signed("/model/anthropic.claude-v2%3A0/converse"),
            signed(date: "20261118T120001Z"), signed(date: "20261119T120000Z"),
            signed(scope: "20261118/us-east-2/bedrock/aws4_request"),
            signed(scope: "20261118/us-east-1/s3/aws4_request"),
            signed(signature: String(Self.signature.dropLast()) + "7"), signed(signature: "none"),
            signed(body: Self.signedBody.replacing("Hi", with: "Ho")),
        ]
        for request in wrong {
            let answer = try await mock.exchange(request)
            #expect(answer.hasPrefix("HTTP/1.1 403 ") && answer.contains("InvalidSignatureException"), "\(answer)")
        }
        #expect(try await mock.exchange(signed(key: "AKIDOTHER")).contains("UnrecognizedClientException"))
        #expect(try await mock.exchange(signed(scope: "20261118")).contains("IncompleteSignatureException"))
        let bearer = try await mock.post("/model/m/converse", Self.signedBody, fields: "authorization: Bearer k\r\n")
        #expect(bearer.hasPrefix("HTTP/1.1 403 "))
        let open = try await RunningMock()
        defer { open.stop() }
        #expect(try await open.exchange(signed(signature: "any")).hasPrefix("HTTP/1.1 200 "))
    }
}
