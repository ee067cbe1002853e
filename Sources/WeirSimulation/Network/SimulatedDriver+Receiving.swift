internal import WeirBase
public import WeirLoop

extension SimulatedDriver {
    public func startReceiving(_ connection: Connection) {
        // A connection that is being accepted or connected starts before this driver has noted it.
        guard let socket = openSocket(connection, "startReceiving") else { return }
        socket.isReceiving = true
        wakeReceiver(socket)
    }

    public func stopReceiving(_ connection: Connection) {
        guard let socket = openSocket(connection, "stopReceiving"), socket.isReceiving else { return }
        if weather.isReadinessLike {
            socket.isReceiving = false
            connection.receivePausedByDriver()
        } else if !socket.isPausing {
            socket.isPausing = true
            schedule(.pause(socket.handle), after: soon() * 4)
        }
    }

    /// A receive that was told to stop has ended.
    func pause(_ socket: SimulatedSocket) {
        socket.isPausing = false
        guard socket.isReceiving, socket.phase == .open, let connection = socket.connection else { return }
        socket.isReceiving = false
        log.note(now, .paused, Int(socket.handle))
        connection.receivePaused()
    }

    public func recycle(_ buffer: BufferToken) {
        if !buffers.give(buffer) { violate("buffer \(buffer.index) came back twice") }
    }

    /// Something may be there for the reader of `socket`.
    func wakeReceiver(_ socket: SimulatedSocket) {
        guard socket.isReceiving, !socket.isReceiveScheduled, socket.phase == .open else { return }
        guard socket.available > 0 || socket.peerHasEnded || socket.isReset else { return }
        socket.isReceiveScheduled = true
        schedule(.receive(socket.handle), after: soon())
    }

    /// Reports a burst of pieces, and then the end if it has come.
    func receive(_ socket: SimulatedSocket) {
        socket.isReceiveScheduled = false
        var pieces = 1 + random.below(6)
        while pieces > 0, socket.available > 0 {
            guard socket.isReceiving, socket.phase == .open, let connection = socket.connection else { return }
            guard report(socket, connection) else {
                starved.append(socket)
                return
            }
            pieces -= 1
            if endsBurst(socket, connection) { return }
        }
        guard socket.isReceiving, socket.phase == .open, let connection = socket.connection else { return }
        guard socket.available == 0 else { return wakeReceiver(socket) }
        if socket.isReset {
            socket.isReceiving = false
            log.note(now, .reset, Int(socket.handle))
            connection.receiveEnded(errno: Errno.reset)
        } else if socket.peerHasEnded {
            socket.isReceiving = false
            log.note(now, .ended, Int(socket.handle))
            connection.receiveEnded(errno: 0)
        }
    }

    /// Whether a multishot receive ends here by itself, as the bounded one of the ring does; it goes on where little is unread.
    private func endsBurst(_ socket: SimulatedSocket, _ connection: Connection) -> Bool {
        guard !weather.isReadinessLike, !socket.isPausing, connection.hasMuchUnread, random.chance(300) else {
            return false
        }
        socket.isReceiving = false
        log.note(now, .paused, Int(socket.handle), 1)
        connection.receivePaused()
        return true
    }

    /// Reports one piece.
    /// - Returns: false where there is no receive buffer.
    @discardableResult
    func report(_ socket: SimulatedSocket, _ connection: Connection) -> Bool {
        guard let buffer = buffers.take() else {
            counts.receiveBuffersExhausted += 1
            log.note(now, .exhausted, Int(socket.handle))
            return false
        }
        var count = min(socket.available, buffers.bytes)
        if random.chance(weather.smallReads) { count = random.chance(300) ? 1 : random.size(upTo: count) }
        let base = unsafe buffers.base(of: buffer)
        unsafe socket.take(count, to: base)
        log.note(now, .received, Int(socket.handle), count)
        log.mix(unsafe Span(_unsafeStart: base, count: count))
        unsafe connection.received(base, count: count, in: buffer)
        wakeSender(of: socket)
        return true
    }

    // MARK: What the network brings

    func arrive(_ socket: SimulatedSocket, _ bytes: [UInt8]) {
        guard !holds(.arrive(socket.handle, bytes), socket) else { return }
        let room = min(socket.stallsAfter, socket.resetsAfter) - socket.arrived
        guard bytes.count > room, socket.phase == .open else { return take(bytes[...], socket) }
        // The fault strikes in the middle of these bytes.
        take(bytes[..<room], socket)
        disturb(socket)
        if socket.resetsAfter <= socket.stallsAfter {
            socket.underWay -= bytes.count - room
            socket.resetsAfter = .max
            socket.isCut = true
            return cut(socket)
        }
        log.note(now, .stalled, Int(socket.handle))
        socket.isStalled = true
        socket.held.append(.arrive(socket.handle, Array(bytes[room...])))
    }

    private func take(_ bytes: ArraySlice<UInt8>, _ socket: SimulatedSocket) {
        socket.underWay -= bytes.count
        guard socket.phase == .open, !socket.isReset, !socket.isCut else {
            // Nobody is there any more: the sender hears of it.
            if let peer = socket.peer, peer.phase == .open { schedule(.reset(peer.handle), after: socket.latency) }
            return
        }
        socket.arrived += bytes.count
        socket.incoming += bytes
        wakeReceiver(socket)
    }

    func end(_ socket: SimulatedSocket) {
        guard !holds(.end(socket.handle), socket), !socket.isCut else { return }
        socket.peerHasEnded = true
        wakeReceiver(socket)
    }

    func reset(_ socket: SimulatedSocket) {
        guard !holds(.reset(socket.handle), socket), socket.phase == .open, !socket.isReset else { return }
        socket.isReset = true
        if random.chance(500) { socket.dropIncoming() }
        if socket.isBlocked {
            socket.isBlocked = false
            schedule(.send(socket.handle), after: soon())
        }
        if weather.isReadinessLike, !socket.isReceiving, let connection = socket.connection {
            // epoll tells of an error also where nobody reads.
            log.note(now, .reset, Int(socket.handle), 1)
            return connection.receiveEnded(errno: Errno.reset)
        }
        wakeReceiver(socket)
    }

    private func holds(_ event: NetworkEvent, _ socket: SimulatedSocket) -> Bool {
        guard socket.isStalled else { return false }
        socket.held.append(event)
        return true
    }
}
