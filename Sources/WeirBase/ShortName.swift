/// A member name of at most 32 bytes as four words, so that names compare without a loop and without memory of their own.
@frozen
public struct ShortName: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The longest name that fits.
    @inlinable public static var limit: Int { 32 }

    @usableFromInline var words: SIMD4<UInt64>
    @usableFromInline var length: Int

    /// The empty name, to append bytes to.
    @inlinable public init() {
        words = .zero
        length = 0
    }

    /// A name from the program's text: a literal longer than the limit is a mistake there.
    public init(stringLiteral text: StaticString) { self.init(text) }

    /// A name from the program's text.
    public init(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        precondition(count <= Self.limit, "a member name of over 32 bytes")
        self.init()
        for at in 0..<count { unsafe append(text.utf8Start[at]) }
    }

    /// The name at `range` of `bytes`; nil if it is longer than 32 bytes.
    @inlinable public init?(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        precondition(start >= 0 && start <= end && end <= bytes.count)
        let count = end &- start
        guard count <= Self.limit else { return nil }
        self.init()
        length = count
        words.x = Self.word(bytes, start, end)
        guard count > 8 else { return }
        words.y = Self.word(bytes, start &+ 8, end)
        guard count > 16 else { return }
        words.z = Self.word(bytes, start &+ 16, end)
        words.w = Self.word(bytes, start &+ 24, end)
    }

    /// Up to eight bytes from `at` on, before `end`; the first is the lowest.
    /// - Precondition: `end <= bytes.count`, checked by the caller.
    @inlinable @inline(__always) static func word(_ bytes: Span<UInt8>, _ at: Int, _ end: Int) -> UInt64 {
        let rest = end &- at
        guard rest > 0 else { return 0 }
        guard at &+ 8 <= bytes.count else {
            var word: UInt64 = 0
            for byte in 0..<Swift.min(rest, 8) { word |= UInt64(bytes[at &+ byte]) &<< UInt64(byte &* 8) }
            return word
        }
        let word = unsafe UInt64(
            littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
        return rest >= 8 ? word : word & ~(UInt64.max &<< UInt64(rest &* 8))
    }

    /// Adds one byte.
    /// - Returns: false if the name is full; then it has not changed.
    @discardableResult
    @inlinable public mutating func append(_ byte: UInt8) -> Bool {
        guard length < Self.limit else { return false }
        words[length &>> 3] |= UInt64(byte) << UInt64((length & 7) &* 8)
        length &+= 1
        return true
    }

    @inlinable public static func == (left: ShortName, right: ShortName) -> Bool {
        // The first eight bytes decide nearly always.
        left.words.x == right.words.x && left.length == right.length && left.words == right.words
    }

    /// The name as text, for messages.
    public var text: String {
        var bytes: [UInt8] = []
        for at in 0..<length { bytes.append(UInt8(truncatingIfNeeded: words[at >> 3] >> UInt64((at & 7) * 8))) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
