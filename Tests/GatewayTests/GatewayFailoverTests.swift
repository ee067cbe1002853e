import Foundation
import Synchronization
import Testing
import WeirBase
import WeirBudget
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop
import WeirMockScript

private let failoverKey = "sk-weir-canary-failover-key"

/// A model with two targets: the provider that the test plays, and one that is well. $1 for a thousand input tokens, $2 for a thousand output tokens;
/// at the second half of that.
private func settings(budget: String = "$100", first: String = "up") -> Gate.Settings {
    var settings = Gate.Settings()
    settings.keys = "  - {id: paid, team: paid, sha256: \(SHA256.hex(Array(failoverKey.utf8).span))}"
    settings.more = """
        teams: {paid: {budgets: [{limit: \(budget)}]}}
        prices:
          - {provider: up, model: mock-model, from: 2020-01-01, input: "$1/K", output: "$2/K"}
          - {provider: gone, model: mock-model, from: 2020-01-01, input: "$1/K", output: "$2/K"}
          - {provider: spare, model: spare-model, from: 2020-01-01, input: "$0.50/K", output: "$1/K"}
        """
    settings.target = """
        {targets: [{provider: \(first), model: mock-model, max_output_tokens: 100}, {provider: spare, model: spare-model, max_output_tokens: 100}]}
        """
    settings.timeouts = "{connect: 10s, first_byte: 2s, idle: 2s, total: 60s}"
    return settings
}

extension Gate {
    fileprivate func ask(_ directive: String, streams: Bool, members: String = "") async throws -> Answer {
        let stream = streams ? #","stream":true"# : ""
        let body =
            ##"{"model":"m"\##(stream)\##(members),"messages":[{"role":"user","content":"#mock \##(directive)"}]}"##
        return try await post("/v1/chat/completions", body, key: failoverKey)
    }

    fileprivate var budget: BudgetStatus {
        accounts.account(of: Scope(.team, "paid"))!.budgets[0].status(
            now: WallTime(nanoseconds: loop.readWallClock()), pause: {})
    }
}

/// What the first provider says, and what the attempt costs.
private struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    /// Sent after the request; nil: nothing at all.
    var sent: String?
    /// Whether it breaks off after that.
    var ends = true
    /// Whether nobody knows if it was served and billed.
    var mayCost = false
    var testDescription: String { name }

    static func status(_ line: String, _ fields: String = "") -> Fault {
        let body = #"{"error":{"message":"no","type":"x","param":null,"code":"c"}}"#
        return Fault(
            name: line,
            sent:
                "HTTP/1.1 \(line)\r\ncontent-type: application/json\r\n\(fields)content-length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }

    static let stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    /// No fault: an answer to either question, so that nobody loses faith in the provider.
    static func well(streams: Bool) -> Fault {
        let usage = #""usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}"#
        let choice = #"{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}"#
        let body = #"{"id":"a","object":"chat.completion","choices":[\#(choice)],\#(usage)}"#
        let delta = #"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#
        let events = chunk("data: \(delta)\n\ndata: {\"choices\":[],\(usage)}\n\ndata: [DONE]\n\n") + "0\r\n\r\n"
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        return Fault(name: "well", sent: streams ? stream + events : head + body)
    }

    static let everywhere: [Fault] = [
        status("500 Internal Server Error"), status("503 Service Unavailable"), status("529 Overloaded"),
        status("429 Too Many Requests", "retry-after: 0\r\n"), status("401 Unauthorized"), status("403 Forbidden"),
        status("404 Not Found"), status("402 Payment Required"), status("408 Request Timeout"),
        Fault(name: "closes", sent: "", mayCost: true),
        Fault(name: "stalls", sent: nil, ends: false, mayCost: true),
        Fault(name: "garbage", sent: "SSH-2.0-OpenSSH_9.2\r\n\r\n", mayCost: true),
        Fault(name: "half a head", sent: "HTTP/1.1 200 OK\r\ncontent-type: applic", mayCost: true),
        Fault(
            name: "HTML", sent: "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
            mayCost: true),
    ]
    static let inJSON: [Fault] = [
        Fault(
            name: "a cut JSON answer",
            sent: "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 600\r\n\r\n{\"id\":\"a\",",
            mayCost: true)
    ]
    static let inStreams: [Fault] = [
        Fault(name: "a stream without an event", sent: stream, mayCost: true),
        Fault(name: "an empty stream", sent: stream + "0\r\n\r\n", mayCost: true),
        Fault(name: "a comment and a stall", sent: stream + chunk(": ping\n\n"), ends: false, mayCost: true),
        Fault(
            name: "an error before the first content",
            sent: stream + chunk("data: {\"error\":{\"message\":\"overloaded\"}}\n\n"), mayCost: true),
    ]
}

/// The fault that the first provider plays now.
private final class Played: Sendable {
    let fault: Mutex<Fault>
    init(_ fault: Fault) { self.fault = Mutex(fault) }
}

@Suite("Gateway: failover") struct GatewayFailoverTests {
    static let backends: [Backend] = [.epoll, .uring]

    @Test("whatever the first provider does before its first content, the second one answers", arguments: backends)
    func fails(backend: Backend) async throws {
        // One gateway for all: the time that bundled prices take to be read in a debug build, once for each, would be missing elsewhere.
        let playing = Played(Fault.everywhere[0])
        var settings = settings()
        settings.upstream = { connection in
            guard (try? await readRequest(connection)) != nil else { return }
            let fault = playing.fault.withLock { $0 }
            if let sent = fault.sent { connection.withOutput { $0.append(sent) } }
            if fault.ends { return connection.finish() }
            // Until the gateway has had enough.
            while (try? await connection.fill()) != nil {}
        }
        let configured = settings
        try await withGate(backend, configured) { gate in
            for streams in [false, true] {
                for fault in Fault.everywhere + (streams ? Fault.inStreams : Fault.inJSON) {
                    playing.fault.withLock { $0 = fault }
                    try await expectSecond(gate, configured, fault, streams: streams)
                    playing.fault.withLock { $0 = .well(streams: streams) }
                    for _ in 0..<2 {
                        let well = try await gate.ask("", streams: streams)
                        #expect(
                            well.status == 200 && well["x-weir-provider"] == "up", "after \(fault.name): \(well.text)")
                    }
                }
            }
        }
    }

    private func expectSecond(_ gate: Gate, _ settings: Gate.Settings, _ fault: Fault, streams: Bool) async throws {
        let (failovers, spent) = (gate.gateway.counts.failovers, gate.budget.spent)
        let answer = try await gate.ask("events=20 input=30", streams: streams)
        #expect(answer.status == 200 && answer.isWhole, "\(fault.name): \(answer.head) \(answer.text)")
        #expect(answer["x-weir-provider"] == "spare" && answer["x-weir-attempts"] == "2", "\(fault.name)")
        #expect(gate.gateway.counts.failovers == failovers + 1)
        let id = try #require(RequestID(answer["x-request-id"] ?? ""))
        let row = try #require(gate.rows(settings)[id])
        // 30 input tokens at $0.0005 and 20 output tokens at $0.001.
        let own = Money("0.035")!
        let first = try #require(row.earlier.first)
        #expect(row.earlier.count == 1 && row.attempt?.cost == own && row.attempt?.number == 2)
        #expect((first.cost > .zero) == fault.mayCost && (first.status != .exact) == fault.mayCost, "\(fault.name)")
        #expect(row.settle.cost == own + first.cost && row.settle.estimated == first.cost)
        #expect(row.settle.cost <= row.held, "\(fault.name)")
        #expect(gate.budget.spent - spent == row.settle.cost && gate.budget.held == .zero)
        #expect(gate.gateway.books.openRequests == 0 && gate.gateway.books.openHolds == .zero)
    }

    @Test(
        "a provider that nobody serves costs nothing, and one with a budget for one attempt gets one",
        arguments: backends)
    func budget(backend: Backend) async throws {
        try await withGate(backend, settings(budget: "$0.5", first: "gone")) { gate in
            for _ in 0..<3 {
                let answer = try await gate.ask("events=5 input=30", streams: false)
                #expect(answer.status == 200 && answer["x-weir-provider"] == "spare", "\(answer.text)")
            }
        }
        // Nobody knows what the first attempt has cost, and there is no room for another beside it.
        var tight = settings(budget: "$0.5")
        tight.upstream = { connection in
            guard (try? await readRequest(connection)) != nil else { return }
            connection.finish()
        }
        try await withGate(backend, tight) { gate in
            let answer = try await gate.ask("events=5 input=30", streams: false)
            #expect(answer.status == 502 && answer.code == "upstream_error", "\(answer.text)")
            #expect(gate.budget.held == .zero && gate.budget.spent > .zero && gate.budget.spent <= gate.budget.limit)
        }
    }

    @Test("after the first content nobody else is asked: the client is told of the break", arguments: backends)
    func breaks(backend: Backend) async throws {
        var settings = settings()
        let content = #"{"choices":[{"index":0,"delta":{"content":"first"},"finish_reason":null}]}"#
        settings.upstream = { connection in
            guard (try? await readRequest(connection)) != nil else { return }
            connection.withOutput { $0.append(Fault.stream + Fault.chunk("data: \(content)\n\n")) }
            await connection.loop.sleep(until: connection.loop.now + .milliseconds(20))
            connection.abort()
        }
        try await withGate(backend, settings) { gate in
            let answer = try await gate.ask("", streams: true)
            #expect(answer.status == 200 && answer["x-weir-provider"] == "up" && !answer.isWhole)
            #expect(answer.events.count == 2 && answer.text.contains("first") && answer.text.contains("upstream_error"))
            #expect(gate.gateway.counts.failovers == 0)
        }
    }

    @Test("what refers to one provider's state stays with it", arguments: backends)
    func bound(backend: Backend) async throws {
        try await withGate(backend, settings(first: "gone")) { gate in
            let body = #"{"model":"m","input":"a","previous_response_id":"resp_1","max_output_tokens":5}"#
            let answer = try await gate.post("/v1/responses", body)
            #expect(answer.status == 503 && answer.code == "upstream_unavailable", "\(answer.text)")
            let free = try await gate.post("/v1/responses", #"{"model":"m","input":"a","max_output_tokens":5}"#)
            #expect(free.status == 200 && free["x-weir-provider"] == "spare")
        }
    }

    @Test("where no target is left, the last one's failure is told", arguments: backends)
    func nobody(backend: Backend) async throws {
        var settings = settings(first: "gone")
        settings.target = "{targets: [{provider: gone, model: a}, {provider: gone, model: b}]}"
        try await withGate(backend, settings) { gate in
            let answer = try await gate.post("/v1/chat/completions", Gate.chatBody())
            #expect(answer.status == 503 && answer.code == "upstream_unavailable", "\(answer.text)")
            #expect(gate.gateway.counts.failovers == 1)
        }
    }

    @Test(
        "an attempt whose connection was refused is in the ledger, free of charge, also where it was the last",
        arguments: backends)
    func refused(backend: Backend) async throws {
        for targets in ["gone/mock-model", "{targets: [gone/mock-model, gone/other]}"] {
            var settings = settings()
            settings.target = targets
            settings.more += "\n  - {provider: gone, model: other, from: 2020-01-01, input: \"$1/K\", output: \"$2/K\"}"
            let configured = settings
            try await withGate(backend, configured) { gate in
                let answer = try await gate.ask("events=5 input=30", streams: false)
                #expect(answer.status == 503 && answer.code == "upstream_unavailable", "\(answer.text)")
                let id = try #require(RequestID(answer["x-request-id"] ?? ""))
                let row = try #require(gate.rows(configured)[id])
                let attempts = row.earlier + [row.attempt].compactMap(\.self)
                #expect(attempts.map { Int($0.number) } == (targets.hasPrefix("{") ? [1, 2] : [1]))
                #expect(attempts.allSatisfy { $0.cost == .zero && $0.status == .exact && $0.httpStatus == 0 })
                #expect(row.settle.cost == .zero && row.settle.status == .upstreamUnavailable)
            }
        }
    }
}
