import Foundation
import Testing
import WeirBase
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop
import WeirMockScript

/// An upstream's dialect as a test configures it.
struct UpstreamDialect: Sendable, CustomTestStringConvertible {
    let name: String
    let model: String
    var testDescription: String { name }

    static let all = [
        UpstreamDialect(name: "openai", model: "mock-model"), UpstreamDialect(name: "azure", model: "deployment/1"),
        UpstreamDialect(name: "anthropic", model: "claude-sonnet-4-6"),
        UpstreamDialect(name: "gemini", model: "gemini-3-pro-preview"),
        UpstreamDialect(name: "bedrock", model: "anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ]

    /// A gate whose model `m` is of a provider of this dialect.
    var settings: Gate.Settings {
        var settings = Gate.Settings()
        settings.timeouts = "{connect: 10s, first_byte: 20s, idle: 20s, total: 60s}"
        let version = name == "azure" ? #", api_version: "2024-10-21""# : ""
        let keys =
            name == "bedrock" ? "{access_key_id: env:UP_ID, secret_access_key: env:UP_KEY}" : "env:UP_KEY"
        let region = name == "bedrock" ? ", region: eu-west-1" : ""
        settings.providers = """
              p: {dialect: \(name), base_url: "http://127.0.0.1:PORT\(name == "openai" ? "/v1" : "")"\(version)\(region), credentials: [\(keys)], timeouts: \(settings.timeouts)}
            """
        settings.target = #"{targets: [{provider: p, model: "\#(model)"}]}"#
        return settings
    }
}

@Suite("Gateway: every API to every dialect") struct GatewayDialectTests {
    private static let question = "#mock seed=7 events=6 bytes=24 input=70 cached=20 output=9"

    @Test("texts and usage arrive whole", arguments: UpstreamDialect.all, ClientAPI.allCases)
    func texts(dialect: UpstreamDialect, api: ClientAPI) async throws {
        let settings = dialect.settings
        try await withGate(.epoll, settings) { gate in
            var wanted: Said?
            for streams in [false, true] {
                let answer = try await gate.post(api.path, api.body("m", Self.question, streams: streams))
                #expect(answer.status == 200 && answer.isWhole, "\(answer.text)")
                var said = api.read(answer, streams: streams)
                #expect(said.isEnded && said.errors.isEmpty && said.problems.isEmpty, "\(said)")
                #expect(said.text.utf8.count == 6 * 24, "\(said.text)")
                #expect((said.input, said.cached, said.output) == (70, 20, 9), "\(said) \(answer.text)")
                let finishes = ["stop", "end_turn", "completed"]
                #expect(finishes.contains(said.finish), "\(said.finish)")
                #expect(answer["x-weir-provider"] == "p" && answer["x-weir-attempts"] == "1")
                // Google gives no id in a field.
                let id = answer["x-weir-upstream-request-id"]
                #expect(dialect.name == "gemini" ? id == nil : id?.hasPrefix("req_mock") == true, "\(answer.head)")
                // A stream and a whole answer to the same question say the same.
                said.calls = []
                if let wanted { #expect(said == wanted) }
                wanted = said
            }
            let rows = gate.rows(settings).values
            #expect(rows.count == 2)
            for row in rows {
                let usage = row.attempt?.usage ?? Usage()
                #expect((usage.input, usage.cachedInput, usage.output) == (70, 20, 9))
                #expect(row.attempt?.status == .exact && row.settle.status == .complete)
            }
        }
    }

    @Test("tools are called, and their results go back", arguments: UpstreamDialect.all, ClientAPI.allCases)
    func tools(dialect: UpstreamDialect, api: ClientAPI) async throws {
        try await withGate(.epoll, dialect.settings) { gate in
            for streams in [false, true] {
                let question = "Weather? #mock tool=get_weather seed=3 events=4"
                let answer = try await gate.post(
                    api.path, api.body("m", question, streams: streams, members: api.tools))
                let said = api.read(answer, streams: streams)
                #expect(said.calls.count == 1 && said.calls.allSatisfy(\.isObject), "\(said) \(answer.text)")
                #expect(["tool_calls", "tool_use", "completed"].contains(said.finish))
                guard let call = said.calls.first else { continue }
                #expect(call.name == "get_weather" && !call.id.isEmpty)
                let second = try await gate.post(api.path, Self.result(of: call, answer, streams, api))
                #expect(second.status == 200, "\(second.text)")
                #expect(api.read(second, streams: false).text.utf8.count == 2 * 32)
            }
        }
    }

    /// The request that brings back what the tool has said.
    private static func result(of call: Said.Call, _ answer: Answer, _ streams: Bool, _ api: ClientAPI) -> String {
        func json(_ value: Any) -> String {
            let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed])
            return String(decoding: data ?? Data(), as: UTF8.self)
        }
        let question = #"{"role":"user","content":"Weather?"}"#
        let more = "And now? #mock events=2"
        switch api {
        case .chat:
            // What came beside the call goes back with it, as SDKs do that keep what they do not know.
            let whole = ((answer.json["choices"] as? [[String: Any]])?.first?["message"]).map(json)
            let made =
                #"{"role":"assistant","content":null,"tool_calls":[{"id":\#(json(call.id)),"type":"function","function":{"name":"get_weather","arguments":\#(json(call.arguments))}}]}"#
            return
                #"{"model":"m","messages":[\#(question),\#(whole ?? made),{"role":"tool","tool_call_id":\#(json(call.id)),"content":"rain"},{"role":"user","content":"\#(more)"}]\#(api.tools)}"#
        case .responses:
            let made =
                #"{"type":"function_call","call_id":\#(json(call.id)),"name":"get_weather","arguments":\#(json(call.arguments))}"#
            return
                #"{"model":"m","input":[\#(question),\#(made),{"type":"function_call_output","call_id":\#(json(call.id)),"output":"rain"},{"role":"user","content":"\#(more)"}]\#(api.tools)}"#
        case .messages:
            let use = #"{"type":"tool_use","id":\#(json(call.id)),"name":"get_weather","input":\#(call.arguments)}"#
            return
                #"{"model":"m","max_tokens":400,"messages":[\#(question),{"role":"assistant","content":[\#(use)]},{"role":"user","content":[{"type":"tool_result","tool_use_id":\#(json(call.id)),"content":"rain"},{"type":"text","text":"\#(more)"}]}]\#(api.tools)}"#
        }
    }

    @Test(
        "what a provider refuses is told in the client's own words", arguments: UpstreamDialect.all, ClientAPI.allCases)
    func refusals(dialect: UpstreamDialect, api: ClientAPI) async throws {
        try await withGate(.epoll, dialect.settings) { gate in
            for (told, wanted) in [(400, 400), (401, 502), (429, 429), (500, 502), (503, 503)] {
                let answer = try await gate.post(
                    api.path, api.body("m", "#mock status=\(told) retry-after=7", streams: told == 429))
                #expect(
                    answer.status == wanted || (told == 503 && api == .messages && answer.status == 529),
                    "\(told): \(answer.status) \(answer.text)")
                switch api {
                case .messages:
                    let error = answer.json["error"] as? [String: Any]
                    #expect(answer.json["type"] as? String == "error" && error?["message"] is String, "\(answer.text)")
                case .chat, .responses: #expect(answer.error["message"] is String, "\(answer.text)")
                }
                let codes = [
                    429: "rate_limit_exceeded", 401: "upstream_auth_error", 500: "upstream_error",
                    503: "upstream_unavailable",
                ]
                if let code = codes[told], api != .messages { #expect(answer.code == code, "\(answer.text)") }
                // Amazon says nothing of when to try again.
                if told == 429, dialect.name != "bedrock" { #expect(answer["retry-after"] == "7", "\(answer.head)") }
            }
        }
    }

    @Test("what is refused or left out has the client's own name for it")
    func names() async throws {
        let (gemini, bedrock) = (UpstreamDialect.all[3], UpstreamDialect.all[4])
        let stops = #","stop_sequences":["a","b","c","d","e","f"]"#
        try await withGate(.epoll, gemini.settings) { gate in
            let refused = try await gate.post(
                ClientAPI.messages.path, ClientAPI.messages.body("m", "Hello", streams: false, members: stops))
            #expect(
                refused.status == 400 && refused.text.contains("stop_sequences: this model takes"), "\(refused.text)")
            let image = #"{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}"#
            let messages = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[\#(image)]}]}"#
            let fetched = try await gate.post(ClientAPI.messages.path, messages)
            #expect(
                fetched.status == 400 && fetched.text.contains("\"messages[0]: this model fetches"), "\(fetched.text)")
        }
        let dropped: [(ClientAPI, String, String)] = [
            (.messages, #","metadata":{"user_id":"u"}"#, "metadata.user_id"), (.chat, #","user":"u""#, "user"),
            (.responses, #","text":{"verbosity":"low"}"#, "text.verbosity"),
        ]
        try await withGate(.epoll, bedrock.settings) { gate in
            for (api, members, name) in dropped {
                let answer = try await gate.post(api.path, api.body("m", "Hello", streams: false, members: members))
                #expect(answer.status == 200 && answer["x-weir-dropped"] == name, "\(answer.head)")
            }
        }
    }

    @Test("a stream that breaks off ends with one error event", arguments: UpstreamDialect.all, ClientAPI.allCases)
    func breaks(dialect: UpstreamDialect, api: ClientAPI) async throws {
        let settings = dialect.settings
        try await withGate(.epoll, settings) { gate in
            for fault in ["error=5", "cut=5"] {
                let answer = try await gate.post(
                    api.path, api.body("m", "#mock events=9 bytes=8 \(fault)", streams: true))
                #expect(answer.status == 200, "\(answer.text)")
                let said = api.read(answer, streams: true)
                #expect(!said.text.isEmpty && said.problems.isEmpty, "\(fault): \(answer.text)")
                // An error that is the provider's own in the client's API passes as it came.
                #expect(said.errors.count == 1 || !answer.isWhole, "\(fault): \(said) \(answer.text)")
                #expect(said.finish.isEmpty || said.finish == "failed", "\(fault): \(said)")
            }
            let rows = gate.rows(settings).values
            #expect(rows.count == 2 && rows.allSatisfy { $0.attempt?.status == .estimated })
        }
    }
}
