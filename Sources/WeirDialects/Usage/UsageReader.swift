internal import WeirBase
internal import WeirWire

/// The counts of a usage object, as they are read member by member.
struct UsageReader {
    private var counts = InlineArray<26, Int>(repeating: 0)
    private var found: UInt32 = 0
    let shape: UsageShape

    init(_ shape: UsageShape) { self.shape = shape }

    func has(_ count: UsageCount) -> Bool { found & (1 << UInt32(count.rawValue)) != 0 }

    subscript(count: UsageCount) -> Int { counts[count.rawValue] }

    /// Takes over a count from elsewhere if the object did not give it.
    mutating func fill(_ count: UsageCount, _ value: Int) {
        guard !has(count) else { return }
        found |= 1 << UInt32(count.rawValue)
        counts[count.rawValue] = value
    }

    /// What the provider calls a count.
    func name(_ count: UsageCount) -> String {
        let names = shape.members.lazy.compactMap { $0.member.name(of: count, itself: $0.name) }
        return names.first?.text ?? "\(count)"
    }

    mutating func readObject(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ members: UsageShape.Members, named objectName: ShortName?
    ) throws(UsageProblem) {
        var walk = try Self.walk(bytes, range, named: objectName)
        var seen: UInt32 = 0
        while let found = try Self.next(&walk, bytes) {
            guard let index = Self.index(bytes, found, members) else { continue }
            let (name, member) = members[index]
            guard seen & (1 << UInt32(index)) == 0 else { throw .repeated(name: name.text) }
            seen |= 1 << UInt32(index)
            if found.kind != .null { try read(bytes, found, name, member) }
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, _ found: JSONObjectWalk.Member, _ name: ShortName, _ member: UsageMember
    ) throws(UsageProblem) {
        switch member {
        case .count(let count): try put(count, Self.count(bytes, found, name), name)
        case .seconds(let count):
            guard found.kind == .number, let milliseconds = Self.milliseconds(bytes, found.value) else {
                throw .badCount(name: name.text)
            }
            try put(count, milliseconds, name)
        case .object(let members): try readObject(bytes, found.value, members, named: name)
        case .list(let label, let value, let counts):
            guard found.kind == .array else { throw .badDetails(name: name.text) }
            try readList(bytes, found.value, name, label, value, counts)
        }
    }

    /// Reads a list such as `[{"modality":"AUDIO","tokenCount":12}]`; elements with the same label add up.
    private mutating func readList(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ listName: ShortName, _ label: ShortName, _ value: ShortName,
        _ wanted: [(label: ShortName, count: UsageCount)]
    ) throws(UsageProblem) {
        let end = Int(range.end)
        var sums = InlineArray<26, Int>(repeating: 0)
        var at = bytes.firstNonWhitespace(from: Int(range.start) + 1, to: end)
        while at < end - 1 {  // the walk has checked the list's grammar
            guard let elementEnd = JSONScanner.valueEnd(bytes, from: at, to: end) else { throw .badJSON }
            var walk = try Self.walk(bytes, ByteRange(start: at, end: elementEnd), named: listName)
            var kind: UsageCount?
            var count = 0
            while let found = try Self.next(&walk, bytes) {
                if Self.isName(bytes, found, label) {
                    let text = ShortName(bytes, from: Int(found.value.start) + 1, to: Int(found.value.end) - 1)
                    guard found.kind == .string else { throw .badDetails(name: listName.text) }
                    kind = wanted.first { $0.label == text }?.count
                } else if Self.isName(bytes, found, value), found.kind != .null {
                    count = try Self.count(bytes, found, value)
                }
            }
            if let kind { sums[kind.rawValue] = min(sums[kind.rawValue] + count, Self.limit + 1) }
            at = bytes.firstNonWhitespace(from: elementEnd, to: end)
            if at < end, bytes[at] == UInt8(ascii: ",") { at = bytes.firstNonWhitespace(from: at + 1, to: end) }
        }
        for (_, kind) in wanted where sums[kind.rawValue] > 0 {
            guard sums[kind.rawValue] <= Self.limit else { throw .badCount(name: listName.text) }
            try put(kind, sums[kind.rawValue], listName)
        }
    }

    // MARK: Parts

    private static let limit = Int(OpenAIUsage.tokenLimit)

    /// Several names may hold one count where servers differ; they must agree.
    private mutating func put(_ count: UsageCount, _ value: Int, _ name: ShortName) throws(UsageProblem) {
        guard !has(count) || counts[count.rawValue] == value else { throw .repeated(name: name.text) }
        found |= 1 << UInt32(count.rawValue)
        counts[count.rawValue] = value
    }

    private static func walk(
        _ bytes: Span<UInt8>, _ range: ByteRange, named name: ShortName?
    ) throws(UsageProblem) -> JSONObjectWalk {
        do throws(JSONError) {
            return try JSONObjectWalk(bytes, in: range)
        } catch {
            guard error.reason == .notAnObject else { throw .badJSON }
            if let name { throw .badDetails(name: name.text) }
            throw .notAnObject
        }
    }

    private static func next(
        _ walk: inout JSONObjectWalk, _ bytes: Span<UInt8>
    ) throws(UsageProblem) -> JSONObjectWalk.Member? {
        do throws(JSONError) { return try walk.next(bytes) } catch { throw .badJSON }
    }

    private static func index(
        _ bytes: Span<UInt8>, _ found: JSONObjectWalk.Member, _ members: UsageShape.Members
    ) -> Int? {
        guard let name = name(bytes, found) else { return nil }
        return members.firstIndex { $0.name == name }
    }

    private static func isName(_ bytes: Span<UInt8>, _ found: JSONObjectWalk.Member, _ name: ShortName) -> Bool {
        self.name(bytes, found) == name
    }

    /// A member's name, escapes resolved; nil for one that is too long to be any that counts.
    private static func name(_ bytes: Span<UInt8>, _ found: JSONObjectWalk.Member) -> ShortName? {
        if found.isPlain { return ShortName(bytes, from: Int(found.name.start), to: Int(found.name.end)) }
        let plain = JSONText.plain(bytes, found.name)
        return ShortName(plain.span, from: 0, to: plain.count)
    }

    private static func count(
        _ bytes: Span<UInt8>, _ found: JSONObjectWalk.Member, _ name: ShortName
    ) throws(UsageProblem) -> Int {
        guard found.kind == .number, let count = JSONText.integer(bytes, found.value),
            (0...OpenAIUsage.tokenLimit).contains(count)
        else { throw .badCount(name: name.text) }
        return Int(count)
    }

    /// Seconds such as `12` and `12.345` as milliseconds, rounded up; nil for negative ones, an exponent, and more than 23 days.
    static func milliseconds(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        var value = 0
        var decimals: Int?
        var isRoundedUp = false
        for at in range.bounds {
            if bytes[at] == UInt8(ascii: "."), decimals == nil {
                decimals = 0
                continue
            }
            let digit = Int(bytes[at]) - Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else { return nil }
            if decimals ?? 0 >= 3 {
                if digit > 0 { isRoundedUp = true }
                continue
            }
            decimals = decimals.map { $0 + 1 }
            value = value * 10 + digit
            guard value <= 2_000_000_000 else { return nil }
        }
        for _ in (decimals ?? 0)..<3 { value *= 10 }
        if isRoundedUp { value += 1 }
        return value <= 2_000_000_000 ? value : nil
    }
}
