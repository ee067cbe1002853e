import Foundation
import Testing
import WeirBase
import WeirWire

@Suite("JSON values and strings") struct JSONTextTests {
    static let integers: [(String, Int64?)] = [
        ("0", 0), ("-0", 0), ("42", 42), ("-42", -42), ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil), ("1.0", nil),
        ("1e3", nil),
        ("-", nil), ("", nil), ("9007199254740993", 9_007_199_254_740_993),
    ]
    @Test("integers are exact or nothing", arguments: integers) func integer(text: String, value: Int64?) {
        let bytes = Array(text.utf8)
        #expect(JSONText.integer(bytes.span, ByteRange(start: 0, end: bytes.count)) == value)
    }

    static let strings: [(String, String)] = [
        (#""gpt-4o""#, "gpt-4o"), (#""""#, ""), (#""a\"b\\c\/d\n""#, "a\"b\\c/d\n"), (#""mod\u0065l""#, "model"),
        (#""\u00e9漢""#, "é漢"),
        (#""\ud83c\udf89""#, "🎉"), (#""\ud83c""#, "\u{FFFD}"), (#""\udf89x""#, "\u{FFFD}x"),
        (#""\ud83c\u0041""#, "\u{FFFD}A"), (#""\u0000""#, "\0"),
    ]
    @Test("strings are decoded", arguments: strings) func string(text: String, value: String) {
        let bytes = Array(text.utf8)
        #expect(JSONText.string(bytes.span, ByteRange(start: 0, end: bytes.count)) == value)
    }

    @Test("what is written is read back, by us and by Foundation") func roundTrip() throws {
        var texts = ["", "plain", "\"\\/", "é漢🎉", String(repeating: "x\n", count: 50), "\u{7F}\u{2028}"]
        texts += (0..<32).map { "a" + String(Unicode.Scalar(UInt8($0))) + "b" }
        for text in texts {
            var out = ByteBuffer()
            out.append(jsonString: text)
            let bytes = Array(span: out.span)
            #expect(JSONText.string(bytes.span, ByteRange(start: 0, end: bytes.count)) == text)
            let foundation = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? String
            #expect(foundation == text)
        }
    }

    @Test("appending gives what decoding gives, whatever the string holds")
    func appends() {
        let parts = [
            "a", "\\n", "\\\"", "\\\\", "\\u0041", "\\ud83d", "\\ude00", "\\u", "\\u12", "é", "\u{1}", "\\",
            "bcdefghijklmnopqrstuvwxyz",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...9)).map { _ in parts.randomElement() ?? "" }.joined()
            let bytes = Array("\"\(text)\"".utf8)
            let range = ByteRange(start: 0, end: bytes.count)
            var out = ByteBuffer()
            JSONText.append(bytes.span, range, to: &out)
            let appended = out.span.indices.map { out.span[$0] }
            #expect(appended == JSONText.plain(bytes.span, range), "\(text)")
        }
    }
}

extension Array where Element == UInt8 {
    init(span: Span<UInt8>) {
        self.init()
        for at in span.indices { append(span[at]) }
    }
}
