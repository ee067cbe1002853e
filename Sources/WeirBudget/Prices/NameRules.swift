internal import WeirBase
internal import WeirWire

/// The rules of a price table by which the names that people write for a model are known to mean it. All rules of a table lie in one array, each
/// before those it is made of, and all their texts in another: some 4,700 rules take 150 KiB.
struct NameRules: Sendable {
    private enum Kind: UInt8 { case equals, prefix, suffix, contains, regex, any, all }

    private struct Rule {
        var kind: Kind
        /// The text of a comparison; the index of a regular expression; the index behind the last part of `any` and `all`.
        var start: UInt32
        var end: UInt32
    }

    private var rules: [Rule] = []
    private var texts: [UInt8] = []
    private var regexes: [NameRegex] = []

    private static let depthLimit = 8

    /// Reads the rule that is the JSON object in `range`.
    /// - Returns: its index.
    @discardableResult
    mutating func read(_ bytes: Span<UInt8>, _ range: ByteRange, depth: Int = 0) throws(PriceTableError) -> Int {
        let index = rules.count
        let (name, value) = try Self.onlyMember(bytes, range)
        guard depth < Self.depthLimit else { throw PriceTableError(.rule, at: range) }
        switch name {
        case "equals": try readText(.equals, bytes, value)
        case "prefix": try readText(.prefix, bytes, value)
        case "suffix": try readText(.suffix, bytes, value)
        case "contains": try readText(.contains, bytes, value)
        case "regex":
            guard let regex = NameRegex(try value.plain(bytes)) else { throw PriceTableError(.regex, at: value.range) }
            rules.append(Rule(kind: .regex, start: UInt32(regexes.count), end: 0))
            regexes.append(regex)
        case "any", "all":
            rules.append(Rule(kind: name == "any" ? .any : .all, start: 0, end: 0))
            for part in try value.elements(bytes) { try read(bytes, part.range, depth: depth + 1) }
            rules[index].end = UInt32(rules.count)
        default: throw PriceTableError(.rule, at: range)
        }
        return index
    }

    /// The one member of a rule. Some thousand are read when a table is, so it is not a `TableObject`, which takes memory.
    private static func onlyMember(
        _ bytes: Span<UInt8>, _ range: ByteRange
    ) throws(PriceTableError) -> (ShortName, TableValue) {
        let member: JSONObjectWalk.Member?
        let isOnly: Bool
        do throws(JSONError) {
            var walk = try JSONObjectWalk(bytes, in: range)
            member = try walk.next(bytes)
            isOnly = try walk.next(bytes) == nil
        } catch { throw PriceTableError(error, in: range) }
        guard let member, isOnly, let name = ShortName(bytes, from: Int(member.name.start), to: Int(member.name.end))
        else { throw PriceTableError(.rule, at: range) }
        return (name, TableValue(kind: member.kind, range: member.value))
    }

    private mutating func readText(_ kind: Kind, _ bytes: Span<UInt8>, _ value: TableValue) throws(PriceTableError) {
        let start = texts.count
        guard value.kind == .string else { throw PriceTableError(.text, at: value.range) }
        if JSONText.hasEscapes(bytes, value.range) {
            texts += lowercased(try value.plain(bytes))
        } else {
            for at in value.range.bounds.dropFirst().dropLast() { texts.append(lowercased(bytes[at])) }
        }
        rules.append(Rule(kind: kind, start: UInt32(start), end: UInt32(texts.count)))
    }

    /// Whether the rule at `index` holds for a name, which is in lower case already.
    func matches(_ name: [UInt8], _ index: Int) -> Bool {
        let rule = rules[index]
        switch rule.kind {
        case .equals: return name.count == Int(rule.end - rule.start) && isText(rule, in: name, at: 0)
        case .prefix: return isText(rule, in: name, at: 0)
        case .suffix: return isText(rule, in: name, at: name.count - Int(rule.end - rule.start))
        case .contains: return name.indices.contains { isText(rule, in: name, at: $0) }
        case .regex: return regexes[Int(rule.start)].isFound(in: name)
        case .any, .all:
            var part = index + 1
            while part < Int(rule.end) {
                if matches(name, part) == (rule.kind == .any) { return rule.kind == .any }
                part = rules[part].kind.rawValue >= Kind.any.rawValue ? Int(rules[part].end) : part + 1
            }
            return rule.kind == .all
        }
    }

    private func isText(_ rule: Rule, in name: [UInt8], at offset: Int) -> Bool {
        let count = Int(rule.end - rule.start)
        guard offset >= 0, offset + count <= name.count else { return false }
        for index in 0..<count where texts[Int(rule.start) + index] != name[offset + index] { return false }
        return true
    }
}

/// ASCII letters in lower case; other bytes as they are.
func lowercased(_ bytes: [UInt8]) -> [UInt8] { bytes.map(lowercased) }

private func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
