internal import Glibc
import WeirBase

extension Connection {
    /// What has come and was not consumed. The span ends with the next `await`, `consume` or `finish`.
    @inlinable public var unread: Span<UInt8> {
        @_lifetime(borrow self) get {
            guard let readBase = unsafe readBase else { return Span() }
            return unsafe _overrideLifetime(Span(_unsafeStart: readBase, count: readCount), borrowing: self)
        }
    }

    /// How many bytes `unread` has.
    @inlinable public var unreadCount: Int { readCount }

    /// Forgets the first `count` unread bytes.
    public func consume(_ count: Int) {
        precondition(count >= 0 && count <= readCount)
        readCount &-= count
        if readCount == 0 {
            releaseUnread()
        } else if let readBase = unsafe readBase {
            unsafe self.readBase = readBase + count
        }
    }

    /// The message under way will be `bytes` long: when its beginning has to move, room is made for all of it at once.
    public func reserveUnread(_ bytes: Int) { wantedUnread = bytes }

    /// Waits for at least one byte more than is unread now.
    /// - Throws: `endOfStream`, `reset`, `timedOut` when `readDeadline` has passed, `tooMuchUnread` at `unreadLimit`, `aborted`, `tls`.
    public func fill() async throws(ConnectionError) {
        if let ending { throw ending }
        guard readCount < max(unreadLimit, wantedUnread) else { throw .tooMuchUnread }
        guard readDeadline > loop.now else { throw .timedOut }
        guard phase == .open else { throw .aborted }
        if !isReceiving {
            isReceiving = true
            loop.driver.startReceiving(self)
        }
        armTimer(readDeadline)
        let before = arrivals
        unsafe precondition(reader == nil, "two readers on one connection")
        unsafe await withUnsafeContinuation { unsafe reader = unsafe $0 }
        guard arrivals == before else { return }
        if let ending { throw ending }
        throw phase == .open ? .timedOut : .aborted
    }

    // MARK: Reports of the driver

    /// The driver has received `count` bytes at `base`, in `buffer`, which goes back with `recycle`.
    package func received(_ base: UnsafeMutablePointer<UInt8>, count: Int, in buffer: BufferToken) {
        receivedBytes &+= UInt64(count)
        guard phase == .open else {
            loop.driver.recycle(buffer)
            discardWhileLingering(count)
            return
        }
        if let tls {
            let before = arrivals
            receivedCiphertext(unsafe Span(_unsafeStart: base, count: count), tls)
            loop.driver.recycle(buffer)
            if arrivals == before, ending == nil { return }
        } else if readCount == 0, wantedUnread <= count {
            unsafe readBase = base
            readCount = count
            borrowed = buffer.index
            loop.noteBorrower(self)
            arrivals &+= 1
        } else {
            unsafe appendUnread(base, count)
            loop.driver.recycle(buffer)
            arrivals &+= 1
        }
        if unsafe reader != nil { unsafe wake(&reader) } else { pauseIfMuchIsUnread() }
    }

    /// Nothing more will be received: 0 for the peer's orderly end, else the system's error number.
    package func receiveEnded(errno number: Int32) {
        isReceiving = false
        guard phase != .closed else { return }
        guard phase != .lingering else { return close(because: .endOfStream, isReset: false) }
        if ending == nil {
            if number != 0 { ending = .reset } else { ending = tls.map(endOfTLSInput) ?? .endOfStream }
        }
        if number != 0 {
            let pool = idlePool
            close(because: .reset, isReset: true)
            pool?.ended(self)
            return
        }
        unsafe wake(&reader)
        abortCompanion()
        idlePool?.ended(self)
    }

    /// The driver has stopped receiving because it was told to, or for want of buffers: it starts again when somebody reads.
    package func receivePaused() {
        isReceiving = false
        if unsafe reader != nil, phase == .open {
            isReceiving = true
            loop.driver.startReceiving(self)
        }
    }

    /// The driver does not receive any more, and reports nothing further.
    package func receivePausedByDriver() { isReceiving = false }

    /// Whether so much is unread that receiving should stop until somebody reads.
    package var hasMuchUnread: Bool { unsafe reader == nil && readCount >= max(unreadLimit, wantedUnread) }

    func pauseIfMuchIsUnread() {
        guard hasMuchUnread, isReceiving else { return }
        loop.driver.stopReceiving(self)
    }

    private func discardWhileLingering(_ count: Int) {
        guard phase == .lingering else { return }
        lingered += count
        if lingered > Connection.lingerBytes { close(because: .aborted, isReset: true) }
    }

    // MARK: Where unread bytes lie

    /// The turn ends: what is unread in a receive buffer moves to a block of the pool.
    func endBorrow() {
        guard borrowed >= 0 else { return }
        if readCount > 0, let base = unsafe readBase {
            let index = borrowed
            borrowed = -1
            let count = readCount
            readCount = 0
            unsafe readBase = nil
            unsafe appendUnread(base, count)
            loop.driver.recycle(BufferToken(index: index))
        } else {
            releaseUnread()
        }
    }

    /// Appends bytes to the unread ones, in a block.
    func appendUnread(_ base: UnsafePointer<UInt8>, _ count: Int) {
        if borrowed >= 0 { endBorrow() }
        reserveInbox(count)
        unsafe memcpy(readBase! + readCount, base, count)
        readCount &+= count
    }

    func appendUnread(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe appendUnread(base, bytes.count)
        }
    }

    /// Makes room for `count` more unread bytes behind those that there are, in a block.
    func reserveInbox(_ count: Int) {
        let needed = readCount + count
        guard let block = unsafe inbox else {
            let fresh = unsafe loop.takeBlock(max(needed, wantedUnread))
            unsafe inbox = fresh
            unsafe readBase = fresh.base
            return
        }
        let start = unsafe readBase ?? block.base
        let used = unsafe start - block.base
        if unsafe used + needed <= block.capacity { return unsafe readBase = start }
        if unsafe needed <= block.capacity / 2
            || (needed <= block.capacity && needed >= wantedUnread && used >= readCount)
        {
            unsafe memmove(block.base, start, readCount)
            unsafe readBase = block.base
            return
        }
        let fresh = unsafe loop.takeBlock(max(needed, wantedUnread, 2 * block.capacity))
        unsafe memcpy(fresh.base, start, readCount)
        unsafe loop.giveBlock(block)
        unsafe inbox = fresh
        unsafe readBase = fresh.base
    }

    /// Nothing is unread: the memory goes back.
    func releaseUnread() {
        readCount = 0
        unsafe readBase = nil
        wantedUnread = 0
        if borrowed >= 0 {
            loop.driver.recycle(BufferToken(index: borrowed))
            borrowed = -1
        }
        if let block = unsafe inbox {
            unsafe loop.giveBlock(block)
            unsafe inbox = nil
        }
    }
}
