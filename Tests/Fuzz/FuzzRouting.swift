import WeirBase
import WeirRouting

// libFuzzer target for routing (scripts/fuzz routing). The first bytes draw a route, each one after that what happens next: time passes, a request comes,
// an attempt ends. Besides not crashing: an order holds exactly the targets that the request may use, each attempt is at one of them, whether one is left is
// told as it is found, and retries stay within their budget.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRouting(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 8 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let strategies = Registry.strategies
    let strategy = strategies[Int(bytes[0]) % strategies.count].name
    let count = 1 + Int(bytes[1]) % 64
    let targets = (0..<count).map { index in
        RoutePlan.Target(
            name: "target \(index)", weight: Int(bytes[2 + index % 4]) * Int(bytes[6]),
            cost: Money(nanoUSD: Int64(bytes[index % size])))
    }
    var plan = RoutePlan(strategy: strategy, targets: targets, seed: UInt64(bytes[7]))
    if count > 1, bytes[6] & 1 == 1, let share = Share(partsPerMillion: 300_000) {
        plan.canary = Canary(target: count / 2, share: share, name: "canary")
    }
    guard var router = try? Router([plan]) else { preconditionFailure("a good plan was refused") }
    play(bytes[8...], &router, count, plan.canary)
    return 0
}

private final class Flight {
    var attempt: Attempt?
    init(_ attempt: consuming Attempt) { self.attempt = consume attempt }
}

private func play(_ bytes: ArraySlice<UInt8>, _ router: inout Router, _ count: Int, _ canary: Canary?) {
    var now = Instant(nanoseconds: 0)
    var retries = RetryBudget(now: now)
    var flights: [Flight] = []
    var (requests, retried) = (0, 0)
    var word = mixed(UInt64(bytes.count))
    for byte in bytes {
        word = mixed(word ^ UInt64(byte))
        switch byte & 7 {
        case 0, 1: now = now + .milliseconds(Int64(byte) * Int64(byte) / 2)
        case 2, 3, 4:
            requests += 1
            retries.noteRequest()
            let eligible = byte & 8 == 0 ? SmallSet(first: 64) : SmallSet(bits: word)
            let request = RoutedRequest(id: word, stickyKey: byte & 16 == 0 ? nil : UInt64(byte), eligible: eligible)
            let order = router.order(of: 0, for: request, at: now, random: mixed(word))
            var expected = eligible.intersection(SmallSet(first: count))
            if let canary, !canary.includes(request) { expected.remove(canary.target) }
            precondition(order.members == expected && order.count == expected.count)
            var tried = SmallSet()
            for _ in 0..<1 + Int(byte >> 5) {
                if !tried.isEmpty {
                    guard retries.takeRetry(at: now) else { break }
                    retried += 1
                }
                let hasNext = router.hasNext(order, of: 0, tried: tried, at: now)
                guard let attempt = router.start(order, of: 0, tried: &tried, at: now) else {
                    precondition(!hasNext)
                    break
                }
                precondition(hasNext && expected.contains(attempt.target) && tried.contains(attempt.target))
                flights.append(Flight(attempt))
            }
        default:
            guard !flights.isEmpty else { continue }
            let flight = flights.remove(at: Int(word % UInt64(flights.count)))
            guard var attempt = flight.attempt.take() else { continue }
            if byte & 8 != 0 { router.firstToken(&attempt, at: now) }
            if byte & 16 != 0 { router.setAside(attempt, until: now + .milliseconds(Int64(byte) * 10), at: now) }
            let ending: Attempt.Ending = byte & 7 == 5 ? .succeeded : byte & 7 == 6 ? .failed : .abandoned
            router.finish(attempt, ending, at: now, random: word)
        }
        precondition(Int64(retried - 10) * 1_000_000_000 <= Int64(requests) * 200_000_000 + now.nanoseconds)
    }
    for flight in flights {
        if let attempt = flight.attempt.take() { router.finish(attempt, .abandoned, at: now, random: word) }
    }
    for target in 0..<count { precondition(router.status(of: target, in: 0, at: now).outstanding == 0) }
}
