internal import Glibc
import WeirBase

/// System calls that both real drivers make when a socket begins.
enum SocketCalls {
    /// Opens a non-blocking listening socket with TCP_NODELAY, which accepted connections inherit.
    static func listen(on address: SocketAddress, isShared: Bool) throws(LoopError) -> (Int32, SocketAddress) {
        let descriptor = socket(
            address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR)
        if isShared { setOption(descriptor, SOL_SOCKET, SO_REUSEPORT) }
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, unsentInSystem)
        let isBound = unsafe address.withSystemAddress { unsafe bind(descriptor, $0, $1) } == 0
        guard isBound, Glibc.listen(descriptor, 4_096) == 0, let bound = localAddress(of: descriptor) else {
            let number = errno
            Glibc.close(descriptor)
            throw .cannotListen(address: address.description, errno: number)
        }
        return (descriptor, bound)
    }

    /// Opens a non-blocking socket with TCP_NODELAY; -1 with errno where the system has none left.
    static func open(_ family: Int32) -> Int32 {
        let descriptor = socket(
            family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        if descriptor >= 0 { setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY) }
        return descriptor
    }

    static func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32 = 1) {
        var value = value
        unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Bytes that the system may hold of a connection without having sent them. Without this bound a client that reads slowly has it take some
    /// 4 MB of a stream, which the provider bills and nobody may ever read.
    private static let unsentInSystem: Int32 = 131_072

    /// Makes `close` send a reset instead of waiting for what is unsent.
    static func resetOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    static func localAddress(of descriptor: Int32) -> SocketAddress? { unsafe address(of: descriptor, getsockname) }
    static func peerAddress(of descriptor: Int32) -> SocketAddress? { unsafe address(of: descriptor, getpeername) }

    private static func address(
        of descriptor: Int32, _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call(descriptor, $0, &length) }
        }
        return code == 0 ? SocketAddress(storage) : nil
    }

    static func wallNow() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    static func monotonicNow() -> Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
