internal import Glibc

/// Waits for signals on the calling thread; blocks them in all threads that start later.
public struct SignalWaiter {
    private var set = sigset_t()

    public init(_ numbers: [Int32]) {
        signal(SIGPIPE, SIG_IGN)
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// The next signal's number.
    public func next() -> Int32 {
        var set = set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
        return number
    }
}
