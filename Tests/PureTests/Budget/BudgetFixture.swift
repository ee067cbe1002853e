import Foundation
import WeirBase
import WeirBudget

let noon = WallTime(seconds: 1_800_000_000)
let start = Instant(nanoseconds: 1_000_000_000)

func usd(_ nano: Int64) -> Money { Money(nanoUSD: nano) }

func budget(
    _ limit: Int64, _ name: String = "search", every period: BudgetPeriod = .life, warnAt: [Int] = [], spent: Int64 = 0
) -> Budget {
    Budget(
        scope: Scope(.team, name), limit: usd(limit), every: period, warnAt: warnAt, spent: usd(spent), now: noon)
}

/// One thread's turn gives up the processor when another is in the midst of a decision.
func giveWay() { sched_yield() }

extension Scopes {
    func admit(_ cost: Int64, tokens: Int = 0, now: Instant = start, at wallTime: WallTime = noon)
        throws(AdmissionRefusal)
        -> Admitted
    {
        try admit(cost: usd(cost), tokens: tokens, now: now, wallTime: wallTime, pause: giveWay)
    }

    /// Why a request is refused; nil, and everything given back, if it is not.
    func refusal(_ cost: Int64, tokens: Int = 0, now: Instant = start, at wallTime: WallTime = noon)
        -> AdmissionRefusal?
    {
        do throws(AdmissionRefusal) {
            var admitted = try admit(cost, tokens: tokens, now: now, at: wallTime)
            _ = admitted.settle(cost: .zero, tokens: 0, now: now)
            return nil
        } catch { return error }
    }
}

extension Budget {
    func figures(at wallTime: WallTime = noon) -> [Int64] {
        let status = status(now: wallTime, pause: giveWay)
        return [status.spent.nanoUSD, status.held.nanoUSD]
    }
}

/// Runs `body` on `count` threads of their own, which begin at the same time, and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let ready = DispatchSemaphore(value: 0)
    let go = DispatchSemaphore(value: 0)
    let done = DispatchGroup()
    for index in 0..<count {
        done.enter()
        Thread {
            ready.signal()
            go.wait()
            body(index)
            done.leave()
        }.start()
    }
    for _ in 0..<count { ready.wait() }
    for _ in 0..<count { go.signal() }
    done.wait()
}
