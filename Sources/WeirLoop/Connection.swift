public import WeirBase

/// One byte stream on one loop: a client's, an upstream's. All of it happens on its loop's thread.
///
/// Reading: `unread` is what has come and was not consumed, contiguous; `fill` waits for more. A piece that arrives while nothing is unread
/// is read where the system put it; what is still unread when the turn ends is moved to a block of the loop's pool, so that no connection
/// holds a receive buffer across turns. Writing: `withOutput` appends; all that was appended in a turn is sent at its end in one call.
/// Back-pressure: `drained` waits while much is unsent; reading stops by itself while more than `unreadLimit` bytes wait for a reader.
@safe
public final class Connection: @unchecked Sendable {  // confined to its loop's thread
    /// The loop. It lets go of its connections when they have closed, and of all of them when it ends.
    public let loop: EventLoop
    /// Where the peer is.
    public internal(set) var peer: SocketAddress
    /// A number for the driver: a descriptor, or whatever it uses.
    package var handle: Int32
    /// The driver's own notes.
    package var driverFlags: UInt32 = 0
    /// Operations that the system has under way for this connection.
    package var operations: Int32 = 0
    /// The place in the loop's table, and how often that place was used before.
    let slot: Int32
    let generation: UInt32

    // Reading
    @usableFromInline var readBase: UnsafeMutablePointer<UInt8>?
    @usableFromInline var readCount = 0
    /// The receive buffer in which `readBase` lies, or -1.
    var borrowed: Int32 = -1
    var inbox: BlockPool.Block?
    /// Room to make when unread bytes have to move.
    var wantedUnread = 0
    /// Counts pieces, so that `fill` knows whether something came.
    var arrivals: UInt32 = 0
    var reader: UnsafeContinuation<Void, Never>?
    var isReceiving = false
    /// Why nothing more comes.
    public internal(set) var ending: ConnectionError?
    /// `fill` throws `timedOut` when this moment has passed. Moving it costs nothing.
    public var readDeadline = Instant.never
    /// Unread bytes above which reading stops until somebody reads, and above which `fill` refuses.
    public var unreadLimit = 65_536

    // Writing
    var outgoing = ByteBuffer()
    var sending: BlockPool.Block?
    var sendingCount = 0
    var sendingOffset = 0
    var isDirty = false
    /// Whether what is written waits, though a turn ends: until it may be sent.
    public var holdsOutput = false {
        didSet { if !holdsOutput, hasOutput { markDirty() } }
    }
    var writer: UnsafeContinuation<Void, Never>?
    /// `drained` throws `timedOut` when this moment has passed, and a closing connection is cut then.
    public var writeDeadline = Instant.never

    // Life
    enum Phase { case connecting, open, finishing, lingering, closed }
    var phase: Phase
    /// When the loop will look at the deadlines; the entry is in the loop's heap.
    var timer = Instant.never
    var lingered = 0
    /// Aborted when this connection's peer has gone: an exchange's other side.
    var companion: Connection?
    /// Whether its owner waits for the peer to begin something, so that closing it interrupts nothing.
    public var isAtRest = false
    /// The pool in which the connection waits for a request; it hears of the peer's end.
    var idlePool: UpstreamPool?
    var tls: TLSSession?
    var isShakingHands = false
    /// What TLS wants sent, as it goes on the wire.
    var sealed = ByteBuffer()
    /// Bytes received and sent over the connection's life, as they were on the wire.
    public internal(set) var receivedBytes: UInt64 = 0
    public internal(set) var sentBytes: UInt64 = 0
    /// When the system last took bytes that were to be sent.
    public internal(set) var lastSent = Instant.past

    init(loop: EventLoop, slot: Int32, generation: UInt32, handle: Int32, peer: SocketAddress, phase: Phase) {
        self.loop = loop
        self.slot = slot
        self.generation = generation
        self.handle = handle
        self.peer = peer
        self.phase = phase
    }

    /// Whether the connection may still be used: nobody has closed it and the peer has not gone.
    @inlinable public var isUsable: Bool { isOpen && ending == nil }
    /// Whether `finish` and `abort` have not been called.
    public var isOpen: Bool { phase == .open }

    /// From now on, when this connection's peer goes away, `other` is aborted at once. Nil ends that.
    public func setCompanion(_ other: Connection?) {
        companion = other
        if ending != nil { abortCompanion() }
    }

    /// The peer has gone: the companion goes, too, and is forgotten.
    func abortCompanion() {
        guard let other = companion else { return }
        companion = nil
        other.abort()
    }

    // MARK: Ending

    /// Closes in order when all that was written has been sent: the peer sees the end of the stream after the last byte.
    public func finish() {
        guard phase == .open || phase == .connecting else { return }
        companion = nil
        phase = .finishing
        if let tls {
            sealOutgoing(tls)
            withSealed { tls.close(into: &$0) }
        }
        writeDeadline = min(writeDeadline, loop.now + Connection.finishTime)
        armTimer(writeDeadline)
        unsafe wake(&reader)
        if hasOutput { markDirty() } else if sendingCount == 0 { linger() }
    }

    /// Closes at once. What is unsent is thrown away, whoever waits on this connection gets `aborted`, and the peer sees a reset.
    public func abort() { close(because: .aborted, isReset: true) }

    /// Closes at once for the end of the loop. Where all was sent already and only the peer's end is waited for, there is no reset: it would
    /// throw away what the system has not delivered yet.
    func closeAtStop() { close(because: .aborted, isReset: phase != .lingering) }

    func close(because error: ConnectionError, isReset: Bool) {
        guard phase != .closed else { return }
        let wasConnecting = phase == .connecting
        phase = .closed
        // What nobody has read yet is lost: an orderly end that came after it is none any more.
        if ending == nil || readCount > 0 { ending = error }
        let other = companion
        companion = nil
        releaseUnread()
        loop.driver.close(self, isReset: isReset && !wasConnecting)
        unsafe wake(&reader)
        unsafe wake(&writer)
        if let other, error != .aborted { other.abort() }
    }

    /// Everything is sent: says so to the peer, and waits a while for its end, so that the last bytes are not lost to a reset.
    func linger() {
        guard phase == .finishing else { return }
        guard ending == nil else { return close(because: .endOfStream, isReset: false) }
        phase = .lingering
        releaseUnread()
        loop.driver.shutdownSending(self)
        if !isReceiving {
            isReceiving = true
            loop.driver.startReceiving(self)
        }
        writeDeadline = loop.now + Connection.lingerTime
        armTimer(writeDeadline)
    }

    /// How long a closing connection may take to send what is left, and to answer our end with its own.
    static let finishTime = TimeSpan.seconds(30)
    static let lingerTime = TimeSpan.seconds(2)
    /// Bytes that a lingering connection reads and throws away before it is cut.
    static let lingerBytes = 262_144

    // MARK: Deadlines

    /// Makes sure that the loop looks at this connection when `deadline` comes.
    @inline(__always)
    func armTimer(_ deadline: Instant) {
        if deadline < timer { loop.add(timer: deadline, for: self) }
    }

    /// The loop's timer fired.
    func timerFired(at now: Instant) {
        timer = .never
        switch phase {
        case .closed: return
        case .finishing, .lingering:
            // One that lingers has handed everything over: a reset would throw away what a slow peer has still to fetch from the system.
            if writeDeadline <= now { return close(because: .timedOut, isReset: phase == .finishing) }
            armTimer(writeDeadline)
        case .open, .connecting:
            if unsafe reader != nil {
                if readDeadline <= now { unsafe wake(&reader) } else { armTimer(readDeadline) }
            }
            if unsafe writer != nil {
                if writeDeadline <= now { unsafe wake(&writer) } else { armTimer(writeDeadline) }
            }
        }
    }

    @inline(__always)
    func wake(_ waiter: inout UnsafeContinuation<Void, Never>?) {
        guard let waiting = unsafe waiter else { return }
        unsafe waiter = nil
        unsafe waiting.resume()
    }
}
