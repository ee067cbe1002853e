import WeirBase
import WeirConfig
import WeirGateway
import WeirLoop

/// What the parts of one run share: the loop, the questions asked, what the upstreams did about each, and what went wrong.
final class World: @unchecked Sendable {  // confined to the run's thread
    let loop: EventLoop
    let driver: SimulatedDriver
    let log: EventLog
    var questions: [Question] = []
    /// What upstreams did about each question.
    var attempts: [[Attempt]] = []
    var failures: [String] = []
    /// Whether faults are over: everything has to succeed.
    var isHealed = false
    /// Whether the gateway is being drained: new requests may be refused.
    var isDraining = false
    var activeClients = 0
    /// Whether the gateway may run out of upstream connections, which it says with 503.
    var hasSmallPools = false
    var outcomes = Outcomes()
    /// Whether models have two targets.
    var hasAlternatives = false
    /// Who keeps the books, where requests cost something.
    var books: SimulatedBooks?

    /// One upstream's doing about one question.
    struct Attempt {
        var upstream: Int
        var act: UpstreamAct
        var isFirstOnConnection: Bool
        /// Bytes of the body that were written.
        var bodyBytes = 0
    }

    /// How the clients' requests ended; tests see to it that each kind occurs.
    struct Outcomes: Equatable, Sendable {
        var complete = 0
        var refused = 0
        var toldOfBreak = 0
        var cut = 0
        var noAnswer = 0
        var left = 0
        /// Of the refused ones: for want of money, and for want of a ledger.
        var overBudget = 0
        var withoutLedger = 0
        /// Of the complete ones: streams whose connection broke after their terminal event, answers on the Responses surface, and answers to
        /// HTTP/1.0 clients.
        var completeThoughBroken = 0
        var completeResponses = 0
        var completeToOldClients = 0
    }

    static let gatewayPort: UInt16 = 8_080
    static let credentials = ["sk-upstream-alpha", "sk-upstream-beta"]
    static let keys = ["sk-sim-one", "sk-sim-two"]

    init(loop: EventLoop, driver: SimulatedDriver, log: EventLog) {
        self.loop = loop
        self.driver = driver
        self.log = log
    }

    func fail(_ text: String) { failures.append("at \(loop.now.nanoseconds / 1_000_000) ms: \(text)") }

    func ask(_ random: inout Randomness) -> Question {
        let question = Question(questions.count, &random)
        questions.append(question)
        attempts.append([])
        return question
    }

    /// What a run's configuration says of money.
    struct Money {
        /// Thousandths of a dollar, 1 to 999.
        var limit: Int
        var isDurable: Bool
        var drains: Bool

        /// Keys belong to a team that has enough, and to one that has not.
        fileprivate var text: String {
            let amount = String(limit + 1_000).dropFirst()
            return """
                durability: \(isDurable ? "power" : "process")
                prices:
                  - {provider: alpha, model: alpha-1, from: 2020-01-01, input: "$1/M", output: "$2/M"}
                  - {provider: alpha, model: same, from: 2020-01-01, input: "$1/M", output: "$2/M"}
                  - {provider: beta, model: beta-large-2026, from: 2020-01-01, input: "$1/M", output: "$2/M"}
                  - {provider: beta, model: fast-b, from: 2020-01-01, input: "$1/M", output: "$2/M"}
                  - {provider: alpha, model: big-a, from: 2020-01-01, input: "$1/M", output: "$2/M"}
                teams:
                  rich: {budgets: [{limit: $1000}], limits: {concurrent: 1000, requests_per_minute: 100000}}
                  poor: {budgets: [{limit: $0.\(amount)}, {limit: $0.\(amount), every: hour}], on_disconnect: \(drains ? "drain" : "cancel")}
                """
        }
    }

    /// The gateway's configuration: short time-outs, small pools.
    static func policy(variant: Int, money: Money? = nil, alternatives: Bool = false) -> Policy {
        let teams = money == nil ? ["", ""] : [", team: rich", ", team: poor"]
        let bound = money == nil ? "" : ", max_output_tokens: 256"
        let others =
            alternatives
            ? [", {provider: beta, model: fast-b\(bound)}", ", {provider: alpha, model: big-a\(bound)}"] : ["", ""]
        let limit = variant == 1 ? 2 : 64
        let timeouts = "{connect: 2s, first_byte: 20s, idle: 10s, total: 60s}"
        let text = """
            version: 1
            listen: "127.0.0.1:\(gatewayPort)"
            access_log: off
            limits: {head_timeout: 5s, idle_timeout: 15s, body_bytes: 256KiB}
            providers:
              alpha:
                dialect: openai
                base_url: "http://alpha.test:7001/v1"
                credentials: ["env:ALPHA_API_KEY"]
                max_connections: \(limit)
                timeouts: \(timeouts)
              beta:
                dialect: openai
                base_url: "http://127.0.0.1:7002/v1"
                credentials: ["env:BETA_API_KEY"]
                max_connections: \(limit)
                timeouts: \(timeouts)
            models:
              fast: {targets: [{provider: alpha, model: alpha-1\(bound)}\(others[0])]}
              big: {targets: [{provider: beta, model: beta-large-2026\(bound)}\(others[1])]}
              same: {targets: [{provider: alpha, model: same\(bound)}]}
            keys:
              - {id: one\(teams[0]), sha256: a3545f556f422733d334e786ba59348fa2d1c83f972b35b27eb94a1458fcfec2}
              - {id: two\(teams[1]), sha256: 2ab7a03d0e04f180f5704213da894df629e170d0a22dbeeb3eff6cd501517458}
            \(money?.text ?? "")
            """
        do throws(ConfigurationError) {
            return try Policy.read(
                Array(text.utf8), path: "weir.yaml", files: { (_) throws(FileProblem) in throw .missing },
                environment: { $0 == "ALPHA_API_KEY" ? credentials[0] : credentials[1] })
        } catch { preconditionFailure("the simulator's configuration is wrong: \(error)") }
    }
}
