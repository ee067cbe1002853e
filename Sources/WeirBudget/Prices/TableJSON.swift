internal import WeirBase
internal import WeirWire

/// What is wrong with a price table, and where.
public struct PriceTableError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: String, Sendable {
        case json = "this is not valid JSON"
        case object = "an object is expected here"
        case array = "a list is expected here"
        case text = "a text is expected here"
        case amount = "a whole number of pico-dollars, 0 to 9007199254740991, is expected here"
        case count = "a whole number from 0 on is expected here"
        case format = "this is no price table: \"format\": 1 and \"unit\": \"pico-USD\" are expected"
        case member = "this member is not known here"
        case missing = "a member is missing in this object"
        case rate = "no such rate"
        case date = "a day such as 2026-01-31 is expected here"
        case daily = "a pair of times such as [\"16:30\", \"00:30\"] is expected here"
        case rule = "a match rule has one of equals, prefix, suffix, contains, regex, any and all"
        case regex = "this regular expression is not of the form that price tables may have"
        case context = "no price depends on this property and value"
        case contexts = "a model has more than 6 different conditions in its variants"
        case tiers = "tiers must ascend"
        case repeated = "a provider or model has this id already"
    }

    public let reason: Reason
    /// The byte where what is wrong begins.
    public let offset: Int

    init(_ reason: Reason, at range: ByteRange) {
        self.reason = reason
        offset = Int(range.start)
    }

    /// What the JSON scanner found in `range`, where an object is expected.
    init(_ error: JSONError, in range: ByteRange) {
        reason = error.reason == .notAnObject ? .object : .json
        offset = error.reason == .notAnObject ? Int(range.start) : error.offset
    }

    public var description: String { "\(reason.rawValue) (byte \(offset))" }
}

/// A value of a table that is read where it lies.
struct TableValue {
    let kind: JSONKind
    let range: ByteRange

    func plain(_ bytes: Span<UInt8>) throws(PriceTableError) -> [UInt8] {
        guard kind == .string else { throw PriceTableError(.text, at: range) }
        return JSONText.plain(bytes, range)
    }

    func text(_ bytes: Span<UInt8>) throws(PriceTableError) -> String {
        String(decoding: try plain(bytes), as: UTF8.self)
    }

    func count(_ bytes: Span<UInt8>) throws(PriceTableError) -> Int {
        guard kind == .number, let count = JSONText.integer(bytes, range), (0...1 << 40).contains(count) else {
            throw PriceTableError(.count, at: range)
        }
        return Int(count)
    }

    func amount(_ bytes: Span<UInt8>) throws(PriceTableError) -> Int64 {
        guard kind == .number, let amount = JSONText.integer(bytes, range), (0...TieredAmount.limit).contains(amount)
        else { throw PriceTableError(.amount, at: range) }
        return amount
    }

    /// The elements of a list.
    func elements(_ bytes: Span<UInt8>) throws(PriceTableError) -> [TableValue] {
        guard kind == .array else { throw PriceTableError(.array, at: range) }
        var elements: [TableValue] = []
        let end = Int(range.end)
        var at = bytes.firstNonWhitespace(from: Int(range.start) + 1, to: end)
        while at < end - 1 {  // the list's grammar has been checked
            guard let valueEnd = JSONScanner.valueEnd(bytes, from: at, to: end) else {
                throw PriceTableError(.json, at: range)
            }
            elements.append(
                TableValue(kind: JSONScanner.kind(of: bytes[at]), range: ByteRange(start: at, end: valueEnd)))
            at = bytes.firstNonWhitespace(from: valueEnd, to: end)
            if at < end, bytes[at] == UInt8(ascii: ",") { at = bytes.firstNonWhitespace(from: at + 1, to: end) }
        }
        return elements
    }
}

/// The members of an object of a table.
struct TableObject {
    let range: ByteRange
    private(set) var members: [(name: String, value: TableValue)] = []

    init(_ bytes: Span<UInt8>, _ range: ByteRange) throws(PriceTableError) {
        self.range = range
        do throws(JSONError) {
            var walk = try JSONObjectWalk(bytes, in: range)
            while let member = try walk.next(bytes) {
                let name = JSONText.string(bytes, member.name)
                members.append((name, TableValue(kind: member.kind, range: member.value)))
            }
        } catch {
            throw PriceTableError(error, in: range)
        }
        for (index, member) in members.enumerated() where members[..<index].contains(where: { $0.name == member.name })
        {
            throw PriceTableError(.member, at: member.value.range)
        }
    }

    subscript(name: String) -> TableValue? { members.first { $0.name == name }?.value }

    func required(_ name: String) throws(PriceTableError) -> TableValue {
        guard let value = self[name] else { throw PriceTableError(.missing, at: range) }
        return value
    }
}
