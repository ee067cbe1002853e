import Foundation
import Testing
import WeirBase
import WeirTestSupport
import WeirWire

@Suite("JSON scanner, contiguous (RFC 8259)") struct JSONScannerTests {
    static let names: [ShortName] = ["a", "model", "max_completion_tokens"]

    /// The error of a scan, nil if the text is accepted.
    static func scan(_ text: String) -> JSONError? { scan(Array(text.utf8)) }

    static func scan(_ bytes: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONScanner.members(of: bytes.span, wanted: names)
            return nil
        } catch { return error }
    }

    static let accepted = [
        "{}", " \t\r\n{ \n} ", #"{"a":1}"#, #"{"a":-0,"b":0.5,"c":1e5,"d":-1.5E+10,"e":0e-0}"#,
        #"{"a":[],"b":{},"c":[[],{}],"d":[1,2,3]}"#, #"{"a":true,"b":false,"c":null}"#,
        #"{"a":"\"\\\/\b\f\n\r\t\u0000\uD834\uDD1E"}"#, #"{"":1,"":2}"#, #"{"x":1,"x":2}"#, #"{"a":"\uD800"}"#,
        #"{"a" : [ 1 , { "b" : [ ] } ] , "c":"d" }"#, "{\"a\":\"\u{7F}\u{80}é漢🎉\"}", #"{"a":{"a":{"a":1}}}"#,
        #"{"a":123456789012345678901234567890}"#, "{\"a\":[[[[[[[[[[]]]]]]]]]]}",
    ]
    @Test("accepts", arguments: accepted) func accepts(text: String) { #expect(Self.scan(text) == nil) }

    static let refused: [(String, Int)] = [
        ("", 0), ("  ", 2), ("{", 1), ("}", 0), ("[]", 0), ("1", 0), ("null", 0), ("\"a\"", 0), ("{}x", 2), ("{}{}", 2),
        ("{},", 2),
        ("{,}", 1), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), (#"{"a" 1}"#, 5), (#"{a:1}"#, 1),
        (#"{'a':1}"#, 1),
        (#"{"a":1 "b":2}"#, 7), (#"{"a":01}"#, 5), (#"{"a":-}"#, 5), (#"{"a":1.}"#, 5), (#"{"a":.5}"#, 5),
        (#"{"a":+1}"#, 5),
        (#"{"a":1e}"#, 5), (#"{"a":1e+}"#, 5), (#"{"a":0x1}"#, 6), (#"{"a":NaN}"#, 5), (#"{"a":Infinity}"#, 5),
        (#"{"a":tru}"#, 5), (#"{"a":TRUE}"#, 5), (#"{"a":nul"#, 5), (#"{"a":"x}"#, 8), (#"{"a":"\x"}"#, 6),
        (#"{"a":"\u12g4"}"#, 6), (#"{"a":"\u12"#, 10), (#"{"a":"\"#, 7), ("{\"a\":\"x\ny\"}", 7),
        ("{\"a\":\"\u{0}\"}", 6),
        ("{\"a\u{1F}\":1}", 3), (#"{"a":[1,]}"#, 8), (#"{"a":[1 2]}"#, 8), (#"{"a":[1}"#, 7), (#"{"a":{]}"#, 6),
        (#"{"a":[,1]}"#, 6),
        (#"{"a":1]"#, 6), (#"{"a":[1"#, 7), (#"{"a":{"b":1}"#, 12), (#"{"a":1}//c"#, 7), ("{\u{A0}}", 1),
        ("\u{FEFF}{}", 0),
        (#"{1:2}"#, 1), (#"{"a":1,"b"}"#, 10), (#"{"a"::1}"#, 5), (#"{"a":1,,"b":2}"#, 7), (#"{"a":-01}"#, 5),
        (#"{"a":--1}"#, 5),
    ]
    @Test("refuses, with the offset", arguments: refused) func refuses(text: String, offset: Int) throws {
        let error = try #require(Self.scan(text))
        #expect(error.offset == offset, "\(error)")
    }

    @Test("every beginning of an accepted text is refused") func prefixes() {
        for text in Self.accepted {
            let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
            for prefix in everyPrefix(of: Array(trimmed.utf8)).dropLast() { #expect(Self.scan(Array(prefix)) != nil) }
        }
    }

    @Test("a depth of 512 is accepted, 513 refused, a million does not crash")
    func depth() {
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
        }
        func objects(_ depth: Int) -> String {
            String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        }
        for make in [nested, objects] {
            #expect(Self.scan(make(512)) == nil)
            #expect(Self.scan(make(513))?.reason == .tooDeep)
        }
        #expect(Self.scan("{\"a\":" + String(repeating: "[", count: 1_000_000))?.reason == .tooDeep)
        let mixed = String(repeating: "[{\"k\":", count: 200) + "[]" + String(repeating: "}]", count: 200)
        #expect(Self.scan("{\"a\":" + mixed + "}") == nil)
        #expect(Self.scan("{\"a\":" + mixed.dropLast(2) + "]}}") != nil)
    }

    static let repeated = [
        #"{"model":"x","model":"y"}"#, #"{"model":"x","mod\u0065l":"y"}"#,
        #"{"\u006d\u006f\u0064\u0065\u006c":1,"model":"y"}"#,
        #"{"model":"x","b":{"model":1},"\u006Dodel":null}"#,
    ]
    @Test("a wanted member twice is refused, however it is written", arguments: repeated)
    func repeats(text: String) { #expect(Self.scan(text)?.reason == .repeatedMember(1)) }

    @Test("a nested or longer name is another name") func otherNames() throws {
        let bytes = Array(
            #"{"models":1,"b":{"model":2},"c":["model"],"mode":3,"a23456789012345678901234567890123":4}"#.utf8)
        #expect(try JSONScanner.members(of: bytes.span, wanted: Self.names).isEmpty)
    }

    static let places: [(String, JSONKind, String, String)] = [
        (#"{"model":"x"}"#, .string, #""x""#, "{}"),
        (#"{"model":1,"b":2}"#, .number, "1", #"{"b":2}"#),
        (#"{"b":2 , "model" : [1,2] }"#, .array, "[1,2]", #"{"b":2  }"#),
        (#"{"b":2,"mod\u0065l":{"k":[]},"c":3}"#, .object, #"{"k":[]}"#, #"{"b":2,"c":3}"#),
        (#"{"b":2,"model":true}"#, .true, "true", #"{"b":2}"#),
        (#"{"model":false,"b":2}"#, .false, "false", #"{"b":2}"#),
        (#"{"model":null}"#, .null, "null", "{}"), (#"{"model":-1.5e3}"#, .number, "-1.5e3", "{}"),
        (#"{"model":"a\"b\\"}"#, .string, #""a\"b\\""#, "{}"),
    ]
    @Test("gives kind, value and what to cut", arguments: places)
    func findsPlaces(text: String, kind: JSONKind, value: String, rest: String) throws {
        // Padding before and after moves everything through the blocks of the search.
        for pad in 0..<40 {
            let bytes = Array(
                (String(repeating: " ", count: pad) + text + String(repeating: "\n", count: pad % 7)).utf8)
            let member = try #require(try JSONScanner.members(of: bytes.span, wanted: Self.names)[1])
            #expect(member.kind == kind)
            #expect(String(decoding: bytes[member.value.bounds], as: UTF8.self) == value)
            #expect(
                bytes[member.key.bounds].first == UInt8(ascii: "\"")
                    && bytes[member.key.bounds].last == UInt8(ascii: "\""))
            var cut = bytes
            cut.removeSubrange(member.member.bounds)
            #expect(String(decoding: cut, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) == rest)
        }
    }

    @Test("agrees with a naive reader and with Foundation on random texts, whole and damaged", arguments: 0..<40)
    func random(seed: UInt64) throws {
        var source = RandomJSON(seed: seed)
        for _ in 0..<50 {
            var bytes = Array(source.object(depth: 4).utf8)
            if source.generator.next() % 2 == 0, !bytes.isEmpty {
                let at = Int(source.generator.next() % UInt64(bytes.count))
                let junk = Array("\"\\{}[],:0-.eu \n\u{1}".utf8)
                switch source.generator.next() % 3 {
                case 0: bytes.remove(at: at)
                case 1: bytes.insert(junk[Int(source.generator.next() % UInt64(junk.count))], at: at)
                default: bytes[at] = junk[Int(source.generator.next() % UInt64(junk.count))]
                }
            }
            var naive = NaiveJSON(bytes)
            let expected = naive.isObject
            var error: JSONError?
            do throws(JSONError) { _ = try JSONScanner.members(of: bytes.span, wanted: []) } catch let caught {
                error = caught
            }
            #expect(
                (error == nil) == expected, "\(String(decoding: bytes, as: UTF8.self)) \(String(describing: error))")
        }
    }

    @Test("the end of an object is recognised from inside") func endsObject() {
        func ends(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            return JSONScanner.endsObject(bytes.span, from: 0, to: bytes.count)
        }
        for text in ["}", " } ", #","a":1}"#, #" , "a":{"b":[]} , "c":"}" }"#] { #expect(ends(text)) }
        for text in ["", "}}", "]}", ",}", #","a"}"#, #","a":1"#, "x}", #"}]}"#] { #expect(!ends(text)) }
    }
}
