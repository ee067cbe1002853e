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
        guard end &- start <= Self.limit else { return nil }
        self.init()
        let raw = unsafe bytes.bytes
        var at = start
        var index = 0
        while at < end {
            let rest = end &- at
            if at &+ 8 <= bytes.count {
                let word = unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
                words[index] = rest >= 8 ? word : word & ~(UInt64.max << UInt64(rest &* 8))
            } else {
                var word: UInt64 = 0
                for byte in 0..<Swift.min(rest, 8) { word |= UInt64(bytes[at &+ byte]) << UInt64(byte &* 8) }
                words[index] = word
            }
            at &+= 8
            index &+= 1
        }
        length = end &- start
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
