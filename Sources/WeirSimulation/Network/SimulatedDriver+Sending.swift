internal import WeirBase
public import WeirLoop

extension SimulatedDriver {
    public func send(_ connection: Connection, _ base: UnsafePointer<UInt8>, count: Int) {
        guard let socket = openSocket(connection, "send") else { return }
        guard unsafe socket.send == nil else { return violate("two sends at once on socket \(socket.handle)") }
        guard !socket.hasEnded else { return violate("send after shutdownSending on socket \(socket.handle)") }
        guard count > 0 else { return violate("send of nothing on socket \(socket.handle)") }
        unsafe socket.send = SimulatedSocket.Send(base: base, count: count)
        log.note(now, .send, Int(socket.handle), count)
        schedule(.send(socket.handle), after: soon())
    }

    /// The system takes what it has room for; where there is none, the send waits until the peer has read.
    func performSend(_ socket: SimulatedSocket) {
        guard socket.phase == .open, let send = unsafe socket.send, let peer = socket.peer,
            let connection = socket.connection
        else { return }
        socket.isBlocked = false
        guard !socket.isReset else {
            unsafe socket.send = nil
            return connection.sent(random.chance(500) ? -Errno.brokenPipe : -Errno.reset)
        }
        let isPeerGone = peer.phase == .closing || peer.phase == .closed
        let space = isPeerGone ? Int.max : peer.space
        guard space > 0 else {
            socket.isBlocked = true
            return
        }
        var count = unsafe min(send.count, space)
        if random.chance(weather.partialSends) { count = random.size(upTo: count) }
        let bytes = unsafe Array(UnsafeBufferPointer(start: send.base, count: count))
        unsafe socket.send = nil
        peer.underWay += count
        deliver(.arrive(peer.handle, bytes), to: peer)
        log.note(now, .sent, Int(socket.handle), count)
        connection.sent(Int32(count))
    }

    /// Room has come up at `socket`: what its peer wants to send goes on.
    func wakeSender(of socket: SimulatedSocket) {
        guard let peer = socket.peer, peer.isBlocked else { return }
        peer.isBlocked = false
        schedule(.send(peer.handle), after: soon())
    }

    public func shutdownSending(_ connection: Connection) {
        guard let socket = openSocket(connection, "shutdownSending") else { return }
        guard unsafe socket.send == nil else { return violate("shutdownSending within a send on \(socket.handle)") }
        endSending(socket)
    }

    func endSending(_ socket: SimulatedSocket) {
        guard !socket.hasEnded, let peer = socket.peer else { return }
        socket.hasEnded = true
        deliver(.end(peer.handle), to: peer)
    }

    // MARK: Closing

    public func close(_ connection: Connection, isReset: Bool) {
        guard let socket = socket(of: connection), socket.phase != .closing, socket.phase != .closed else {
            return violate("close of a connection that is closed")
        }
        log.note(now, .close, Int(socket.handle), isReset ? 1 : 0)
        let wasOpen = socket.phase == .open
        socket.phase = .closing
        schedule(.closed(socket.handle), after: soon())
        guard wasOpen, let peer = socket.peer else { return }
        // A reset overtakes what is on the way, or not; unread bytes make a reset of an end, as in Linux.
        if isReset || socket.available > 0 {
            if random.chance(500) {
                schedule(.reset(peer.handle), after: socket.latency)
            } else {
                deliver(.reset(peer.handle), to: peer)
            }
        } else {
            endSending(socket)
        }
        wakeSender(of: socket)
    }

    /// The system lets go of the connection's buffers. What was under way may still be reported, to a connection that is closed.
    func finishClosing(_ socket: SimulatedSocket) {
        guard let connection = socket.connection else { return }
        if socket.isReceiving, socket.available > 0, random.chance(300) { report(socket, connection) }
        if unsafe socket.send != nil {
            unsafe socket.send = nil
            if !weather.isReadinessLike { connection.sent(-Errno.cancelled) }
        }
        log.note(now, .closed, Int(socket.handle))
        socket.phase = .closed
        socket.dropIncoming()
        socket.connection = nil
        connection.handle = -1
        connection.closed()
    }

    /// A fault: both ends see a reset.
    func cut(_ socket: SimulatedSocket) {
        // One that has lost bytes must break, also where the network was healed meanwhile.
        guard !weather.isCalm || socket.isCut, socket.phase == .open, let peer = socket.peer else { return }
        disturb(socket)
        log.note(now, .cut, Int(socket.handle))
        schedule(.reset(socket.handle), after: soon())
        schedule(.reset(peer.handle), after: soon() + Int64(random.below(2) * random.below(1_000_000_000)))
    }
}
