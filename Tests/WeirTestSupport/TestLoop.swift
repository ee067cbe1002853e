internal import WeirBase
public import WeirLoop

/// The drivers under test.
public let backends: [Backend] = [.uring, .epoll]

/// Runs `body` as a task on a loop of its own and waits for its end.
/// - Returns: the loop's statistics when its connections have been aborted and the driver has let go of them.
@discardableResult
public func onLoop(
    _ backend: Backend, _ body: @escaping @Sendable (EventLoop) async -> Void
) async throws -> LoopStatistics {
    let thread = try LoopThread.start(name: "test", backend: backend) { _ in }
    let loop = thread.loop
    let statistics = await withCheckedContinuation { (done: CheckedContinuation<LoopStatistics, Never>) in
        loop.execute {
            loop.spawn {
                await body(loop)
                loop.stopListening()
                loop.abortAll()
                let patience = loop.now + TimeSpan.seconds(5)
                while loop.statistics.connections > 0, loop.now < patience {
                    await loop.sleep(until: loop.now + TimeSpan.milliseconds(1))
                }
                let statistics = loop.statistics
                loop.stop()
                done.resume(returning: statistics)
            }
        }
    }
    thread.join()
    return statistics
}
