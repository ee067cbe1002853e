/// Times as RFC 3339 writes them.
public enum RFC3339 {
    /// The second since 1970 in which the time `text` lies: `2026-11-01T12:00:00Z`, with a fraction or an offset if need be (`T` may be a space, and
    /// `23:59:60` is the second before the next day); nil for anything else.
    public static func unixSeconds(_ text: String) -> Int64? {
        let text = Array(text.utf8)
        guard text.count >= 20, let date = PriceDate(String(decoding: text[..<10], as: UTF8.self)),
            "Tt ".utf8.contains(text[10]), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let hour = number(text, 11, below: 24), let minute = number(text, 14, below: 60),
            let second = number(text, 17, below: 61)
        else { return nil }
        var at = 19
        if text[at] == UInt8(ascii: ".") {
            at += 1
            let digits = text[at...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty else { return nil }
            at += digits.count
        }
        guard let offset = offsetSeconds(text[at...]) else { return nil }
        return date.unixSeconds + Int64(hour * 3600 + minute * 60 + min(second, 59)) - offset
    }

    /// `Z`, `+02:00` or `-05:30`.
    private static func offsetSeconds(_ text: ArraySlice<UInt8>) -> Int64? {
        let text = Array(text)
        if text.count == 1, text[0] | 0x20 == UInt8(ascii: "z") { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"), let hours = number(text, 1, below: 24),
            let minutes = number(text, 4, below: 60)
        else { return nil }
        let seconds = Int64(hours * 3600 + minutes * 60)
        switch text[0] {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }

    /// The two digits at `at`.
    private static func number(_ text: [UInt8], _ at: Int, below limit: Int) -> Int? {
        let (tens, ones) = (text[at] &- UInt8(ascii: "0"), text[at + 1] &- UInt8(ascii: "0"))
        guard tens < 10, ones < 10 else { return nil }
        let value = Int(tens) * 10 + Int(ones)
        return value < limit ? value : nil
    }
}
