internal import FoundationEssentials
public import WeirBase
public import WeirConfig
public import WeirGateway
public import WeirStore

/// What people and programs do to a gateway from outside the data path: keys, teams, budgets, audit. Every change is written to the store with
/// its audit row in one transaction, and only then told to the running gateway, if there is one. One call at a time.
public final class Administration: @unchecked Sendable {  // one call at a time, on one thread
    let policy: Policy
    let store: Store
    let accounts: Accounts
    let gateway: (any RunningGateway)?
    let now: @Sendable () -> WallTime

    /// - Parameters:
    ///   - accounts: the running gateway's; or, where a command works on the store alone, such as the ledger has them.
    ///   - gateway: the gateway that this process runs; nil where a command works on the store alone.
    public init(
        policy: Policy, store: Store, accounts: Accounts, gateway: (any RunningGateway)?,
        now: @escaping @Sendable () -> WallTime
    ) {
        self.policy = policy
        self.store = store
        self.accounts = accounts
        self.gateway = gateway
        self.now = now
    }

    /// Answers a request of the admin API.
    public func answer(_ request: ControlRequest) -> ControlResponse {
        do throws(ControlFailure) {
            return ControlResponse(status: 200, body: try route(request))
        } catch { return ControlResponse(failure: error) }
    }

    private func route(_ request: ControlRequest) throws(ControlFailure) -> [UInt8] {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.count) {
        case ("GET", 1) where parts[0] == "keys": return encodeJSON(try listKeys())
        case ("POST", 1) where parts[0] == "keys":
            return encodeJSON(try createKey(try decode(request), by: request.actor))
        case ("POST", 3) where parts[0] == "keys" && parts[2] == "rotate":
            return encodeJSON(try rotateKey(parts[1], try decode(request), by: request.actor))
        case ("POST", 3) where parts[0] == "keys" && parts[2] == "revoke":
            return encodeJSON(try revokeKey(parts[1], by: request.actor))
        case ("GET", 1) where parts[0] == "teams": return encodeJSON(try listTeams())
        case ("GET", 2) where parts[0] == "teams": return encodeJSON(try showTeam(parts[1]))
        case ("POST", 3) where parts[0] == "teams" && parts[2] == "raise":
            return encodeJSON(try raiseBudget(parts[1], try decode(request), by: request.actor))
        case ("POST", 1) where parts[0] == "adjustments":
            return encodeJSON(try adjust(try decode(request), by: request.actor))
        case ("GET", 1) where parts[0] == "invariants": return encodeJSON(try invariants())
        case ("GET", 1) where parts[0] == "audit": return encodeJSON(try listAudit(limit: 1_000))
        default: throw .notFound("the admin API has no \(request.method) \(request.path)")
        }
    }

    private func decode<Message: Decodable>(_ request: ControlRequest) throws(ControlFailure) -> Message {
        do { return try JSONDecoder().decode(Message.self, from: Data(request.body)) } catch {
            throw .invalid("the body is not what \(request.method) \(request.path) takes: \(error)")
        }
    }
}

/// What a change has to reach in a gateway that runs.
public protocol RunningGateway: AnyObject, Sendable {
    /// Puts these keys in force on every loop: when this returns, each loop's next request is judged by them.
    func publish(_ keys: [IssuedKey]) throws
    /// Requests that are on record and not settled, and what they hold.
    func openHolds() -> (requests: Int, held: Money)
}
