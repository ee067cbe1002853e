import Synchronization
import Testing
import WeirBase
import WeirGateway
import WeirLoop
import WeirTestSupport

@Suite("Gateway: answers that end too early") struct GatewayCutTests {
    /// What a provider sends before its connection ends, and what a client gets of it.
    struct Case: Sendable {
        var framing: String
        var sent: String
        var path = "/v1/chat/completions"
        /// Whether the client asks for usage itself, so that nothing is taken out of the stream.
        var asksForUsage = false
        var version = "1.1"
        /// Whether a reset ends the connection, once the client has got what was sent.
        var isReset = false
        var seen: String
        var end = End.whole

        /// How the answer ends for the client.
        enum End { case whole, toldOfBreak, toldOfBreakAndWhole, cut }
    }

    static let chunked = "transfer-encoding: chunked"
    static let untilClose = "connection: close"
    static let event = "data: {\"choices\":[{\"delta\":{}}]}\n\n"
    static let done = "data: [DONE]\n\n"
    static let crlfDone = "data: [DONE]\r\n\r\n"
    static let completed = "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{}}\n\n"
    static let delta = "event: response.output_text.delta\ndata: {\"delta\":\"a\"}\n\n"

    static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }
    static func length(_ text: String, more: Int = 0) -> String { "content-length: \(text.utf8.count + more)" }

    static let afterTheEnd: [Case] = [
        Case(framing: chunked, sent: chunk(event + done), seen: event + done),
        Case(framing: chunked, sent: chunk(event + done), isReset: true, seen: event + done),
        Case(framing: chunked, sent: chunk(event + done), asksForUsage: true, seen: event + done),
        Case(framing: chunked, sent: chunk(event) + chunk(done) + "9\r\n: ping", seen: event + done),
        Case(framing: chunked, sent: chunk(event + done), version: "1.0", seen: event + done),
        Case(framing: length(event + done, more: 9), sent: event + done, seen: event + done),
        // Between CR and LF of the last line end.
        Case(framing: chunked, sent: chunk(String(crlfDone.utf8.dropLast())!), seen: crlfDone),
        Case(framing: chunked, sent: chunk(String(crlfDone.utf8.dropLast())!), isReset: true, seen: crlfDone),
        Case(framing: chunked, sent: chunk(String(crlfDone.utf8.dropLast())!), version: "1.0", seen: crlfDone),
        Case(framing: length(crlfDone), sent: String(crlfDone.utf8.dropLast())!, seen: crlfDone),
        Case(framing: length(crlfDone), sent: String(crlfDone.utf8.dropLast())!, asksForUsage: true, seen: crlfDone),
        Case(framing: untilClose, sent: String(crlfDone.utf8.dropLast())!, asksForUsage: true, seen: crlfDone),
        Case(framing: chunked, sent: chunk("data: [DONE]\r\r"), seen: "data: [DONE]\r\r"),
        Case(framing: chunked, sent: chunk(delta + completed), path: "/v1/responses", seen: delta + completed),
        Case(framing: untilClose, sent: delta + completed, path: "/v1/responses", seen: delta + completed),
        Case(framing: untilClose, sent: event + done, path: "/v1/completions", seen: event + done),
        // A client that was told of more bytes is cut all the same.
        Case(framing: length(done, more: 9), sent: done, asksForUsage: true, seen: done, end: .cut),
    ]

    static let beforeTheEnd: [Case] = [
        Case(framing: untilClose, sent: event, seen: event, end: .toldOfBreak),
        Case(framing: untilClose, sent: event, asksForUsage: true, seen: event, end: .toldOfBreak),
        Case(framing: untilClose, sent: event, version: "1.0", seen: event, end: .toldOfBreakAndWhole),
        Case(framing: untilClose, sent: "", seen: "", end: .toldOfBreak),
        Case(framing: untilClose, sent: event, path: "/v1/completions", seen: event, end: .toldOfBreak),
        Case(framing: untilClose, sent: delta, path: "/v1/responses", seen: delta, end: .toldOfBreakAndWhole),
        Case(
            framing: untilClose, sent: delta + "event: error\n", path: "/v1/responses", seen: delta + "event: error\n",
            end: .cut),
        // Of an event that is held nothing goes on; of one that passes as it comes, what has come.
        Case(framing: untilClose, sent: event + "data: {\"usage\":{", seen: event, end: .toldOfBreak),
        Case(
            framing: untilClose, sent: event + "data: {\"a", asksForUsage: true, seen: event + "data: {\"a", end: .cut),
        Case(
            framing: untilClose, sent: event + "data: [DONE]\n", asksForUsage: true, seen: event + "data: [DONE]\n",
            end: .cut),
        Case(framing: chunked, sent: chunk(event), version: "1.0", seen: event, end: .toldOfBreakAndWhole),
        // Framing that says the end is believed.
        Case(framing: chunked, sent: chunk(event) + "0\r\n\r\n", seen: event),
        Case(framing: length(event), sent: event, seen: event),
        // Whose end is not known ends with its connection.
        Case(framing: untilClose, sent: event, path: "/v1/images/generations", seen: event),
        Case(framing: untilClose, sent: "data: {}\n\n", path: "/v1/responses", seen: "data: {}\n\n"),
    ]

    static let json: [Case] = [
        Case(framing: untilClose, sent: #"{"a":[1,"}"]}"#, seen: #"{"a":[1,"}"]}"#),
        Case(framing: untilClose, sent: #"{"a":[1,"}"]}"# + "\n", version: "1.0", seen: #"{"a":[1,"}"]}"# + "\n"),
        Case(framing: untilClose, sent: #"{"a":[1,"}"]"#, seen: #"{"a":[1,"}"]"#, end: .cut),
        Case(framing: untilClose, sent: "{", path: "/v1/embeddings", seen: "{", end: .cut),
        Case(framing: untilClose, sent: "", seen: "", end: .cut),
        Case(framing: untilClose, sent: "[1", path: "/v1/audio/speech", seen: "[1"),
        Case(framing: untilClose, sent: "[1", path: "/v1/files", seen: "[1"),
    ]

    @Test("a stream that breaks after its terminal event is whole", arguments: backends)
    func afterTheEnd(backend: Backend) async throws {
        try await check(Self.afterTheEnd, type: "text/event-stream", backend)
    }

    @Test("a stream that ends with its connection, before its terminal event, is none", arguments: backends)
    func beforeTheEnd(backend: Backend) async throws {
        try await check(Self.beforeTheEnd, type: "text/event-stream", backend)
    }

    @Test("a JSON answer that ends with its connection is whole with its last brace only", arguments: backends)
    func json(backend: Backend) async throws {
        try await check(Self.json, type: "application/json", backend)
    }

    @Test("an HTTP/1.0 client sees a reset where the answer is cut", arguments: backends)
    func oldClients(backend: Backend) async throws {
        let cases = [
            Case(framing: Self.untilClose, sent: #"{"a":"#, version: "1.0", seen: "", end: .cut),
            Case(framing: Self.chunked, sent: Self.chunk(#"{"a":"#), version: "1.0", seen: "", end: .cut),
        ]
        try await check(cases, type: "application/json", backend)
        let stream = Case(
            framing: Self.chunked, sent: Self.chunk("data: {"), asksForUsage: true, version: "1.0", seen: "", end: .cut)
        try await check([stream], type: "text/event-stream", backend)
    }

    /// Plays the cases, one after the other, and checks what a client gets.
    private func check(_ cases: [Case], type: String, _ backend: Backend) async throws {
        let playing = Shared()
        let received = Shared()
        var settings = Gate.Settings()
        settings.upstream = { connection in
            guard (try? await readRequest(connection)) != nil else { return }
            let index = playing.value
            let head = "HTTP/1.1 200 OK\r\ncontent-type: \(type)\r\n\(cases[index].framing)\r\n\r\n"
            connection.withOutput { $0.append(head + cases[index].sent) }
            guard cases[index].isReset else { return }
            while received.value <= index, connection.isUsable {
                await connection.loop.sleep(until: connection.loop.now + .milliseconds(1))
            }
            connection.abort()
        }
        try await withGate(backend, settings) { gate in
            for (index, entry) in cases.enumerated() {
                playing.count.withLock { $0 = index }
                let client = try await gate.client()
                client.send(Self.request(entry, streams: type == "text/event-stream"))
                if entry.isReset {
                    let hasCome = await client.await("[DONE]")
                    #expect(hasCome)
                    received.count.withLock { $0 = index + 1 }
                }
                let answer = try await client.answer()
                Self.check(answer, client, entry, "\(index): \(entry)")
                client.connection.finish()
            }
            let breaks = cases.count { $0.end != .whole }
            #expect(gate.gateway.counts.upstreamBreaks == breaks)
        }
    }

    private static func request(_ entry: Case, streams: Bool) -> String {
        let options = entry.asksForUsage ? #","stream_options":{"include_usage":true}"# : ""
        let body = streams ? #"{"model":"m","stream":true\#(options)}"# : #"{"model":"m"}"#
        let request = Gate.request(entry.path == "/v1/files" ? "GET" : "POST", entry.path, body)
        return request.replacing(" HTTP/1.1\r\n", with: " HTTP/\(entry.version)\r\n")
    }

    private static func check(_ answer: Answer, _ client: Client, _ entry: Case, _ what: String) {
        let isOld = answer["transfer-encoding"] == nil && answer["content-length"] == nil
        let isWhole = isOld ? client.connection.ending == .endOfStream : answer.isWhole
        #expect(answer.status == 200, "\(what): \(answer.text)")
        #expect(isOld == (entry.version == "1.0"), "\(what): \(answer.head)")
        switch entry.end {
        case .whole: #expect(answer.text == entry.seen && isWhole, "\(what): \(answer.text)")
        case .cut:
            #expect(!isWhole && (isOld || answer.text == entry.seen), "\(what): \(answer.text)")
        case .toldOfBreak, .toldOfBreakAndWhole:
            let rest = answer.text.hasPrefix(entry.seen) ? answer.text.dropFirst(entry.seen.count) : ""
            #expect(rest.contains(#""code":"upstream_error""#) && rest.hasSuffix("\n\n"), "\(what): \(answer.text)")
            #expect(isWhole == (entry.end == .toldOfBreakAndWhole), "\(what): \(answer.text)")
        }
    }
}
