internal import Glibc
public import WeirBase

/// Reads a file line by line, through a buffer that grows to the longest line.
public struct LineReader: ~Copyable {
    private let descriptor: Int32
    private var buffer = ByteBuffer(capacity: 1 << 16)
    private var start = 0
    private var searched = 0
    private var isAtEnd = false
    private var isSkipping = false
    private let limit: Int

    /// What has come.
    public enum Line: Equatable, Sendable {
        /// A line in `bytes(_:)`, without its line end.
        case line(ByteRange)
        /// A line over the limit; it has been passed over.
        case tooLong
        /// Nothing whole is there now: answers should be written before waiting for more.
        case wait
        case end
    }

    /// - Parameter limit: the longest line in bytes, under 4 GiB.
    public init(_ descriptor: Int32, limit: Int) {
        precondition(limit < 1 << 32 - 1 << 20)
        self.descriptor = descriptor
        self.limit = limit
    }

    /// All bytes that ranges point into; valid until `more` is called.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { buffer.span }
    }

    /// The next line that is there already.
    public mutating func next() -> Line {
        let end = buffer.count
        let lineEnd = newline(from: searched, to: end)
        searched = lineEnd
        if lineEnd < end || (isAtEnd && start < end) {
            let line = ByteRange(start: start, end: lineEnd)
            start = Swift.min(lineEnd + 1, end)
            searched = start
            if isSkipping {
                isSkipping = false
                return .tooLong
            }
            return line.count > limit ? .tooLong : .line(line)
        }
        if isAtEnd {
            defer { isSkipping = false }
            return isSkipping ? .tooLong : .end
        }
        if end - start > limit {
            isSkipping = true
            start = end
        }
        return .wait
    }

    /// Waits for more.
    /// - Returns: the kernel's error number if the file cannot be read, else 0.
    public mutating func more() -> Int32 {
        buffer.removeFirst(start)
        searched -= start
        start = 0
        let room = unsafe buffer.tail(reserving: Swift.max(1 << 18, buffer.count))
        while true {
            let count = unsafe read(descriptor, room.baseAddress, room.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return errno }
            unsafe buffer.commit(count)
            if count == 0 { isAtEnd = true }
            return 0
        }
    }

    private func newline(from start: Int, to end: Int) -> Int {
        unsafe buffer.span.withUnsafeBufferPointer { bytes in
            guard start < end, let found = unsafe memchr(bytes.baseAddress! + start, 0x0A, end - start) else {
                return end
            }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(bytes.baseAddress!)
        }
    }
}
