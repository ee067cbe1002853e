internal import Glibc

/// Turns host names into addresses. The system's resolver blocks, so it runs on a thread of its own, one per question; a loop only waits.
public protocol Resolver: Sendable {
    /// Calls `done` on the loop's thread with the addresses of `host`, none where there are none.
    func resolve(
        _ host: String, port: UInt16, for loop: EventLoop, _ done: @escaping @Sendable ([SocketAddress]) -> Void)
}

/// The system's resolver: getaddrinfo.
public struct SystemResolver: Resolver {
    public init() {}

    public func resolve(
        _ host: String, port: UInt16, for loop: EventLoop, _ done: @escaping @Sendable ([SocketAddress]) -> Void
    ) {
        if let address = SocketAddress(host: host, port: port) { return loop.execute { done([address]) } }
        let question = Question {
            let found = SystemResolver.lookUp(host, port: port)
            loop.execute { done(found) }
        }
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Question>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, Unmanaged.passRetained(question).toOpaque())
        if code == 0 { pthread_detach(thread) } else { loop.execute { done([]) } }
    }

    private final class Question: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func lookUp(_ host: String, port: UInt16) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { unsafe freeaddrinfo(first) }
        var found: [SocketAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            var storage = sockaddr_storage()
            unsafe memcpy(&storage, entry.pointee.ai_addr, Int(entry.pointee.ai_addrlen))
            if var address = SocketAddress(storage) {
                address.port = port
                if !found.contains(address) { found.append(address) }
            }
            unsafe next = entry.pointee.ai_next
        }
        return found
    }
}
