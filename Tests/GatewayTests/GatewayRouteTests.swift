import Foundation
import Testing
import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirGateway
import WeirLedger
import WeirLoop
import WeirMockScript
import WeirWire

/// A route of the table with a request that it takes.
private struct RouteCase: Sendable, CustomTestStringConvertible {
    let method: String
    let path: String
    let endpoint: OpenAIEndpoint
    var testDescription: String { "\(method) \(path)" }

    static let all: [RouteCase] = OpenAIEndpoint.routes.map {
        RouteCase(method: $0.method, path: $0.path, endpoint: $0.endpoint)
    }

    var isFree: Bool { endpoint.cost(HTTPMethod(method)) == .nothing }

    func request(key: String?) -> String {
        let target = path.replacingOccurrences(of: "{}", with: "x1")
        guard method == "POST" else { return Gate.request(method, target, key: key) }
        if case .multipart = endpoint.kind {
            let form = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b--\r\n"
            return Gate.request(
                method, target, form, key: key, fields: "content-type: multipart/form-data; boundary=b\r\n")
        }
        let prompt =
            endpoint == .chatCompletions ? #""messages":[{"role":"user","content":"x"}]"# : #""input":"x","prompt":"x""#
        let limit =
            endpoint == .responses
            ? #","max_output_tokens":20"# : endpoint.cost(.post) == .inputAndOutput ? #","max_tokens":20"# : ""
        return Gate.request(method, target, "{\"model\":\"m\",\(prompt)\(limit)}", key: key)
    }
}

extension HTTPMethod {
    fileprivate init(_ name: String) {
        switch name {
        case "GET": self = .get
        case "POST": self = .post
        default: self = .delete
        }
    }
}

@Suite("Gateway: no route escapes") struct GatewayRouteTests {
    private static let rich = "sk-weir-canary-rich"
    private static let poor = "sk-weir-canary-poor"
    private static let idle = "sk-weir-canary-idle"

    private static var settings: Gate.Settings {
        func key(_ id: String, _ secret: String) -> String {
            "- {id: \(id), team: \(id), sha256: \(SHA256.hex(Array(secret.utf8).span))}"
        }
        var settings = Gate.Settings()
        settings.keys = [key("rich", rich), key("poor", poor), key("idle", idle)].map { "  \($0)" }.joined(
            separator: "\n")
        settings.target =
            "{targets: [{provider: up, model: mock-model, max_input_tokens: 1000, max_output_tokens: 100}]}"
        settings.more = """
            teams:
              rich: {budgets: [{limit: $1000}], limits: {concurrent: 1}}
              poor: {budgets: [{limit: $0}]}
              idle: {limits: {requests_per_minute: 1}}
            prices: [{provider: up, model: mock-model, from: 2020-01-01, input: "$1/K", output: "$2/K"}]
            """
        return settings
    }

    @Test("it authenticates, limits, holds and settles", arguments: RouteCase.all)
    fileprivate func route(_ route: RouteCase) async throws {
        let settings = Self.settings
        try await withGate(.epoll, settings) { gate in
            let unknown = try await gate.exchange(route.request(key: nil))
            #expect(unknown.status == 401)
            guard route.endpoint.kind != .models else { return }
            // Its limit is used up by the first request.
            _ = try await gate.exchange(route.request(key: Self.idle))
            let limited = try await gate.exchange(route.request(key: Self.idle))
            #expect(limited.status == 429 && limited.code == "rate_limit_exceeded", "\(limited.text)")
            let reached = try await gate.received(64).count
            let poor = try await gate.exchange(route.request(key: Self.poor))
            let after = try await gate.received(64).count
            if route.isFree {
                #expect(after == reached + 1, "what costs nothing goes on: \(poor.text)")
            } else {
                #expect(after == reached, "nothing that costs reaches a provider")
                #expect(["budget_exceeded", "model_unpriced"].contains(poor.code ?? ""), "\(poor.text)")
            }
            for _ in 0..<2 {
                let rich = try await gate.exchange(route.request(key: Self.rich))
                // Its one place is free again each time.
                #expect(rich.code != "rate_limit_exceeded", "\(rich.text)")
                let account = try #require(gate.accounts.account(of: Scope(.team, "rich")))
                let status = account.budgets[0].status(now: WallTime(nanoseconds: gate.loop.readWallClock()), pause: {})
                #expect(status.held == .zero && gate.gateway.books.openRequests == 0)
            }
        }
    }
}
