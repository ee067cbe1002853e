import Testing
import WeirBase
import WeirTestSupport
import WeirWire

@Suite("JSON scanner, resumable") struct JSONStreamScannerTests {
    struct Answer: Equatable {
        var state: JSONStreamScanner.State
        var value: String
        var start: Int
        var end: Int
        var isComplete: Bool
    }

    static func scan(_ parts: [[UInt8]], _ outer: ShortName, _ inner: ShortName?) -> Answer {
        var scanner = JSONStreamScanner(outer, inner)
        for part in parts { scanner.feed(part.span) }
        return Answer(
            state: scanner.state, value: String(decoding: Array(span: scanner.value), as: UTF8.self),
            start: scanner.valueStart,
            end: scanner.valueEnd, isComplete: scanner.isComplete)
    }

    static let cases: [(String, JSONKind?, String)] = [
        (#"{"usage":{"a":1}}"#, .object, #"{"a":1}"#),
        (#" { "x" : 1 , "usage" : { "a" : [ 1 ] } } "#, .object, #"{ "a" : [ 1 ] }"#),
        (#"{"usage":12}"#, .number, "12"), (#"{"usage":12 ,"b":3}"#, .number, "12"),
        (#"{"usage":12,"b":3}"#, .number, "12"),
        (#"{"usage":null}"#, .null, "null"), (#"{"usage":true,"c":{}}"#, .true, "true"),
        (#"{"usage":"a\"},b"}"#, .string, #""a\"},b""#),
        (#"{"usage":[1,{"usage":2}],"z":0}"#, .array, #"[1,{"usage":2}]"#),
        (#"{"a":{"usage":1},"b":["usage",{"usage":2}]}"#, nil, ""),
        (#"{"a":"\"usage\":{}","usage ":1,"usag":2}"#, nil, ""), (#"{"a":"usage","usage":3}"#, .number, "3"),
        (#"{"usage":1,"usage":{"b":2}}"#, .object, #"{"b":2}"#), ("{}", nil, ""),
        (#"{"a":"\\","usage":4}"#, .number, "4"),
        (#"{"data":[1.5,-2,[]],"usage":{"p":"}"},"k":"é🎉"}"#, .object, #"{"p":"}"}"#),
    ]
    @Test("finds the member at every split", arguments: cases) func splits(text: String, kind: JSONKind?, value: String)
    {
        let whole = Self.scan([Array(text.utf8)], "usage", nil)
        #expect(whole.state == (kind.map { .found($0) } ?? .looking))
        #expect(whole.value == value && whole.isComplete)
        if kind != nil {
            #expect(String(decoding: Array(text.utf8)[whole.start..<whole.end], as: UTF8.self) == value)
        }
        for parts in everySplit(of: Array(text.utf8)) {
            #expect(Self.scan(parts, "usage", nil) == whole, "parts: \(parts.map(\.count))")
        }
    }

    static let paths: [(String, String)] = [
        (#"{"type":"response.completed","response":{"id":"r","usage":{"input_tokens":1}}}"#, #"{"input_tokens":1}"#),
        (#"{"usage":1,"response":{"output":[{"usage":2}],"usage":{"k":3},"z":[]},"usage":4}"#, #"{"k":3}"#),
        (#"{"response":[{"usage":2}],"usage":4}"#, ""), (#"{"response":null,"usage":4}"#, ""),
        (#"{"response":{},"usage":4}"#, ""),
        (#"{"response":{"a":{"usage":1}}}"#, ""), (#"{ "response" : { "usage" : 7 } }"#, "7"),
    ]
    @Test("follows a path of two names at every split", arguments: paths) func path(text: String, value: String) {
        for parts in everySplit(of: Array(text.utf8)) {
            let answer = Self.scan(parts, "response", "usage")
            #expect(answer.value == value && answer.isComplete, "parts: \(parts.map(\.count))")
        }
    }

    @Test("a value over the limit is not kept, and what follows is still read")
    func tooLong() {
        let long = String(repeating: "x", count: JSONStreamScanner.captureLimit)
        let text = Array("{\"usage\":\"\(long)\",\"b\":1}".utf8)
        for size in [1, 7, 1000, text.count] {
            let parts = stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
            let answer = Self.scan(parts, "usage", nil)
            #expect(answer.state == .tooLong && answer.isComplete && answer.value == "")
        }
    }

    @Test("what is no object is unreadable", arguments: ["[1]", "x", "\u{FEFF}{}", "}"]) func unreadable(text: String) {
        for parts in everySplit(of: Array(text.utf8)) { #expect(Self.scan(parts, "usage", nil).state == .unreadable) }
    }

    @Test("agrees with the contiguous scanner on random objects", arguments: 0..<20) func random(seed: UInt64) throws {
        var source = RandomJSON(seed: seed + 1000)
        for _ in 0..<20 {
            var text = source.object(depth: 3)
            let member =
                source.blank() + "\"usage\"" + source.blank() + ":" + source.blank() + source.value(depth: 2)
                + source.blank()
            text =
                text.unicodeScalars.dropLast().allSatisfy { "{ \n\t\r".unicodeScalars.contains($0) }
                ? "{" + member + "}" : String(text.unicodeScalars.dropLast()) + "," + member + "}"
            let bytes = Array(text.utf8)
            let found = try #require(try JSONScanner.members(of: bytes.span, wanted: ["usage"])[0])
            for _ in 0..<10 {
                let cuts = [0, source.below(bytes.count), source.below(bytes.count), bytes.count].sorted()
                let parts = (0..<3).map { Array(bytes[cuts[$0]..<cuts[$0 + 1]]) }
                let answer = Self.scan(parts, "usage", nil)
                #expect(answer.state == .found(found.kind), "\(text) \(cuts)")
                #expect(answer.start == Int(found.value.start) && answer.end == Int(found.value.end), "\(text) \(cuts)")
            }
        }
    }
}
