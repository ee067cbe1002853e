import WeirLoop

/// One end of a simulated TCP connection, as its system sees it.
@safe
final class SimulatedSocket {
    enum Phase { case connecting, open, closing, closed }

    let handle: Int32
    var phase: Phase
    /// The other end; nil before the connection stands.
    var peer: SimulatedSocket?
    /// The loop's end; nil while it waits to be accepted, and after `closed`.
    var connection: Connection?

    // Coming in
    var incoming: [UInt8] = []
    var incomingStart = 0
    /// Bytes that are on the way to this socket and count against its window.
    var underWay = 0
    var window = 65_536
    /// When the last thing that was sent to this socket arrives: nothing overtakes.
    var lastArrival: Int64 = 0
    var peerHasEnded = false
    var isReset = false
    /// A fault has struck within what arrives: nothing after it may come, only the reset.
    var isCut = false
    var isReceiving = false
    var isPausing = false
    var isReceiveScheduled = false
    /// Nothing arrives any more; what would is held until the network heals.
    var isStalled = false
    var held: [NetworkEvent] = []
    var arrived = 0
    var stallsAfter = Int.max
    var resetsAfter = Int.max

    // Going out
    @unsafe struct Send {
        var base: UnsafePointer<UInt8>
        var count: Int
    }
    var send: Send?
    var isBlocked = false
    var hasEnded = false

    /// Whether a fault has struck this connection.
    var isDisturbed = false
    /// The time on the way, in nanoseconds.
    var latency: Int64 = 1_000

    init(handle: Int32, phase: Phase) {
        self.handle = handle
        self.phase = phase
    }

    var available: Int { incoming.count - incomingStart }
    var space: Int { window - available - underWay }

    /// Takes `count` bytes out of what has come.
    func take(_ count: Int, to base: UnsafeMutablePointer<UInt8>) {
        for offset in 0..<count { unsafe base[offset] = incoming[incomingStart + offset] }
        incomingStart += count
        if incomingStart == incoming.count {
            incoming.removeAll(keepingCapacity: true)
            incomingStart = 0
        } else if incomingStart > 65_536 {
            incoming.removeFirst(incomingStart)
            incomingStart = 0
        }
    }

    func dropIncoming() {
        incoming.removeAll()
        incomingStart = 0
    }
}
