import Foundation
import Testing
import WeirBase
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop
import WeirMockScript

/// Whatever a provider does, in whichever dialect, the client of whichever API sees a whole answer or one typed error.
@Suite("Gateway: faults in every dialect") struct GatewayFaultMatrixTests {
    private static let question = "x #mock seed=5 events=5 bytes=12 input=30 output=5"

    /// A gate with a model of each dialect, `m-openai` and so on, each alone and with a second target, `m2-openai`.
    private static func settings(_ upstream: @escaping @Sendable (Connection) async -> Void) -> Gate.Settings {
        var settings = Gate.Settings()
        settings.upstream = upstream
        settings.timeouts = "{connect: 10s, first_byte: 2s, idle: 2s, total: 60s}"
        for dialect in RecordedUpstream.dialects {
            let base = dialect == "openai" ? "/v1" : ""
            let rest = #"credentials: [env:UP_KEY], timeouts: \#(settings.timeouts)}"#
            for (name, port) in [("p", "PORT"), ("d", "GONE")] {
                settings.providers +=
                    "  \(name)-\(dialect): {dialect: \(dialect), base_url: \"http://127.0.0.1:\(port)\(base)\", \(rest)\n"
            }
            let model = dialect == "gemini" ? "gemini-2.5-pro" : "claude-sonnet-4-6"
            settings.models += ", m-\(dialect): p-\(dialect)/\(model), dead-\(dialect): d-\(dialect)/\(model)"
            settings.models += ", m2-\(dialect): {targets: [p-\(dialect)/\(model), spare/spare-model]}"
        }
        return settings
    }

    /// What a client may see where nobody else can answer.
    /// - Parameter text: what the answer says where it is whole.
    private static func check(
        _ answer: Answer, _ api: ClientAPI, streams: Bool, text: String, isOwn: Bool, _ what: @autoclosure () -> String
    ) {
        guard answer.status == 200 else {
            #expect(answer.status >= 400 && answer.isWhole, "\(what()): \(answer.head)")
            let error = answer.json["error"] as? [String: Any]
            #expect(error?["message"] is String && error?["type"] is String, "\(what()): \(answer.text)")
            return
        }
        guard streams else {
            // Of an answer in the client's own API what came has gone on as it came: the missing bytes tell.
            if isOwn, !answer.isWhole { return }
            #expect(api.read(answer, streams: false).text == text, "\(what()): \(answer.text)")
            return
        }
        let said = api.read(answer, streams: true)
        #expect(text.hasPrefix(said.text), "\(what()): \(said.text)")
        if said.isEnded, said.errors.isEmpty {
            #expect(said.text == text, "\(what()): \(answer.text)")
        } else {
            #expect(
                said.errors.count == 1 || (isOwn && said.errors.isEmpty && !answer.isWhole), "\(what()): \(answer.text)"
            )
        }
        if !isOwn { #expect(said.problems.isEmpty, "\(what()): \(said.problems)") }
    }

    /// Whether a provider of the dialect gets requests of the API as they are.
    private static func isOwn(_ api: ClientAPI, _ dialect: String) -> Bool {
        switch dialect {
        case "openai": api != .messages
        case "anthropic": api == .messages
        default: false
        }
    }

    @Test("statuses, garbage, silence, refusals and resets", arguments: RecordedUpstream.dialects)
    func faults(dialect: String) async throws {
        let script = Script()
        try await withGate(.epoll, Self.settings { await script.upstream?.serve($0) }) { gate in
            let upstream = try await RecordedUpstream.record(Self.question, on: gate.loop)
            script.upstream = upstream
            func said(_ status: String, _ type: String, _ body: String) -> RecordedUpstream.Act {
                .said(
                    "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"
                )
            }
            let error = #"{"error":{"type":"x","message":"no","code":418,"status":"X"},"message":"no","type":"error"}"#
            var acts: [(String, RecordedUpstream.Act)] = [
                ("garbage", .said("SSH-2.0-OpenSSH_9.2\r\n\r\n")), ("nothing", .said("")),
                ("HTML", said("200 OK", "text/html", "<html>")),
                ("no JSON", said("200 OK", "application/json", "{\"id\":")),
                ("another JSON", said("200 OK", "application/json", "{\"answer\":42}")),
                ("no events", said("200 OK", "text/event-stream", "data: {\"x\":\n\n")),
                ("a reset", .recorded(bytes: 0, resets: true)), ("silence", .silence),
            ]
            for status in [
                "400 Bad Request", "404 Not Found", "409 Conflict", "418 I", "422 U", "429 Too Many Requests",
                "500 Internal Server Error", "503 Service Unavailable", "529 Overloaded",
            ] {
                acts.append((status, said(status, "application/json", error)))
                acts.append((status + ", HTML", said(status, "text/html", "<html>no</html>")))
            }
            for (name, act) in acts {
                upstream.play(act)
                for api in ClientAPI.allCases {
                    // Silence takes its time.
                    for streams in name == "silence" ? [true] : [false, true] {
                        let answer = try await gate.post(
                            api.path, api.body("m-\(dialect)", Self.question, streams: streams))
                        let own = Self.isOwn(api, dialect)
                        // What is some JSON, and no answer, may pass to a client of the same API: it is the provider's to judge.
                        if own, answer.status == 200 || answer.status / 100 == 4 { continue }
                        #expect(answer.status >= 400, "\(dialect) \(api) \(name): \(answer.text)")
                        Self.check(answer, api, streams: streams, text: "", isOwn: own, "\(dialect) \(api) \(name)")
                    }
                }
            }
            for api in ClientAPI.allCases {
                let answer = try await gate.post(api.path, api.body("dead-\(dialect)", Self.question))
                #expect(answer.status == 503, "\(answer.text)")
                Self.check(answer, api, streams: false, text: "", isOwn: true, "dead-\(dialect) \(api)")
            }
            #expect(gate.gateway.books.openRequests == 0 && gate.gateway.books.openHolds == .zero)
        }
    }

    @Test("an answer cut at every byte of its first 2 KiB", arguments: RecordedUpstream.dialects)
    func cuts(dialect: String) async throws {
        let script = Script()
        try await withGate(.epoll, Self.settings { await script.upstream?.serve($0) }) { gate in
            let upstream = try await RecordedUpstream.record(Self.question, on: gate.loop)
            script.upstream = upstream
            let whole = try await gate.post("/v1/messages", ClientAPI.messages.body("m-\(dialect)", Self.question))
            let text = ClientAPI.messages.read(whole, streams: false).text
            #expect(text.utf8.count == 60, "\(whole.text)")
            // One connection for as long as it lasts: thousands of them would use the machine's ports up.
            var open: Client?
            for streams in [false, true] {
                let count = upstream.answer(dialect, streams: streams).count
                let body = upstream.bodyStart(dialect, streams: streams)
                for bytes in 0..<min(count, body + 2_048) {
                    // Each cut meets one of the APIs, and each API a cut in three of every kind.
                    let api = ClientAPI.allCases[(bytes + (streams ? 1 : 0)) % 3]
                    upstream.play(.recorded(bytes: bytes, resets: bytes % 5 == 4))
                    let client: Client
                    if let open { client = open } else { client = try await gate.client() }
                    client.patience = .seconds(60)
                    client.send(
                        Gate.request(
                            "POST", api.path, api.body("m-\(dialect)", Self.question, streams: streams)))
                    let answer = try await client.answer()
                    let goesOn = answer.isWhole && answer["connection"] != "close"
                    if !goesOn { client.connection.finish() }
                    open = goesOn ? client : nil
                    Self.check(
                        answer, api, streams: streams, text: text, isOwn: Self.isOwn(api, dialect),
                        "\(dialect) \(api) streams \(streams) cut at \(bytes) of \(count)")
                }
            }
            open?.connection.finish()
            #expect(gate.gateway.books.openRequests == 0 && gate.gateway.books.openHolds == .zero)
        }
    }

    @Test(
        "with a second target: its whole answer, or the first one's beginning, never both",
        arguments: RecordedUpstream.dialects)
    func switches(dialect: String) async throws {
        let script = Script()
        try await withGate(.epoll, Self.settings { await script.upstream?.serve($0) }) { gate in
            let upstream = try await RecordedUpstream.record(Self.question, on: gate.loop)
            script.upstream = upstream
            func ask(_ api: ClientAPI, _ model: String, _ streams: Bool) async throws -> Answer {
                // The spare provider says something else.
                let question =
                    model == "spare" || model.hasPrefix("m2") ? "y #mock seed=9 events=4 bytes=10" : Self.question
                return try await gate.post(api.path, api.body(model, question, streams: streams))
            }
            let first = ClientAPI.chat.read(try await ask(.chat, "m-\(dialect)", false), streams: false).text
            let second = ClientAPI.chat.read(try await ask(.chat, "spare", false), streams: false).text
            #expect(first.utf8.count == 60 && second.utf8.count == 40)
            var replaced = 0
            for streams in [false, true] {
                let count = upstream.answer(dialect, streams: streams).count
                for (turn, bytes) in stride(from: 0, to: min(count, 2_600), by: 19).enumerated() {
                    let api = ClientAPI.allCases[turn % 3]
                    upstream.play(.recorded(bytes: bytes))
                    let answer = try await ask(api, "m2-\(dialect)", streams)
                    let said = api.read(answer, streams: streams)
                    let what = "\(dialect) \(api) streams \(streams) cut at \(bytes) of \(count): \(answer.text)"
                    #expect(answer.status == 200, "\(what)")
                    if answer["x-weir-provider"] == "spare" {
                        replaced += 1
                        #expect(said.text == second && said.isEnded && said.errors.isEmpty, "\(what)")
                    } else {
                        #expect(first.hasPrefix(said.text), "\(what)")
                        #expect(streams && (said.errors.count == 1 || !answer.isWhole || said.text == first), "\(what)")
                    }
                    // So that nobody gives the first provider up.
                    upstream.play(.recorded())
                    for _ in 0..<2 {
                        let well = try await ask(api, "m2-\(dialect)", streams)
                        #expect(well["x-weir-provider"] == "p-\(dialect)", "\(well.text)")
                    }
                }
            }
            #expect(replaced > 20)
        }
    }
}

/// The upstream of a gate, once it has been recorded.
private final class Script: @unchecked Sendable {  // set before the first request
    var upstream: RecordedUpstream?
}
