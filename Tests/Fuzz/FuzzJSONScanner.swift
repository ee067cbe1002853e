// JSON objects. The first byte chooses a cut, the rest is the text.
// Checked: a plain recursive parser accepts the same texts and finds the same members; what is cut out or written again parses; the scanner
// for pieces gives the same result over any splits and, for a good object, finds what the other scanner finds.

import WeirBase
import WeirWire

let names: [StaticString] = ["model", "stream", "usage", "a"]
let wanted = names.map { ShortName($0) }

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSONScanner(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let text = Array(input.dropFirst())
    let found = members(text)
    checkMembers(text, found)
    checkPieces(text, choice, found)
    checkStrings(text)
    return 0
}

func members(_ text: [UInt8]) -> Result<JSONMembers, JSONError> {
    do throws(JSONError) { return .success(try JSONScanner.members(of: text.span, wanted: wanted)) } catch {
        return .failure(error)
    }
}

// MARK: The scanner of whole texts

func checkMembers(_ text: [UInt8], _ found: Result<JSONMembers, JSONError>) {
    var parser = PlainParser(text)
    let isGood = parser.parseAll()
    switch found {
    case .failure(let error):
        precondition(error.offset >= 0 && error.offset <= text.count, "an error outside of the text")
        precondition(!error.description.isEmpty)
        switch error.reason {
        case .repeatedMember(let index):  // told before the rest of the text is read
            precondition(index < wanted.count)
            precondition(!isGood || parser.members.filter { $0.name == "\(names[index])" }.count > 1, "not repeated")
        case .notAnObject: precondition(!isGood || !parser.isObject)
        case .tooDeep: precondition(parser.deepest > JSONScanner.depthLimit, "not so deep")
        default: precondition(!isGood, "a good text is refused: \(error)")
        }
    case .success(let members):
        precondition(isGood && parser.isObject && parser.deepest <= JSONScanner.depthLimit, "a bad text is accepted")
        precondition(members.object == parser.whole)
        for index in wanted.indices {
            let same = parser.members.filter { $0.name == "\(names[index])" }
            precondition(same.count <= 1 && (members[index] == nil) == same.isEmpty, "not found, or found twice")
            guard let member = members[index], let plain = same.first else { continue }
            precondition(member.key == plain.key && member.value == plain.value, "found elsewhere")
            checkMember(member, index, text)
        }
    }
}

func checkMember(_ member: JSONMember, _ index: Int, _ text: [UInt8]) {
    precondition(member.member.start <= member.key.start && member.member.end >= member.value.end)
    precondition(Int(member.member.end) < text.count)
    let end = JSONScanner.valueEnd(text.span, from: Int(member.value.start), to: text.count)
    precondition(end == Int(member.value.end), "the value ends elsewhere")
    precondition(JSONScanner.endsObject(text.span, from: Int(member.value.end), to: text.count))
    let without = Array(text[..<Int(member.member.start)] + text[Int(member.member.end)...])
    guard case .success(let rest) = members(without) else { preconditionFailure("cutting a member breaks the object") }
    precondition(rest[index] == nil, "the member is still there")
    _ = JSONText.integer(text.span, member.value)
}

// MARK: The scanner of pieces

struct Seen: Equatable {
    var state = JSONStreamScanner.State.looking
    var isComplete = false
    var value: [UInt8] = []
    var start = 0
    var end = 0
}

func stream(_ parts: [[UInt8]], _ outer: ShortName, _ inner: ShortName?) -> Seen {
    var scanner = JSONStreamScanner(outer, inner)
    for part in parts { scanner.feed(part.span) }
    precondition(
        scanner.position == parts.reduce(0) { $0 + $1.count } && scanner.value.count <= JSONStreamScanner.captureLimit)
    var seen = Seen(state: scanner.state, isComplete: scanner.isComplete)
    if case .found = scanner.state {
        seen.value = (0..<scanner.value.count).map { scanner.value[$0] }
        (seen.start, seen.end) = (scanner.valueStart, scanner.valueEnd)
    }
    return seen
}

func checkPieces(_ text: [UInt8], _ choice: UInt8, _ found: Result<JSONMembers, JSONError>) {
    let cut = min(Int(choice), text.count)
    for inner in [nil, wanted[2]] {
        let outer = wanted[inner == nil ? 2 : 3]
        let whole = stream([text], outer, inner)
        precondition(whole == stream(text.map { [$0] }, outer, inner), "byte by byte")
        precondition(whole == stream([Array(text[..<cut]), [], Array(text[cut...])], outer, inner), "two parts")
        if case .found = whole.state {
            precondition(Array(text[whole.start..<whole.end]) == whole.value, "another value is kept")
        }
        guard case .success(let members) = found else { continue }
        precondition(whole.isComplete && whole.state != .unreadable && whole.state != .inValue)
        guard inner == nil else {
            guard let object = members[3], isPlain(object.key, text) else { continue }
            guard object.kind == .object else {
                precondition(whole.state == .looking)
                continue
            }
            guard let nested = try? JSONScanner.members(of: text.span, in: object.value, wanted: wanted) else {
                continue
            }
            compare(whole, nested[2], text)
            continue
        }
        compare(whole, members[2], text)
    }
}

func compare(_ seen: Seen, _ member: JSONMember?, _ text: [UInt8]) {
    guard let member, isPlain(member.key, text) else {
        return precondition(seen.state == .looking, "found what is not there")
    }
    if member.value.count > JSONStreamScanner.captureLimit { return precondition(seen.state == .tooLong) }
    precondition(seen.state == .found(member.kind), "not found")
    precondition(seen.start == Int(member.value.start) && seen.end == Int(member.value.end), "found elsewhere")
}

func isPlain(_ key: ByteRange, _ text: [UInt8]) -> Bool { !text[key.bounds].contains(UInt8(ascii: "\\")) }

// MARK: Strings

func checkStrings(_ text: [UInt8]) {
    // Any bytes, written as a string, are a value.
    var written = ByteBuffer()
    written.append(jsonString: text.span)
    precondition(
        JSONScanner.valueEnd(written.span, from: 0, to: written.count) == written.count,
        "a written string does not parse")
    let again = JSONText.string(written.span, ByteRange(start: 0, end: written.count))
    precondition(again == String(decoding: text, as: UTF8.self), "another string comes back")
}

/// RFC 8259 as a recursive parser over the whole text.
struct PlainParser {
    struct Member {
        var name: String
        var key: ByteRange
        var value: ByteRange
    }
    let text: [UInt8]
    var at = 0
    var depth = 0
    var deepest = 0
    var members: [Member] = []
    var whole = ByteRange(start: 0, end: 0)
    var isObject = false

    init(_ text: [UInt8]) { self.text = text }

    mutating func parseAll() -> Bool {
        space()
        let start = at
        isObject = peek == UInt8(ascii: "{")
        guard value() else { return false }
        whole = ByteRange(start: start, end: at)
        space()
        return at == text.count
    }

    var peek: UInt8? { at < text.count ? text[at] : nil }

    mutating func take(_ byte: Character) -> Bool {
        guard peek == byte.asciiValue else { return false }
        at += 1
        return true
    }

    mutating func space() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    mutating func value() -> Bool {
        switch peek {
        case UInt8(ascii: "{"): return container("}", isObject: true)
        case UInt8(ascii: "["): return container("]", isObject: false)
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "t"): return literal("true")
        case UInt8(ascii: "f"): return literal("false")
        case UInt8(ascii: "n"): return literal("null")
        default: return number()
        }
    }

    mutating func container(_ close: Character, isObject: Bool) -> Bool {
        depth += 1
        defer { depth -= 1 }
        deepest = max(deepest, depth)
        at += 1
        space()
        if take(close) { return true }
        while true {
            if isObject {
                let start = at
                guard let name = string() else { return false }
                let key = ByteRange(start: start, end: at)
                space()
                guard take(":") else { return false }
                space()
                let valueStart = at
                guard value() else { return false }
                if depth == 1 {
                    members.append(Member(name: name, key: key, value: ByteRange(start: valueStart, end: at)))
                }
            } else {
                guard value() else { return false }
            }
            space()
            if take(close) { return true }
            guard take(",") else { return false }
            space()
        }
    }

    mutating func literal(_ word: String) -> Bool {
        guard text[at...].starts(with: word.utf8) else { return false }
        at += word.utf8.count
        return true
    }

    mutating func digits() -> Int {
        let start = at
        while let byte = peek, byte >= 0x30, byte <= 0x39 { at += 1 }
        return at - start
    }

    mutating func number() -> Bool {
        _ = take("-")
        if take("0") {
            if let byte = peek, byte >= 0x30, byte <= 0x39 { return false }
        } else {
            guard digits() > 0 else { return false }
        }
        if take(".") { guard digits() > 0 else { return false } }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard digits() > 0 else { return false }
        }
        return true
    }

    /// The string's text. Lone surrogates become U+FFFD, as bytes that are not UTF-8 do.
    mutating func string() -> String? {
        guard take("\"") else { return nil }
        var units: [UInt8] = []
        var high: UInt32?
        func flush() { if high != nil { units += "\u{FFFD}".utf8 }; high = nil }
        while let byte = peek {
            at += 1
            guard byte == UInt8(ascii: "\\") else {
                flush()
                if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
                guard byte >= 0x20 else { return nil }
                units.append(byte)
                continue
            }
            guard let kind = peek else { return nil }
            at += 1
            if kind == UInt8(ascii: "u") {
                guard at + 4 <= text.count else { return nil }
                let digits = text[at..<at + 4]
                guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 128 }) else { return nil }
                let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)!
                at += 4
                if unit & 0xFC00 == 0xDC00, let first = high {
                    high = nil
                    units += String(Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + unit & 0x3FF)!).utf8
                } else {
                    flush()
                    if unit & 0xFC00 == 0xD800 {
                        high = unit
                    } else {
                        units += String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8
                    }
                }
                continue
            }
            flush()
            switch kind {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(kind)
            case UInt8(ascii: "b"): units.append(8)
            case UInt8(ascii: "f"): units.append(12)
            case UInt8(ascii: "n"): units.append(10)
            case UInt8(ascii: "r"): units.append(13)
            case UInt8(ascii: "t"): units.append(9)
            default: return nil
            }
        }
        return nil
    }
}
