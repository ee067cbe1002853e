/// A generator with a seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// Random JSON texts: all kinds, blanks, escapes, characters of one to four bytes.
struct RandomJSON {
    var generator: SeededGenerator
    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }
    mutating func blank() -> String { ["", "", "", " ", "\n", "\t ", "\r\n"][below(7)] }

    mutating func string() -> String {
        var text = "\""
        for _ in 0..<(below(8) == 0 ? 90 : below(9)) {
            text +=
                [
                    "a", "é", "漢", "🎉", "\\\"", "\\\\", "\\n", "\\u00e9", "\\ud83c\\udf89", "\\/", "{", "]", ":", ",",
                    " ", "z",
                ][below(16)]
        }
        return text + "\""
    }

    mutating func value(depth: Int) -> String {
        switch below(depth > 0 ? 8 : 5) {
        case 0: return string()
        case 1: return ["0", "-1", "12.5", "1e3", "-0.1E-2", "9007199254740993"][below(6)]
        case 2: return "true"
        case 3: return "false"
        case 4: return "null"
        case 5, 6: return object(depth: depth - 1)
        default:
            let items = (0..<below(4)).map { _ in blank() + value(depth: depth - 1) + blank() }
            return "[" + (items.isEmpty ? blank() : items.joined(separator: ",")) + "]"
        }
    }

    mutating func object(depth: Int) -> String {
        let members = (0..<below(5)).map { _ in
            blank() + string() + blank() + ":" + blank() + value(depth: depth) + blank()
        }
        return "{" + (members.isEmpty ? blank() : members.joined(separator: ",")) + "}"
    }
}

/// The grammar of RFC 8259 as plainly as it can be written: one byte, one function, recursion.
struct NaiveJSON {
    let bytes: [UInt8]
    var at = 0
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isObject: Bool {
        mutating get {
            blanks()
            guard peek == UInt8(ascii: "{"), value() else { return false }
            blanks()
            return at == bytes.count
        }
    }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }
    private mutating func take(_ text: String) -> Bool {
        guard bytes[at...].starts(with: text.utf8) else { return false }
        at += text.utf8.count
        return true
    }
    private mutating func blanks() { while let byte = peek, [32, 10, 13, 9].contains(byte) { at += 1 } }

    private mutating func value() -> Bool {
        switch peek {
        case UInt8(ascii: "{"):
            return list("{", "}") { naive in
                guard naive.string() else { return false }
                naive.blanks()
                guard naive.take(":") else { return false }
                naive.blanks()
                return naive.value()
            }
        case UInt8(ascii: "["): return list("[", "]") { $0.value() }
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return take("true")
        case UInt8(ascii: "f"): return take("false")
        case UInt8(ascii: "n"): return take("null")
        default: return number()
        }
    }

    private mutating func list(_ open: String, _ close: String, _ item: (inout NaiveJSON) -> Bool) -> Bool {
        _ = take(open)
        blanks()
        if take(close) { return true }
        while true {
            blanks()
            guard item(&self) else { return false }
            blanks()
            if take(close) { return true }
            guard take(",") else { return false }
        }
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while let byte = peek {
            at += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte < 32 { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard let escape = peek else { return false }
            at += 1
            if escape == UInt8(ascii: "u") {
                for _ in 0..<4 {
                    guard let digit = peek, Character(Unicode.Scalar(digit)).isHexDigit, digit < 128 else {
                        return false
                    }
                    at += 1
                }
            } else if !"\"\\/bfnrt".utf8.contains(escape) {
                return false
            }
        }
        return false
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = peek, (48...57).contains(byte) { at += 1 }
        return at - start
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0"), digits() == 0 { return false }
        if take("."), digits() == 0 { return false }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            return digits() > 0
        }
        return true
    }
}
