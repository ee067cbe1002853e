#if canImport(Glibc)
    internal import Glibc
#endif

/// Waits a moment for another thread that is about to finish something short: a few times without the system, then by letting others run, for
/// the one that is waited for may have lost its processor.
public func pauseProcessor(tries: Int) {
    guard tries > 32 else { return }
    sched_yield()
}
