public import WeirBase

/// The seam between the loop and the world: what a loop asks of the system, and how it hears of what happened. Three stand behind it:
/// `UringDriver`, `EpollDriver` and the simulator's. Everything is called on the loop's thread, but for `wake`.
///
/// A driver reports by calling the connection or listener: `Connection.received`, `.receiveEnded`, `.sent`, `.connected`,
/// `Listener.accepted`. It does so only inside `reap`, never from within another call, so that no caller is surprised by a report.
public protocol Driver: AnyObject {
    /// The time as of the last `reap`.
    var now: Instant { get }
    /// The time as of this call: a few tens of nanoseconds on a real clock.
    func readClock() -> Instant
    /// The wall clock: nanoseconds since 1970, UTC. It may jump.
    func readWallClock() -> Int64
    /// Opens a listening socket; with `isShared`, others may listen on the same address and the system spreads connections over them.
    func listen(on address: SocketAddress, isShared: Bool) throws(LoopError) -> (handle: Int32, bound: SocketAddress)
    /// Reports each new connection to `listener` from now on.
    func accept(for listener: Listener)
    /// Ends what `listen` began.
    func close(_ listener: Listener)
    /// Opens a socket for `connection` and connects it; ends with `connection.connected`.
    func connect(_ connection: Connection, to address: SocketAddress)
    /// Reports received bytes from now on, until `stopReceiving`, the end of the stream or an error.
    func startReceiving(_ connection: Connection)
    /// Stops reporting; what the system had under way may still arrive.
    func stopReceiving(_ connection: Connection)
    /// Sends bytes that stay where they are until `connection.sent` is called. One send per connection at a time.
    func send(_ connection: Connection, _ base: UnsafePointer<UInt8>, count: Int)
    /// Tells the peer that nothing more will be sent. No send is under way.
    func shutdownSending(_ connection: Connection)
    /// Closes the socket, at once and without a report; with `isReset`, what is unsent is thrown away and the peer sees a reset. The
    /// driver calls `connection.closed()` when the system has let go of every buffer of the connection.
    func close(_ connection: Connection, isReset: Bool)
    /// Gives a received piece's buffer back.
    func recycle(_ buffer: BufferToken)
    /// Hands over what was asked for, waits until something happens or `deadline` has passed (`.past`: does not wait), reports.
    func reap(until deadline: Instant)
    /// Ends a wait in `reap`. From any thread.
    func wake()
    /// Gives back what the driver holds of the system.
    func shutDown()
    var statistics: DriverStatistics { get }
}

/// Names a driver's receive buffer while a connection reads in it.
public struct BufferToken: Sendable {
    public var index: Int32
    public init(index: Int32) { self.index = index }
}

/// Which driver a loop gets.
public enum Backend: String, Sendable, CaseIterable {
    /// io_uring, or epoll where that is forbidden.
    case automatic
    case uring
    case epoll
}

/// What a driver has done since it started.
public struct DriverStatistics: Sendable, Equatable {
    /// Calls of `reap`.
    public var turns = 0
    /// System calls made, so far as the driver can count them.
    public var systemCalls = 0
    /// Reports of the system handled.
    public var completions = 0
    /// Receive buffers in the driver, and how many of them connections hold now.
    public var receiveBuffers = 0
    public var receiveBuffersInUse = 0
    /// How often the system found no receive buffer.
    public var receiveBuffersExhausted = 0
    public init() {}
}
