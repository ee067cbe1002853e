#if canImport(Glibc)
    internal import Glibc
#endif

/// A growable run of bytes with one owner. Appending never shrinks it; `removeAll` keeps the memory; `release` and `deinit` give it back.
/// It is the writer's side of Weir: heads, spliced bodies and chunk frames are appended to the buffer that the socket sends from.
@safe
public struct ByteBuffer: ~Copyable, @unchecked Sendable {  // Sendable: one owner, and no thread in it
    @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    /// Bytes written.
    @usableFromInline var length: Int
    /// Bytes that fit before it grows.
    public private(set) var capacity: Int

    /// An empty buffer. `capacity` 0 allocates nothing until the first byte comes.
    public init(capacity: Int = 0) {
        unsafe base = nil
        length = 0
        self.capacity = 0
        if capacity > 0 { grow(to: capacity) }
    }

    /// Takes over memory from `UnsafeMutablePointer.allocate`, for pools of blocks; `count` bytes of it are written already.
    @unsafe public init(adopting base: UnsafeMutablePointer<UInt8>, capacity: Int, count: Int = 0) {
        unsafe self.base = base
        length = count
        self.capacity = capacity
    }

    deinit { unsafe base?.deallocate() }

    /// Ends the buffer and hands its memory to the caller, who gives it back with `deallocate`. Nil where nothing was ever allocated.
    @unsafe public consuming func detach() -> (base: UnsafeMutablePointer<UInt8>, capacity: Int, count: Int)? {
        let memory = unsafe base
        let facts = (capacity, length)
        discard self
        guard let memory = unsafe memory else { return nil }
        return unsafe (memory, facts.0, facts.1)
    }

    @inlinable public var count: Int { length }
    @inlinable public var isEmpty: Bool { length == 0 }

    /// What has been written so far.
    @inlinable public var span: Span<UInt8> {
        @_lifetime(borrow self) get {
            guard let base = unsafe base else { return Span() }
            return unsafe _overrideLifetime(Span(_unsafeStart: base, count: length), borrowing: self)
        }
    }

    /// Appends a copy of `bytes`.
    @inlinable public mutating func append(_ bytes: Span<UInt8>) {
        let count = bytes.count
        guard count > 0 else { return }
        reserve(count)
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe (base! + length).update(from: source.baseAddress!, count: count)
        }
        length &+= count
    }

    /// Appends a copy of the bytes of `bytes` in `range`.
    @inlinable public mutating func append(_ bytes: Span<UInt8>, _ range: ByteRange) {
        append(bytes.extracting(range.bounds))
    }

    /// Appends a copy of what `other` holds.
    @inlinable public mutating func append(_ other: borrowing ByteBuffer) { append(other.span) }

    /// Appends a copy of `bytes`.
    @inlinable public mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    @inlinable public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        guard count > 0 else { return }
        reserve(count)
        unsafe (base! + length).update(from: text.utf8Start, count: count)
        length &+= count
    }

    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return }
            reserve(bytes.count)
            unsafe (base! + length).update(from: start, count: bytes.count)
            length &+= bytes.count
        }
    }

    @inlinable public mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe base![length] = byte
        length &+= 1
    }

    /// Appends `value` in decimal digits.
    @inlinable public mutating func append(decimal value: Int) {
        reserve(20)
        var magnitude = value.magnitude
        if value < 0 { append(UInt8(ascii: "-")) }
        var digits = 1
        var bound: UInt = 10
        while digits < 20, magnitude >= bound {
            digits &+= 1
            bound = digits < 20 ? bound &* 10 : .max
        }
        var at = length &+ digits
        length = at
        // Two digits a division: it takes longer than all the rest.
        while magnitude >= 100 {
            let (rest, pair) = (magnitude / 100, UInt32(truncatingIfNeeded: magnitude % 100))
            at &-= 2
            let tens = (pair &* 205) &>> 11
            unsafe base![at] = UInt8(truncatingIfNeeded: tens) &+ UInt8(ascii: "0")
            unsafe base![at &+ 1] = UInt8(truncatingIfNeeded: pair &- tens &* 10) &+ UInt8(ascii: "0")
            magnitude = rest
        }
        repeat {
            at &-= 1
            unsafe base![at] = UInt8(truncatingIfNeeded: magnitude % 10) &+ UInt8(ascii: "0")
            magnitude /= 10
        } while magnitude > 0
    }

    /// Appends `value` in `digits` decimal digits, leading zeros included.
    /// - Precondition: it is not negative and has no more.
    @inlinable public mutating func append(decimal value: Int, digits: Int) {
        reserve(digits)
        var rest = UInt(value)
        var at = length &+ digits
        let start = length
        length = at
        while at > start {
            at &-= 1
            unsafe base![at] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
            rest /= 10
        }
        precondition(rest == 0)
    }

    /// Appends `value` in lower-case hexadecimal digits without leading zeros, as chunk sizes are written (RFC 9112, section 7.1).
    @inlinable public mutating func append(hexadecimal value: Int) {
        precondition(value >= 0)
        let digits = max(1, (Int.bitWidth &- value.leadingZeroBitCount &+ 3) / 4)
        reserve(digits)
        var rest = value
        var at = length &+ digits
        length = at
        repeat {
            at &-= 1
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            unsafe base![at] = digit < 10 ? digit &+ UInt8(ascii: "0") : digit &- 10 &+ UInt8(ascii: "a")
            rest >>= 4
        } while rest > 0
    }

    /// Makes room for `count` more bytes.
    @inlinable public mutating func reserve(_ count: Int) {
        if length &+ count > capacity { grow(to: length + count) }
    }

    /// Forgets all bytes and keeps the memory.
    @inlinable public mutating func removeAll() { length = 0 }

    /// Forgets the bytes from `count` on.
    @inlinable public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= length)
        length = count
    }

    /// Forgets the first `count` bytes and moves the rest to the front.
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= length)
        guard count > 0, let base = unsafe base else { return }
        length -= count
        unsafe memmove(base, base + count, length)
    }

    @usableFromInline mutating func grow(to wanted: Int) {
        let size = max(wanted, capacity * 2, 256)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        if let base = unsafe base {
            unsafe fresh.update(from: base, count: length)
            unsafe base.deallocate()
        }
        unsafe base = fresh
        capacity = size
    }
}
