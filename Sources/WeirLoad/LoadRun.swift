internal import Synchronization
import WeirBase
public import WeirLoop
import WeirMockScript

/// One run from its beginning to its result.
public struct LoadRun {
    private let plan: LoadPlan
    private let clocks: [ProcessClock]

    /// - Parameter clocks: of the processes whose processor time is taken over the window.
    public init(_ plan: LoadPlan, clocks: [ProcessClock] = []) {
        self.plan = plan
        self.clocks = clocks
    }

    /// Where a run stands, once a second.
    public struct Progress: Sendable {
        /// Of the window; negative while warming up.
        public var seconds: Double
        public var requests: Int
        public var events: Int
        public var errors: Int
        /// In the last second.
        public var requestsPerSecond: Double
        public var eventsPerSecond: Double
    }

    /// Runs on threads of its own and waits for their end.
    /// - Throws: where a loop cannot be started.
    public func run(_ report: (Progress) -> Void = { _ in }) throws(LoopError) -> LoadResult {
        let questions = (0..<min(plan.questions, plan.requests ?? .max)).map {
            Question(plan, seed: plan.directive.seed ?? UInt64($0) &+ 1)
        }
        let progress = LoadProgress(requests: plan.requests, loops: plan.loops)
        let start = Instant(nanoseconds: monotonicNow() + 20_000_000)  // by then all loops are there
        let box = Parts()
        var threads: [LoopThread] = []
        for index in 0..<plan.loops {
            let (plan, count) = (plan, plan.loops)
            threads.append(
                try LoopThread.start(name: "load-\(index)", backend: plan.backend) { loop in
                    let part = LoadLoop(plan, loop, questions, progress, start: start, share: (index, count))
                    box.add(part)
                    part.run()
                })
        }
        let windowStart = (start + plan.warmup).nanoseconds
        watch(until: windowStart, from: windowStart, progress, report)
        let before = clocks.map { $0.nanoseconds() }
        let begun = monotonicNow()
        watch(
            until: plan.requests == nil ? windowStart + plan.window.nanoseconds : .max, from: windowStart, progress,
            report)
        let ended = monotonicNow()
        let after = clocks.map { $0.nanoseconds() }
        for thread in threads { thread.join() }

        var tally = LoadTally()
        for part in box.all { tally.merge(part.tally) }
        let cpu = zip(clocks, zip(before, after)).map { clock, times in
            LoadResult.CPU(pid: clock.pid, seconds: times.1.flatMap { end in times.0.map { Double(end - $0) / 1e9 } })
        }
        return LoadResult(plan: plan, tally: tally, seconds: Double(ended - begun) / 1e9, cpu: cpu)
    }

    /// Waits, and reports once a second, until `end` or until all loops have ended.
    private func watch(
        until end: Int64, from windowStart: Int64, _ progress: LoadProgress, _ report: (Progress) -> Void
    ) {
        var lastReport = monotonicNow()
        var (requests, events) = (progress.requests.load(ordering: .relaxed), progress.events.load(ordering: .relaxed))
        while true {
            let now = monotonicNow()
            guard now < end, progress.running.load(ordering: .acquiring) > 0, progress.left.load(ordering: .relaxed) > 0
            else {
                return
            }
            if now - lastReport >= 1_000_000_000 {
                let seconds = Double(now - lastReport) / 1e9
                let (moreRequests, moreEvents) = (
                    progress.requests.load(ordering: .relaxed), progress.events.load(ordering: .relaxed)
                )
                report(
                    Progress(
                        seconds: Double(now - windowStart) / 1e9, requests: moreRequests, events: moreEvents,
                        errors: progress.errors.load(ordering: .relaxed),
                        requestsPerSecond: Double(moreRequests - requests) / seconds,
                        eventsPerSecond: Double(moreEvents - events) / seconds))
                (requests, events, lastReport) = (moreRequests, moreEvents, now)
            }
            // Short naps where only a count ends the window; else the thread sleeps and costs nothing.
            let nap: Int64 = plan.requests == nil ? 50_000_000 : 1_000_000
            sleep(until: min(end, now + nap))
        }
    }
}

/// The loops' parts, gathered from their threads.
private final class Parts: Sendable {
    private let list = Mutex<[LoadLoop]>([])
    func add(_ part: LoadLoop) { list.withLock { $0.append(part) } }
    var all: [LoadLoop] { list.withLock { $0 } }
}
