import Testing
import WeirBase
import WeirLoad
import WeirLoop
import WeirMock
import WeirMockScript
import WeirTestSupport

@Suite("weir-mock and weir-load", .serialized) struct MockTests {
    private func plan(
        _ mock: RunningMock, _ endpoint: Ask.Endpoint, _ settings: String = "", requests: Int = 100
    ) throws -> LoadPlan {
        let address = mock.address
        let path =
            switch endpoint {
            case .completions: "/v1/completions"
            case .responses: "/v1/responses"
            case .embeddings: "/v1/embeddings"
            default: "/v1/chat/completions"
            }
        var plan = LoadPlan(address: address, host: "\(address)", path: path)
        plan.endpoint = endpoint
        plan.directiveText = settings
        plan.directive = try Directive(settings)
        plan.connections = 8
        plan.warmup = .zero
        plan.requests = requests
        plan.timeout = .seconds(5)
        return plan
    }

    static let everyShape = [
        "", "tool=f", "events=0", "events=200 bytes=9 burst=7", "split=3 events=2", "crlf comments", "close",
        "close-delimited", "slow-head", "first=2ms gap=1ms events=3", "usage=off", "bytes=30000 events=3",
    ]

    @Test("every answer of every shape is right, on each backend", arguments: backends, everyShape)
    func shapes(backend: Backend, settings: String) async throws {
        let mock = try await RunningMock(MockOptions(), backend)
        defer { mock.stop() }
        for endpoint in [Ask.Endpoint.chat, .completions, .responses, .embeddings] {
            guard !settings.hasPrefix("tool") || endpoint == .chat || endpoint == .responses else { continue }
            for streams in [false, true] where !streams || endpoint != .embeddings {
                var plan = try plan(mock, endpoint, settings, requests: 16)
                plan.streams = streams
                plan.backend = backend
                let result = try LoadRun(plan).run()
                #expect(result.tally.requests == 16)
                #expect(result.tally.examples.isEmpty, "\(endpoint), streams: \(streams)")
            }
        }
    }

    static let everyFault: [(String, Bool, AnswerError.Kind)] = [
        ("cut=0", false, .cut), ("cut=0", true, .cut), ("cut=1", false, .cut), ("cut=1", true, .cut),
        ("cut=3", true, .cut),
        ("cut=17", true, .cut), ("error=3", true, .errorEvent), ("garbage=head", false, .head),
        ("garbage=json", false, .json),
        ("garbage=sse", true, .json), ("garbage=chunk", true, .chunk),
    ]

    @Test("every fault is seen for what it is", arguments: everyFault)
    func faults(settings: String, streams: Bool, kind: AnswerError.Kind) async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        var plan = try plan(mock, .chat, settings, requests: 10)
        plan.streams = streams
        let tally = try LoadRun(plan).run().tally
        #expect(tally.requests == 0)
        #expect(tally.errorCount >= 10)
        #expect(Set(tally.errors.keys) == [kind])
    }

    @Test("a stall is a time-out, and the mock notices that the client has gone") func stall() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        var plan = try plan(mock, .chat, "stall=2", requests: 1)
        plan.streams = true
        plan.connections = 1
        plan.timeout = .milliseconds(50)
        let tally = try LoadRun(plan).run().tally
        #expect(tally.errors == [.timeout: 1])
        let bill = try await mock.get("/mock/billed")
        #expect(bill.contains(#""status":"cut","http_status":200,"events":2,"usage":{"input_tokens":"#))
    }

    @Test("an expected status is right, another one wrong") func status() async throws {
        var options = MockOptions()
        options.defaults = try Directive("status=503 retry-after=7")
        let mock = try await RunningMock(options)
        defer { mock.stop() }
        #expect(try LoadRun(try plan(mock, .chat, "status=503", requests: 5)).run().tally.errorCount == 0)
        #expect(try LoadRun(try plan(mock, .chat, "status=429", requests: 5)).run().tally.errorCount == 0)
        let wrong = try LoadRun(try plan(mock, .chat, "", requests: 5)).run().tally
        #expect(Set(wrong.errors.keys) == [.status])
        let answer = try await mock.chat(#"{"model":"m","messages":[{}]}"#)
        #expect(answer.contains("503 Service Unavailable") && answer.contains("retry-after: 7\r\n"))
    }

    @Test("an answer to another question is seen") func foreign() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        var plan = try plan(mock, .chat, "seed=1", requests: 5)
        plan.directive.seed = 2
        for streams in [false, true] {
            plan.streams = streams
            #expect(Set(try LoadRun(plan).run().tally.errors.keys) == [.content])
        }
    }

    @Test("an open loop counts the wait for a free connection") func openLoop() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        var plan = try plan(mock, .chat, "first=5ms", requests: 20)
        plan.connections = 1
        plan.rate = 10_000
        // Twenty requests due within 2 ms, served one after another in 5 ms each.
        #expect(try LoadRun(plan).run().tally.latency.max >= 90_000_000)
    }

    @Test("the bill lists what was served, refused and cut, in pages") func bill() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        _ = try await mock.chat(##"{"model":"a\"b","messages":[{"content":"#mock input=70 output=30 cached=20"}]}"##)
        _ = try await mock.chat(##"{"model":"b","messages":[{"content":"#mock status=429"}]}"##)
        _ = try await mock.chat(##"{"model":"c","stream":true,"messages":[{"content":"#mock cut=3 input=9"}]}"##)
        let all = try await mock.get("/mock/billed")
        #expect(
            all.contains(
                ##"{"request_id":"req_mock0000000000000001","number":1,"path":"/v1/chat/completions","model":"a\"b","##
                    + ##""status":"served","http_status":200,"events":0,"##
                    + ##""usage":{"input_tokens":70,"output_tokens":30,"cached_tokens":20,"reasoning_tokens":0,"##
                    + ##""cache_write_tokens":0}}"##))
        #expect(all.contains(##""model":"b","status":"refused","http_status":429"##))
        #expect(
            all.contains(##""status":"cut","http_status":200,"events":3,"usage":{"input_tokens":9,"output_tokens":2,"##)
        )
        let page = try await mock.get("/mock/billed?after=1&limit=1")
        #expect(page.contains(##""number":2"##) && page.contains(##""next":2,"total":3,"forgotten":0"##))
        #expect(!page.contains(##""number":3"##))
        _ = try await mock.exchange(
            "POST /mock/reset HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        #expect(try await mock.get("/mock/billed").contains(##"{"data":[],"next":0"##))
    }

    @Test("requests are shown as they were received; chunks are joined") func requestLog() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        _ = try await mock.exchange(
            "POST /v1/files HTTP/1.1\r\nHost: x\r\nX-Odd:  a b \r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
                + "1\r\na\r\n2;x=y\r\nbc\r\n0\r\n\r\n")
        let log = try await mock.get("/mock/requests?last=1")
        #expect(log.contains(#""head":"POST /v1/files HTTP/1.1\r\nHost: x\r\nX-Odd:  a b \r\n"#))
        #expect(
            log.contains(
                #""body_bytes":3,"body_sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#))
        #expect(log.contains(#""body_base64":"YWJj""#))
    }

    @Test("pipelined requests and 100-continue") func framing() async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let body = ##"{"model":"m","messages":[{"content":"#mock events=1"}]}"##
        let one = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n"
        let answers = try await mock.exchange(one + "\r\n" + body + one + "connection: close\r\n\r\n" + body)
        #expect(answers.components(of: "HTTP/1.1 200 OK") == 2)
        let continued = try await mock.exchange(
            one + "connection: close\r\nexpect: 100-continue\r\n\r\n", patience: .milliseconds(100))
        #expect(continued.hasPrefix("HTTP/1.1 100 Continue\r\n\r\n"))
    }

    static let mistakes: [(String, String, String)] = [
        (#"{"messages":[{}]}"#, "400", #""code":"missing_required_parameter""#),
        (#"{"model":"m"}"#, "400", #""param":"messages","code":"missing_required_parameter""#),
        (#"{"model":1,"messages":[{}]}"#, "400", #""param":"model","code":"invalid_type""#),
        (#"{"model":"m","messages":"hi"}"#, "400", #""param":"messages","code":"invalid_type""#),
        (#"{"model":"m","messages":[]}"#, "400", #""param":"messages","code":"invalid_value""#),
        (#"{"model":"m","messages":[{}],"top_k":5}"#, "400", #""param":"top_k","code":"unknown_parameter""#),
        (#"{"model":"m","messages":[{}],"stream":"yes"}"#, "400", #""param":"stream","code":"invalid_type""#),
        (#"{"model":"m","messages":[{}],"n":0}"#, "400", #""param":"n","code":"invalid_value""#),
        (#"{"model":"m","messages":[{}],"stream_options":{}}"#, "400", #""param":"stream_options""#),
        (#"{"model":"m","messages":[{}]"#, "400", #""type":"invalid_request_error""#),
        (##"{"model":"m","messages":[{"content":"#mock evnts=3"}]}"##, "400", #""code":"mock_directive""#),
    ]

    @Test("mistakes are refused as the provider refuses them", arguments: mistakes)
    func strictness(body: String, status: String, part: String) async throws {
        let mock = try await RunningMock()
        defer { mock.stop() }
        let answer = try await mock.chat(body)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains(part), "\(answer)")
    }

    @Test("a key is asked for where one is set") func key() async throws {
        var options = MockOptions()
        options.key = Secret("sk-1")
        let mock = try await RunningMock(options)
        defer { mock.stop() }
        let body = #"{"model":"m","messages":[{}]}"#
        #expect(try await mock.chat(body).hasPrefix("HTTP/1.1 401 "))
        #expect(try await mock.chat(body, fields: "authorization: Bearer sk-2\r\n").hasPrefix("HTTP/1.1 401 "))
        #expect(try await mock.chat(body, fields: "authorization: Bearer sk-1\r\n").hasPrefix("HTTP/1.1 200 "))
        #expect(try await mock.get("/mock/billed").hasPrefix("HTTP/1.1 200 "))
    }

    @Test("the same fault seed gives the same faults") func faultRate() async throws {
        var options = MockOptions()
        options.faultRate = 0.3
        options.faultSeed = 5
        options.faults = [.rateLimited, .serverError]
        var counts: [Int] = []
        for _ in 0..<2 {
            let mock = try await RunningMock(options)
            defer { mock.stop() }
            var plan = try plan(mock, .chat, "", requests: 200)
            plan.connections = 1
            counts.append(try LoadRun(plan).run().tally.errors[.status] ?? 0)
        }
        #expect(counts[0] == counts[1] && (30...90).contains(counts[0]))
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
