internal import WeirBase
public import WeirLoop

/// Answers for names after a delay, in bad weather too late, without an address or with one where nobody is.
public final class SimulatedResolver: Resolver, @unchecked Sendable {  // confined to the run's thread
    private let driver: SimulatedDriver

    public init(driver: SimulatedDriver) { self.driver = driver }

    public func resolve(
        _ host: String, port: UInt16, for loop: EventLoop, _ done: @escaping @Sendable ([SocketAddress]) -> Void
    ) {
        var answer = [SocketAddress.loopback(port: port)]
        var delay = driver.random.below(20_000)
        if driver.random.chance(driver.weather.badNames) {
            switch driver.random.below(4) {
            case 0: answer = []
            case 1: delay += driver.random.below(20_000_000)
            case 2:
                answer = []
                delay += driver.random.below(60_000_000)
            default: if let dead = SocketAddress(host: "10.9.9.9", port: port) { answer.insert(dead, at: 0) }
            }
        }
        driver.log.note(loop.now, .resolved, answer.count, delay)
        loop.schedule(at: loop.now + .microseconds(Int64(delay))) { [answer] in done(answer) }
    }
}
