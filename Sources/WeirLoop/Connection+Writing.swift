public import WeirBase

extension Connection {
    /// Appends to what is sent at the end of this turn. After `finish` or `abort` what is written goes nowhere.
    /// - Parameter reserving: how many bytes will be appended, if known: saves growing.
    @inlinable public func withOutput<Result>(reserving bytes: Int = 0, _ write: (inout ByteBuffer) -> Result) -> Result
    {
        let before = beginOutput(bytes)
        defer { endOutput(before) }
        return write(&_outgoing)
    }

    /// Appends a copy of `bytes`.
    public func write(_ bytes: Span<UInt8>) { withOutput(reserving: bytes.count) { $0.append(bytes) } }

    /// Bytes written that the system has not taken yet.
    public var unsentCount: Int { outgoing.count + sendingCount - sendingOffset }

    /// Unsent bytes above which `drained` waits, and down to which it waits.
    public static let highWater = 65_536
    static let lowWater = 16_384

    /// Waits while more than `highWater` bytes are unsent.
    /// - Throws: `timedOut` when `writeDeadline` has passed, and what else ends a connection.
    public func drained() async throws(ConnectionError) {
        guard unsentCount > Connection.highWater else { return }
        while unsentCount > Connection.lowWater {
            guard phase == .open else { throw ending ?? .aborted }
            guard writeDeadline > loop.now else { throw .timedOut }
            armTimer(writeDeadline)
            unsafe precondition(writer == nil, "two writers on one connection")
            unsafe await withUnsafeContinuation { unsafe writer = unsafe $0 }
        }
    }

    @usableFromInline var _outgoing: ByteBuffer {
        _read { yield outgoing }
        _modify { yield &outgoing }
    }

    /// - Returns: how many bytes wait already.
    @usableFromInline func beginOutput(_ bytes: Int) -> Int {
        if outgoing.capacity == 0 { outgoing = takeBuffer(bytes) } else { outgoing.reserve(bytes) }
        return outgoing.count
    }

    @usableFromInline func endOutput(_ before: Int) {
        guard phase != .open else { return markDirty() }
        // What was written before `finish` is still to be sent; a connection that the driver has let go of must hold no block.
        outgoing.truncate(to: before)
        guard phase == .closed else { return }
        var buffer = ByteBuffer()
        swap(&buffer, &outgoing)
        giveBuffer(buffer)
    }

    /// Whether bytes wait or are on their way.
    var isSending: Bool { phase != .closed && (hasOutput || sendingCount > 0) }

    /// Whether something waits to be sent.
    var hasOutput: Bool { !outgoing.isEmpty || !sealed.isEmpty }

    /// A buffer on a block of the pool, and the way back.
    func takeBuffer(_ bytes: Int) -> ByteBuffer {
        let block = unsafe loop.takeBlock(bytes)
        return unsafe ByteBuffer(adopting: block.base, capacity: block.capacity)
    }

    func giveBuffer(_ buffer: consuming ByteBuffer) {
        guard let memory = unsafe buffer.detach() else { return }
        unsafe loop.giveBlock(BlockPool.Block(base: memory.base, capacity: memory.capacity))
    }

    func markDirty() {
        guard !isDirty else { return }
        isDirty = true
        loop.noteDirty(self)
    }

    /// Sends what was written, unless a send is under way: then its report does.
    func flush() {
        guard unsafe sending == nil, hasOutput, !holdsOutput, phase == .open || phase == .finishing else { return }
        if let tls {
            sealOutgoing(tls)
            swap(&outgoing, &sealed)
        }
        var buffer = ByteBuffer()
        swap(&buffer, &outgoing)
        guard let memory = unsafe buffer.detach() else { return }
        unsafe sending = BlockPool.Block(base: memory.base, capacity: memory.capacity)
        sendingCount = unsafe memory.count
        sendingOffset = 0
        unsafe loop.driver.send(self, memory.base, count: memory.count)
    }

    /// The driver has sent `result` bytes, or failed with a negated error number.
    package func sent(_ result: Int32) {
        guard let block = unsafe sending else { return }
        guard result > 0, phase != .closed else {
            finishSending()
            if phase != .closed { close(because: .reset, isReset: true) }
            return
        }
        sentBytes &+= UInt64(result)
        lastSent = loop.now
        sendingOffset += Int(result)
        if sendingOffset < sendingCount {
            unsafe loop.driver.send(self, block.base + sendingOffset, count: sendingCount - sendingOffset)
        } else {
            finishSending()
            if hasOutput { markDirty() } else if phase == .finishing { linger() }
        }
        if unsafe writer != nil, unsentCount <= Connection.lowWater { unsafe wake(&writer) }
    }

    private func finishSending() {
        guard let block = unsafe sending else { return }
        unsafe loop.giveBlock(block)
        unsafe sending = nil
        sendingCount = 0
        sendingOffset = 0
    }

    /// The driver has let go of everything: the last of the connection's memory goes back.
    package func closed() {
        finishSending()
        releaseUnread()
        var buffer = ByteBuffer()
        swap(&buffer, &outgoing)
        giveBuffer(buffer)
        buffer = ByteBuffer()
        swap(&buffer, &sealed)
        giveBuffer(buffer)
        tls = nil
        loop.forget(self)
    }
}

extension Connection {
    /// The system takes bytes again: the driver gets what is still to be sent.
    package func resumeSending() {
        guard let block = unsafe sending else { return }
        unsafe loop.driver.send(self, block.base + sendingOffset, count: sendingCount - sendingOffset)
    }

    /// The driver has connected, or failed with an error number.
    package func connected(errno number: Int32) {
        guard phase == .connecting else { return }
        guard number == 0 else {
            ending = ConnectionError(connecting: number)
            return close(because: .aborted, isReset: false)
        }
        phase = .open
        isReceiving = true
        loop.driver.startReceiving(self)
        unsafe wake(&reader)
    }
}
