import Synchronization
import WeirBase
import WeirLoop
import WeirMockScript
import WeirWire

/// What loops and the thread that waits for them share.
final class LoadProgress: Sendable {
    let requests = Atomic<Int>(0)
    let events = Atomic<Int>(0)
    let errors = Atomic<Int>(0)
    /// Answers of the window still to come, where their number is given.
    let left: Atomic<Int>
    /// Loops that have not ended.
    let running: Atomic<Int>

    init(requests: Int?, loops: Int) {
        left = Atomic(requests ?? .max)
        running = Atomic(loops)
    }
}

/// The load generator on one loop: a task for each connection, which asks, reads and checks, again and again.
///
/// Closed loop: an answer's end begins the next request. Open loop: request k begins at its scheduled time, or, when all connections are busy,
/// later; its latency counts from the scheduled time all the same, so that a slow answer cannot hide the wait of those behind it.
final class LoadLoop: @unchecked Sendable {  // confined to its loop's thread; `tally` is read after that has ended
    private let plan: LoadPlan
    private let loop: EventLoop
    private let questions: [Question]
    private let progress: LoadProgress
    private let connections: Int
    /// Nanoseconds between two scheduled requests of this loop; 0 in a closed loop.
    private let interval: Double
    private let start: Instant
    private let windowStart: Instant
    private let windowEnd: Instant
    private let limits: HTTPLimits

    private(set) var tally = LoadTally()
    private var asked = 0
    private var active = 0
    /// The time for answers under way is over: what fails now is no error.
    private var isOver = false

    /// - Parameters:
    ///   - start: when the first request begins.
    ///   - share: this loop's number and the number of loops.
    init(
        _ plan: LoadPlan, _ loop: EventLoop, _ questions: [Question], _ progress: LoadProgress, start: Instant,
        share: (index: Int, of: Int)
    ) {
        self.plan = plan
        self.loop = loop
        self.questions = questions
        self.progress = progress
        connections = plan.connections / share.of + (share.index < plan.connections % share.of ? 1 : 0)
        interval = plan.rate.map { 1e9 * Double(share.of) / $0 } ?? 0
        self.start = start + .nanoseconds(Int64(interval * Double(share.index) / Double(share.of)))
        windowStart = start + plan.warmup
        windowEnd = plan.requests == nil ? windowStart + plan.window : .never
        asked = share.index  // loops begin with different questions
        var limits = HTTPLimits()
        limits.bodyBytes = 1 << 32
        self.limits = limits
    }

    /// Begins; the loop stops by itself at the end. On the loop's thread.
    func run() {
        active = connections
        loop.schedule(at: start) {
            for _ in 0..<self.connections { self.loop.spawn { await self.work() } }
        }
        if connections == 0 { end() }
        if windowEnd != .never { loop.schedule(at: windowEnd + plan.drain) { self.cutOff() } }
    }

    private func cutOff() {
        isOver = true
        loop.abortAll()
    }

    private func end() {
        progress.running.subtract(1, ordering: .releasing)
        loop.stop()
    }

    // MARK: One connection

    private func work() async {
        var connection: Connection?
        var reader = AnswerReader(limits)  // replaced after an error: what it holds then is another answer's
        while let scheduled = await nextSlot() {
            let question = questions[asked % questions.count]
            asked += 1
            do throws(AnswerError) {
                let open = try await self.connection(connection)
                connection = open
                if try await !ask(question, on: open, scheduled, reader) {
                    open.finish()
                    connection = nil
                }
            } catch {
                connection?.abort()
                connection = nil
                reader = AnswerReader(limits)
                guard !isOver else { break }
                tally.count(error)
                _ = takeOne()
                progress.errors.add(1, ordering: .relaxed)
                // A server that is down is asked again, but not as fast as the machine can.
                if error.kind == .connect { await loop.sleep(until: loop.now + .milliseconds(20)) }
            }
        }
        connection?.finish()
        active -= 1
        if active == 0 { end() }
    }

    /// Waits until the next request may begin.
    /// - Returns: from when its latency counts; nil when there is none any more.
    private func nextSlot() async -> Instant? {
        guard !isOver, progress.left.load(ordering: .relaxed) > 0 else { return nil }
        guard interval > 0 else { return loop.now < windowEnd ? loop.now : nil }
        let slot = start + .nanoseconds(Int64(Double(slotsTaken) * interval))
        slotsTaken += 1
        guard slot < windowEnd else { return nil }
        if slot > loop.now { await loop.sleep(until: slot) }
        return slot
    }

    private var slotsTaken = 0

    private func connection(_ open: Connection?) async throws(AnswerError) -> Connection {
        if let open, open.isUsable { return open }
        do throws(ConnectionError) {
            let fresh = try await loop.connect(
                to: plan.address, deadline: loop.now + plan.timeout, tls: plan.tls)
            fresh.unreadLimit = 1 << 20
            tally.connects += 1
            return fresh
        } catch {
            throw AnswerError(.connect, "connecting to \(plan.address): \(error)")
        }
    }

    /// Asks and reads the whole answer.
    /// - Returns: whether the connection can be used again.
    private func ask(
        _ question: Question, on connection: Connection, _ scheduled: Instant, _ reader: AnswerReader
    ) async throws(AnswerError) -> Bool {
        let request = question.request
        connection.write(request.span)
        connection.readDeadline = loop.now + plan.timeout
        try await reader.readHead(connection)
        guard reader.head.status == question.ask.directive.status else {
            try? await reader.readRest(connection)
            throw AnswerError(
                .status,
                "\(reader.head.status) instead of \(question.ask.directive.status): \(reader.content.beginning)")
        }
        if question.ask.streams, question.ask.directive.status == 200 {
            try await readEvents(question, connection, scheduled, reader)
        } else {
            try await reader.readRest(connection)
            if question.ask.directive.status == 200 {
                try reader.checkBody(Exam(question))
            }
        }
        finish(scheduled, reader)
        return reader.head.keepsAlive
    }

    private func readEvents(
        _ question: Question, _ connection: Connection, _ scheduled: Instant, _ reader: AnswerReader
    ) async throws(AnswerError) {
        var exam = Exam(question)
        var last = scheduled
        var isFirst = true
        while true {
            let count = try reader.checkEvents(&exam)
            if count > 0 {
                let now = loop.now
                connection.readDeadline = now + plan.timeout
                note(events: count, at: now, since: last, isFirst: isFirst)
                isFirst = false
                last = now
            }
            guard !reader.content.isComplete else { break }
            try await reader.readMore(connection)
        }
        try exam.checkEnd()
    }

    // MARK: Counting

    /// Takes one of the requests that were asked for, if their number was given.
    /// - Returns: whether there was one left. Whoever takes the last ends the run for all.
    private func takeOne() -> Bool {
        plan.requests == nil || progress.left.subtract(1, ordering: .relaxed).newValue >= 0
    }

    private func isInWindow(_ moment: Instant) -> Bool { moment >= windowStart && moment < windowEnd }

    private func note(events count: Int, at now: Instant, since last: Instant, isFirst: Bool) {
        guard isInWindow(now) else { return }
        tally.events += count
        progress.events.add(count, ordering: .relaxed)
        let span = (now - last).nanoseconds
        if isFirst { tally.firstEvent.record(span) } else { tally.gap.record(span) }
        for _ in 1..<max(1, count) { tally.gap.record(0) }
    }

    private func finish(_ scheduled: Instant, _ reader: AnswerReader) {
        let now = loop.now
        guard isInWindow(now) else { return }
        guard takeOne() else { return }
        tally.requests += 1
        tally.receivedBytes += UInt64(reader.head.count + reader.content.received)
        tally.latency.record((now - scheduled).nanoseconds)
        progress.requests.add(1, ordering: .relaxed)
    }
}
