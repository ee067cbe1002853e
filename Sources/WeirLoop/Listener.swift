import WeirBase

/// A listening socket on one loop.
public final class Listener: @unchecked Sendable {  // confined to its loop's thread
    let loop: EventLoop
    package let handle: Int32
    /// Where it listens; has the real port where 0 was asked for.
    public let address: SocketAddress
    let tls: TLSListenerIdentity?
    private let serve: @Sendable (Connection) async -> Void
    package private(set) var isClosed = false
    /// The driver's own notes.
    package var driverFlags: UInt32 = 0

    init(
        loop: EventLoop, handle: Int32, address: SocketAddress, tls: TLSListenerIdentity?,
        serve: @escaping @Sendable (Connection) async -> Void
    ) {
        self.loop = loop
        self.handle = handle
        self.address = address
        self.tls = tls
        self.serve = serve
    }

    /// Stops listening; connections that were accepted go on.
    public func stop() {
        guard !isClosed else { return }
        isClosed = true
        loop.driver.close(self)
        loop.forget(self)
    }

    /// The driver has a new connection. Returns it, or nil where the loop has too many and the driver is to close it.
    package func accepted(handle: Int32, peer: SocketAddress) -> Connection? {
        let loop = loop
        guard !isClosed, loop.connectionCount < loop.connectionLimit else { return nil }
        let connection = loop.register(handle: handle, peer: peer, phase: .open)
        if let tls { connection.acceptTLS(tls) }
        connection.isReceiving = true
        loop.driver.startReceiving(connection)
        loop.spawn(serving: connection, serve)
        return connection
    }
}
