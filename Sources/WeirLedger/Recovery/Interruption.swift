import WeirBase

/// How a request that a dead process left open is settled: `interrupted`, at what had been metered, never less than its finished attempts cost and,
/// but for those, never more than its hold.
public struct Interruption: Sendable {
    public let settle: SettleRecord
    /// The attempt that was cut; nil where nothing had been metered.
    public let attempt: AttemptRecord?

    /// - Parameters:
    ///   - metered: what the live table says of it, if anything: the cost of the whole request until then.
    ///   - now: wall clock, nanoseconds since 1970.
    public init(of open: OpenRequest, metered: LiveTable.Metered?, at now: Int64) {
        let finished = open.cost
        let most = max(finished, open.hold.held)
        let cost = min(max(metered?.cost ?? .zero, finished), most)
        let unconfirmed = open.attempts.filter { $0.status != .exact }.reduce(Money.zero) { $0.adding($1.cost) }
        let cut = cost - finished
        settle = SettleRecord(
            request: open.hold.request, at: now, status: .interrupted, cost: cost,
            estimated: min(cost, unconfirmed.adding(cut)))
        guard let metered else {
            attempt = nil
            return
        }
        var usage = Usage()
        usage.input = min(metered.input, Int(Int32.max))
        usage.output = min(metered.output, Int(Int32.max))
        attempt = AttemptRecord(
            at: open.hold.at, cost: cut, provider: open.hold.provider, target: open.hold.target,
            number: UInt8(clamping: open.attempts.count + 1), status: .estimated, httpStatus: 0, usage: usage)
    }
}
