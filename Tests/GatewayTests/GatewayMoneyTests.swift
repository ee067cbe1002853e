import Foundation
import Testing
import WeirBase
import WeirBudget
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop
import WeirMockScript

/// A team with a budget, and what its requests cost: $1 for a thousand input tokens, $2 for a thousand output tokens.
private func settings(
    budgets: String = "[{limit: $1, every: month}]", limits: String = "{}", team: String = "", more: String = "",
    bounds: String = "max_output_tokens: 100", price: String = "input: \"$1/K\", output: \"$2/K\""
) -> Gate.Settings {
    var settings = Gate.Settings()
    settings.keys = "  - {id: paid, team: paid, sha256: \(SHA256.hex(Array(paidKey.utf8).span))}"
    settings.more = """
        teams: {paid: {budgets: \(budgets), limits: \(limits)\(team.isEmpty ? "" : ", \(team)")}}
        prices: [{provider: up, model: mock-model, from: 2020-01-01, \(price)}]
        \(more)
        """
    settings.target = "{targets: [{provider: up, model: mock-model, \(bounds)}]}"
    return settings
}

private let paidKey = "sk-weir-canary-paid-key"

extension Gate {
    fileprivate func paid(_ directive: String, _ members: String = "", streams: Bool = false, fields: String = "")
        async throws -> Answer
    {
        let stream = streams ? #","stream":true"# : ""
        let body =
            ##"{"model":"m"\##(stream)\##(members),"messages":[{"role":"user","content":"#mock \##(directive)"}]}"##
        return try await post("/v1/chat/completions", body, key: paidKey, fields: fields)
    }

    fileprivate var budget: BudgetStatus {
        accounts.account(of: Scope(.team, "paid"))!.budgets[0].status(
            now: WallTime(nanoseconds: loop.readWallClock()), pause: {})
    }
}

@Suite("Gateway: money") struct GatewayMoneyTests {
    static let backends: [Backend] = [.epoll, .uring]

    @Test("an answer is billed by its usage, in the header, the budget and the ledger alike", arguments: backends)
    func bills(backend: Backend) async throws {
        let settings = settings()
        try await withGate(backend, settings) { gate in
            for streams in [false, true] {
                let before = gate.budget.spent
                let answer = try await gate.paid("events=20 input=30", streams: streams)
                #expect(answer.status == 200)
                // 30 input tokens at $0.001 and 20 output tokens at $0.002.
                #expect(gate.budget.spent - before == Money("0.07")!)
                #expect(gate.budget.held == .zero)
                if !streams { #expect(answer["x-weir-cost-usd"] == "0.070000000") }
                let id = try #require(RequestID(answer["x-request-id"] ?? ""))
                let row = try #require(gate.rows(settings)[id])
                #expect(row.settle.cost == Money("0.07")! && row.settle.status == .complete)
                #expect(row.attempt?.status == .exact && row.attempt?.usage.output == 20)
                #expect(row.held >= row.settle.cost)
            }
        }
    }

    @Test("the service tier that the answer names decides the price, and the hold covers it", arguments: backends)
    func tiers(backend: Backend) async throws {
        // The mock serves whatever tier is asked for as the default one.
        let settings = settings(
            price: """
                input: "$1/K", output: "$2/K"}, {provider: up, model: mock-model, from: 2020-01-01, service_tier: flex,
                    input: "$0.5/K", output: "$1/K"}, {provider: up, model: mock-model, from: 2020-01-01, service_tier: priority,
                    input: "$2/K", output: "$4/K"
                """)
        try await withGate(backend, settings) { gate in
            for (tier, streams) in [("flex", false), ("flex", true), ("priority", false), ("auto", true)] {
                let answer = try await gate.paid(
                    "events=20 input=30", #","max_tokens":20,"service_tier":"\#(tier)""#, streams: streams)
                let id = try #require(RequestID(answer["x-request-id"] ?? ""))
                let row = try #require(gate.rows(settings)[id])
                #expect(row.settle.cost == Money("0.07")!, "\(tier)")
                #expect(row.attempt.map { BillingContext(rawValue: $0.context) } == .defaultTier)
                #expect(row.held >= row.settle.cost, "\(tier)")
            }
        }
    }

    @Test("a tier is on record without a price, too: the price may come later", arguments: backends)
    func unpricedTier(backend: Backend) async throws {
        let settings = Gate.Settings()
        try await withGate(backend, settings) { gate in
            let answer = try await gate.chat("events=2 input=3")
            let id = try #require(RequestID(answer["x-request-id"] ?? ""))
            let attempt = try #require(gate.rows(settings)[id]?.attempt)
            #expect(attempt.usage.input == 3 && attempt.cost == .zero && attempt.status == .exact)
            #expect(BillingContext(rawValue: attempt.context) == .defaultTier)
        }
    }

    @Test("the next request past the limit is refused with the numbers, and consumes nothing", arguments: backends)
    func refuses(backend: Backend) async throws {
        try await withGate(backend, settings(budgets: "[{limit: $0.50, every: month}]")) { gate in
            var answers: [Answer] = []
            for _ in 0..<10 { answers.append(try await gate.paid("events=80 input=10", #","max_tokens":80"#)) }
            let spent = gate.budget.spent
            #expect(spent <= Money("0.5")!)
            #expect(answers.first?.status == 200)
            let refusal = try #require(answers.last)
            #expect(refusal.status == 429 && refusal.code == "budget_exceeded" && refusal.isOpenAIError)
            #expect(refusal.error["type"] as? String == "insufficient_quota")
            #expect(refusal["x-should-retry"] == "false" && refusal["retry-after"] == nil)
            let message = refusal.error["message"] as? String ?? ""
            for part in [
                "team paid", "$0.50 a month", "limit $0.50", "spent \(spent)", "held by requests under way $0.00",
                "begins anew at 20",
            ] {
                #expect(message.contains(part), "\(message) has \(part)")
            }
            let received = try await gate.received(64)
            #expect(received.count == answers.count { $0.status == 200 }, "a refused request reaches no provider")
        }
    }

    @Test("an answer is shortened to what a budget has left, and never costs more", arguments: backends)
    func clamps(backend: Backend) async throws {
        try await withGate(
            backend, settings(budgets: "[{limit: $0.30}]", price: "input: \"$0.0001/K\", output: \"$2/K\"")
        ) {
            gate in
            // Room for 150 output tokens: two answers of 60, and one that is cut to what is left.
            var lengths: [Int] = []
            for asked in ["60", "60", "9223372036854775807", "60"] {
                let answer = try await gate.paid("events=60", #","max_tokens":\#(asked)"#)
                guard answer.status == 200 else { continue }
                let usage = answer.json["usage"] as? [String: Any]
                lengths.append(usage?["completion_tokens"] as? Int ?? -1)
            }
            #expect(lengths.count == 3 && lengths[0] == 60 && lengths[1] == 60 && (16..<30).contains(lengths[2]))
            let received = try await gate.received()
            let sent = try #require(received.last)
            #expect(sent.text.contains("\"max_tokens\":\(lengths[2])"))
            #expect(gate.budget.spent <= Money("0.3")!)
        }
    }

    @Test("an answer without a bound gets the configured one, only under a budget", arguments: backends)
    func bounds(backend: Backend) async throws {
        try await withGate(
            backend, settings(bounds: "max_input_tokens: 1000", price: "input: \"$1/M\", output: \"$2/M\"")
        ) {
            gate in
            let answer = try await gate.paid("events=3")
            #expect(answer.status == 200)
            var received = try await gate.received()
            var sent = try #require(received.last)
            #expect(sent.text.hasPrefix(#"{"max_completion_tokens":4096,"model":"mock-model""#))
            _ = try await gate.chat("events=3")
            received = try await gate.received()
            sent = try #require(received.last)
            #expect(!sent.text.contains("max_completion_tokens"))
        }
    }

    static let refused: [(body: String, code: String)] = [
        (#"{"model":"other","messages":[{"role":"user","content":"x"}]}"#, "model_unpriced"),
        (
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://x/y"}}]}]}"#,
            "model_unpriced"
        ),
        (#"{"model":"m","messages":[{"role":"user","content":"x"}],"web_search_options":{}}"#, "model_unpriced"),
        (#"{"model":"m","messages":[{"role":"user","content":"x"}],"n":1000}"#, "budget_exceeded"),
    ]
    @Test("what cannot be priced or bounded is refused under a budget, and goes on without one", arguments: refused)
    func unpriced(body: String, code: String) async throws {
        try await withGate(.epoll, settings()) { gate in
            let answer = try await gate.post("/v1/chat/completions", body, key: paidKey)
            #expect(answer.code == code && answer.isOpenAIError, "\(answer.text)")
            let free = try await gate.post("/v1/chat/completions", body)
            #expect(free.status == 200 || free.code != code, "\(free.text)")
            #expect(gate.budget.spent == .zero && gate.budget.held == .zero)
        }
    }

    @Test("a tag's budget holds for whoever brings the tag", arguments: backends)
    func tags(backend: Backend) async throws {
        let settings = settings(more: #"tags: {"feature=search": {budgets: [{limit: $0.30}]}}"#)
        try await withGate(backend, settings) { gate in
            let first = try await gate.paid(
                "events=10 input=1", #","max_tokens":20"#, fields: "x-weir-tags: feature=search, env=prod\r\n")
            #expect(first.status == 200)
            var last = first
            for _ in 0..<5 where last.status == 200 {
                last = try await gate.paid(
                    "events=20 input=1", #","max_tokens":20"#, fields: "x-weir-tags: feature=search\r\n")
            }
            #expect(last.code == "budget_exceeded" && last.text.contains("tag feature=search"))
            let other = try await gate.paid("events=5", fields: "x-weir-tags: feature=chat\r\n")
            #expect(other.status == 200)
            let bad = try await gate.paid("events=5", fields: "x-weir-tags: feature\r\n")
            #expect(bad.status == 400 && bad.error["param"] as? String == "x-weir-tags")
        }
    }

    @Test("limits refuse with the time to wait, and a refused request consumes nothing", arguments: backends)
    func limits(backend: Backend) async throws {
        let settings = settings(
            budgets: "[{limit: $1000}]", limits: "{requests_per_minute: 3, tokens_per_minute: 1000000}")
        try await withGate(backend, settings) { gate in
            var statuses: [Int] = []
            for _ in 0..<5 { statuses.append(try await gate.paid("events=1").status) }
            #expect(statuses == [200, 200, 200, 429, 429])
            let told = try await gate.paid("events=1")
            #expect(told["x-ratelimit-limit-requests"] == "3" && told["x-ratelimit-remaining-requests"] == "0")
            #expect(
                told["x-ratelimit-limit-tokens"] == "1000000"
                    && told["x-ratelimit-reset-tokens"]?.hasSuffix("ms") == true)
            let refusal = try await gate.paid("events=1")
            #expect(
                refusal.code == "rate_limit_exceeded" && refusal.text.contains("team paid may use 3 requests a minute"))
            let wait = try #require(refusal["retry-after"].flatMap { Int($0) })
            #expect((1...20).contains(wait))
        }
        try await withGate(backend, self.settingsOfTokens) { gate in
            let large = try await gate.paid("events=1", #","max_tokens":90"#)
            #expect(
                large.code == "rate_limit_exceeded" && large["retry-after"] == nil && large["x-should-retry"] == "false"
            )
            for _ in 0..<10 {
                // Each takes its bound first and uses a little: the rest comes back.
                let small = try await gate.paid("events=1 input=1", #","max_tokens":5"#)
                #expect(small.status == 200)
            }
        }
    }

    private var settingsOfTokens: Gate.Settings {
        settings(budgets: "[{limit: $1000}]", limits: "{tokens_per_minute: 160}")
    }

    @Test("a place under a limit of concurrency comes back however a request ends", arguments: backends)
    func concurrency(backend: Backend) async throws {
        try await withGate(backend, settings(limits: "{concurrent: 1}")) { gate in
            let held = try await gate.client()
            held.send(
                Gate.request(
                    "POST", "/v1/chat/completions", Gate.chatBody("events=200 gap=20ms", streams: true), key: paidKey))
            let hasBegun = await held.await("data: ")
            #expect(hasBegun)
            let refused = try await gate.paid("events=1")
            #expect(refused.status == 429 && refused["retry-after"] == "1")
            held.connection.abort()
            let isOver = await gate.until { gate.gateway.activeRequests == 0 }
            #expect(isOver)
            for directive in ["events=1", "status=500", "cut=0", "events=1"] { _ = try await gate.paid(directive) }
            let again = try await gate.paid("events=1")
            #expect(again.status == 200)
        }
    }

    @Test(
        "a client that leaves is billed what had passed, or what the provider counts where the team drains",
        arguments: backends)
    func leaves(backend: Backend) async throws {
        for (team, status) in [("", AttemptStatus.estimated), ("on_disconnect: drain", .exact)] {
            let settings = settings(budgets: "[{limit: $100}]", team: team)
            try await withGate(backend, settings) { gate in
                let client = try await gate.client()
                client.send(
                    Gate.request(
                        "POST", "/v1/chat/completions", Gate.chatBody("events=50 gap=5ms input=7", streams: true),
                        key: paidKey))
                let hasBegun = await client.await("data: {")
                #expect(hasBegun)
                client.connection.abort()
                let isOver = await gate.until { gate.gateway.activeRequests == 0 && gate.budget.held == .zero }
                #expect(isOver)
                // A turn's records are written at its end.
                let isWritten = await gate.until { !gate.rows(settings).isEmpty }
                #expect(isWritten)
                let row = try #require(gate.rows(settings).values.first)
                #expect(row.settle.status == .clientGone && row.attempt?.status == status)
                #expect(row.settle.cost <= row.held && row.settle.cost == gate.budget.spent && row.settle.cost > .zero)
                if status == .exact { #expect(row.settle.cost == Money("0.107")!) }
            }
        }
    }

    @Test("a failed upstream costs nothing where it refused, and its bound where nobody knows", arguments: backends)
    func failures(backend: Backend) async throws {
        let settings = settings(budgets: "[{limit: $100}]")
        try await withGate(backend, settings) { gate in
            for (directive, isFree) in [
                ("status=500", true), ("status=429", true), ("cut=0", false), ("garbage=json", false),
            ] {
                let before = gate.budget.spent
                let answer = try await gate.paid(directive)
                #expect(answer.status != 200)
                #expect((gate.budget.spent == before) == isFree, "\(directive): \(answer.text)")
                #expect(gate.budget.held == .zero)
            }
            let statuses = Set(gate.rows(settings).values.map(\.settle.status))
            #expect(statuses.isSubset(of: [.upstreamRefused, .upstreamUnavailable, .upstreamBroke]))
            #expect(gate.rows(settings).count == 4)
        }
    }

    @Test("without a ledger what has a price is refused, and service resumes by itself", arguments: backends)
    func ledger(backend: Backend) async throws {
        let settings = settings(budgets: "[{limit: $100}]")
        try await withGate(backend, settings) { gate in
            let good = try await gate.paid("events=1")
            #expect(good.status == 200)
            let reached = try await gate.received(64).count
            let before = gate.budget.spent
            unsafe settings.journal.failure = .system(errno: ENOSPC)
            for _ in 0..<3 {
                let refused = try await gate.paid("events=1")
                #expect(refused.status == 503 && refused.code == "ledger_unavailable", "\(refused.text)")
            }
            let after = try await gate.received(64).count
            #expect(after == reached, "no provider is called for what is not on record")
            #expect(gate.budget.spent == before && gate.budget.held == .zero, "what was not sent costs nothing")
            unsafe settings.journal.failure = nil
            let again = try await gate.paid("events=1")
            #expect(again.status == 200)
            #expect(gate.budget.held == .zero && gate.gateway.books.openRequests == 0)
            let spent = gate.rows(settings).values.reduce(Money.zero) { $0 + $1.settle.cost }
            #expect(spent == gate.budget.spent, "the ledger and the counters say the same")
        }
        unsafe settings.journal.preparedThrough = 0
        try await withGate(backend, settings) { gate in
            let refused = try await gate.paid("events=1")
            #expect(refused.status == 503 && refused.code == "ledger_unavailable")
            let free = try await gate.chat("events=1 status=200", fields: "x: y\r\n")
            #expect(free.status == 503, "a priced model is refused, whoever asks")
        }
    }

    @Test("keys made by command: expiry, rotation and revocation hold for the very next request", arguments: backends)
    func keys(backend: Backend) async throws {
        try await withGate(backend, settings()) { gate in
            func digest(_ text: String) -> KeyDigest { KeyDigest(hex: SHA256.hex(Array(text.utf8).span))! }
            let now = WallTime(nanoseconds: gate.loop.readWallClock())
            var key = IssuedKey(
                id: "made", team: "paid", created: now, secrets: [IssuedSecret(digest: digest("canary-one"))])
            try gate.issue([key])
            var answer = try await gate.get("/v1/models", key: "canary-one")
            #expect(answer.status == 200)
            key.secrets = [
                IssuedSecret(digest: digest("canary-two")),
                IssuedSecret(digest: digest("canary-one"), until: now + .seconds(3_600)),
            ]
            try gate.issue([key])
            for secret in ["canary-one", "canary-two"] {
                answer = try await gate.get("/v1/models", key: secret)
                #expect(answer.status == 200)
            }
            key.secrets[1].until = now
            try gate.issue([key])
            answer = try await gate.get("/v1/models", key: "canary-one")
            #expect(answer.status == 401 && answer.code == "key_expired")
            key.expires = now
            try gate.issue([key])
            answer = try await gate.get("/v1/models", key: "canary-two")
            #expect(answer.status == 401 && answer.code == "key_expired")
            key.revoked = now
            try gate.issue([key])
            answer = try await gate.get("/v1/models", key: "canary-two")
            #expect(answer.status == 401 && answer.code == "key_revoked")
            try gate.issue([])
            answer = try await gate.get("/v1/models", key: "canary-two")
            #expect(answer.status == 401 && answer.code == "invalid_api_key")
        }
    }
}
