internal import Glibc

/// The processor time of another process.
public struct ProcessClock: Sendable {
    public let pid: Int32
    private let clock: clockid_t

    /// - Returns: nil where there is no such process.
    public init?(pid: Int32) {
        var clock = clockid_t()
        guard unsafe clock_getcpuclockid(pid, &clock) == 0 else { return nil }
        self.pid = pid
        self.clock = clock
    }

    /// Nanoseconds that all its threads have run, those included that have ended; nil once it has ended.
    public func nanoseconds() -> Int64? {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return nil }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// The clock of the loops, for the thread that waits for them.
func monotonicNow() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Sleeps until `nanoseconds` of that clock.
func sleep(until nanoseconds: Int64) {
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
}
