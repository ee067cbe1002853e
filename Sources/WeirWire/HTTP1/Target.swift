public import WeirBase

// Paths are decoded once and compared exactly: `%2F` is no slash and `..` no step up, so a path that a proxy in front reads differently
// matches nothing here.

extension RequestHead {
    /// Whether the path, percent-decoded once, is `text`. An encoded slash, a bad escape and an asterisk are equal to nothing.
    public func pathEquals(_ text: StaticString, in bytes: Span<UInt8>) -> Bool {
        pathRest(after: text, in: bytes)?.isEmpty ?? false
    }

    /// What is left of the path, still encoded, when its beginning, percent-decoded once, is `prefix`; `nil` when it is not.
    public func pathRest(after prefix: StaticString, in bytes: Span<UInt8>) -> ByteRange? {
        guard form != .asterisk else { return nil }
        if path.isEmpty {  // `http://host` asks for `/` (RFC 9110, section 4.2.3)
            let isRoot = prefix.utf8CodeUnitCount == 0 || (prefix.utf8CodeUnitCount == 1 && prefix.asciiWord == 0x2F)
            return isRoot ? path : nil
        }
        var at = Int(path.start)
        for index in 0..<prefix.utf8CodeUnitCount {
            guard at < Int(path.end), let (byte, length) = decoded(bytes, at: at, end: Int(path.end)),
                byte == prefix.byte(at: index), length == 1 || byte != UInt8(ascii: "/")
            else { return nil }
            at &+= length
        }
        return ByteRange(start: at, end: Int(path.end))
    }
}

extension ByteBuffer {
    /// Appends the bytes of `bytes` in `range`, part of a path, percent-decoded once.
    /// - Parameter allowsSlash: whether `%2F` gives a slash, as in a model's name that is one segment; else it throws.
    /// - Throws: `badEscape` for a `%` without two digits, a decoded control character, and a segment that is `.` or `..` after decoding.
    ///   Then nothing is appended.
    public mutating func append(
        percentDecoding range: ByteRange, of bytes: Span<UInt8>, allowsSlash: Bool = false
    ) throws(HTTPError) {
        let before = count
        var segment = before
        var at = Int(range.start)
        let end = Int(range.end)
        while at < end {
            guard let (byte, length) = decoded(bytes, at: at, end: end), byte >= 0x20, byte != 0x7F,
                length == 1 || allowsSlash || byte != UInt8(ascii: "/"),
                byte != UInt8(ascii: "/") || !isDotSegment(from: segment)
            else {
                truncate(to: before)
                throw .badEscape(at: at)
            }
            append(byte)
            at &+= length
            if byte == UInt8(ascii: "/") { segment = count }
        }
        guard !isDotSegment(from: segment) else {
            truncate(to: before)
            throw .badEscape(at: end)
        }
    }

    private func isDotSegment(from start: Int) -> Bool {
        let bytes = span
        guard bytes.count - start == 1 || bytes.count - start == 2 else { return false }
        return bytes[start] == UInt8(ascii: ".") && bytes[bytes.count - 1] == UInt8(ascii: ".")
    }
}

/// The byte that stands at `at`, and how many bytes spell it; `nil` for a `%` without two hexadecimal digits.
private func decoded(_ bytes: Span<UInt8>, at: Int, end: Int) -> (byte: UInt8, length: Int)? {
    let byte = bytes[at]
    guard byte == UInt8(ascii: "%") else { return (byte, 1) }
    guard at &+ 2 < end, let high = hexadecimalDigit(bytes[at &+ 1]), let low = hexadecimalDigit(bytes[at &+ 2]) else {
        return nil
    }
    return (high &<< 4 | low, 3)
}
