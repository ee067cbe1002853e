import WeirBase

/// How a body is delimited (RFC 9112, section 6.3).
public enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    /// A response's: everything until the connection ends.
    case untilClose
}

/// The fields of a head and what they say of framing and connection. Its memory is used again for the next head.
struct FieldTable: Sendable {
    var fields: [Field] = []
    var contentLength: Int?
    var isChunked = false
    var closes = false
    var keepsAlive = false
    var hosts = 0
    var expectsContinue = false

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
        contentLength = nil
        isChunked = false
        closes = false
        keepsAlive = false
        hosts = 0
        expectsContinue = false
    }

    /// Reads the field lines from `start` to the empty line that ends at `end`.
    mutating func parse(_ bytes: Span<UInt8>, from start: Int, to end: Int, limit: Int) throws(HTTPError) {
        var at = start
        let last = end &- 2
        while at < last {
            let nameEnd = bytes.firstNonToken(from: at, to: last)
            guard nameEnd > at else {
                let byte = bytes[at]
                throw byte == 0x20 || byte == 0x09 ? .foldedField(at: at) : .badFieldName(at: at)
            }
            guard nameEnd < last, bytes[nameEnd] == UInt8(ascii: ":") else { throw .badFieldName(at: nameEnd) }
            let valueEnd = bytes.firstValueStop(from: nameEnd &+ 1, to: last)
            guard bytes[valueEnd] == 0x0D, valueEnd &+ 1 < end, bytes[valueEnd &+ 1] == 0x0A else {
                throw bytes[valueEnd] == 0x0D || bytes[valueEnd] == 0x0A
                    ? .bareLineEnd(at: valueEnd) : .badFieldValue(at: valueEnd)
            }
            guard fields.count < limit else { throw .tooManyFields(limit: limit) }
            let name = ByteRange(start: at, end: nameEnd)
            let value = bytes.trimmed(ByteRange(start: nameEnd &+ 1, end: valueEnd))
            let id = FieldID(bytes, name)
            fields.append(Field(id: id, name: name, value: value))
            try note(id, bytes, value, at: at)
            at = valueEnd &+ 2
        }
    }

    private mutating func note(_ id: FieldID, _ bytes: Span<UInt8>, _ value: ByteRange, at: Int) throws(HTTPError) {
        switch id {
        case .contentLength:
            guard contentLength == nil else { throw .repeatedContentLength(at: at) }
            contentLength = try FieldTable.contentLength(bytes, value)
            guard !isChunked else { throw .lengthWithChunked(at: at) }
        case .transferEncoding:
            guard !isChunked, bytes.equals(value, ignoringCaseOf: "chunked") else { throw .badTransferEncoding(at: at) }
            isChunked = true
            guard contentLength == nil else { throw .lengthWithChunked(at: at) }
        case .host: hosts &+= 1
        case .expect:
            guard bytes.equals(value, ignoringCaseOf: "100-continue") else { throw .badExpectation(at: at) }
            expectsContinue = true
        case .connection: readConnection(bytes, value)
        default: break
        }
    }

    /// Reads a Content-Length value: digits only (RFC 9112, section 6.3), at most 15 of them.
    static func contentLength(_ bytes: Span<UInt8>, _ value: ByteRange) throws(HTTPError) -> Int {
        guard !value.isEmpty, value.count <= 15 else { throw .badContentLength(at: Int(value.start)) }
        var result = 0
        for at in value.bounds {
            let digit = bytes[at] &- 0x30
            guard digit < 10 else { throw .badContentLength(at: at) }
            result = result &* 10 &+ Int(digit)
        }
        return result
    }

    private mutating func readConnection(_ bytes: Span<UInt8>, _ value: ByteRange) {
        forEachToken(bytes, value) { token in
            if bytes.equals(token, ignoringCaseOf: "close") {
                closes = true
            } else if bytes.equals(token, ignoringCaseOf: "keep-alive") {
                keepsAlive = true
            }
        }
    }

    /// Marks the fields that Connection names. They do not cross (RFC 9110, section 7.6.1).
    mutating func nominate(_ bytes: Span<UInt8>) {
        for place in fields.indices where fields[place].id == .connection {
            forEachToken(bytes, fields[place].value) { token in
                for other in fields.indices where fields[other].name.count == token.count {
                    if isSame(bytes, fields[other].name, token) { fields[other].isNominated = true }
                }
            }
        }
    }

    private func forEachToken(_ bytes: Span<UInt8>, _ value: ByteRange, _ body: (ByteRange) -> Void) {
        var start = Int(value.start)
        let end = Int(value.end)
        while start < end {
            var stop = start
            while stop < end, bytes[stop] != UInt8(ascii: ",") { stop &+= 1 }
            let token = bytes.trimmed(ByteRange(start: start, end: stop))
            if !token.isEmpty { body(token) }
            start = stop &+ 1
        }
    }

    private func isSame(_ bytes: Span<UInt8>, _ left: ByteRange, _ right: ByteRange) -> Bool {
        for (one, two) in zip(left.bounds, right.bounds) where lowercased(bytes[one]) != lowercased(bytes[two]) {
            return false
        }
        return true
    }

    private func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
