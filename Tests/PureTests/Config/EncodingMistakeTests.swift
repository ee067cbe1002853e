import Testing

@testable import WeirConfig

@Suite("a configuration that is no text") struct EncodingMistakeTests {
    /// Named, so that a run does not print megabytes.
    struct Case: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let expected: String
        var testDescription: String { expected }

        init(_ bytes: [UInt8], _ expected: String) {
            self.bytes = bytes
            self.expected = expected
        }
    }

    static let cases: [Case] = [
        Case(Array("version: 1\ndata: ä".utf8) + [0xFF, 0x41], "2:8: this is not UTF-8; save the file as UTF-8"),
        Case(Array("version: 1\n".utf8) + [0xC3], "2:1: this is not UTF-8; save the file as UTF-8"),
        Case(Array("version: \u{FFFD}".utf8) + [0xC0, 0x80], "1:11: this is not UTF-8; save the file as UTF-8"),
        Case(Array("a: \u{9F}".utf8), "1:4: the control character U+9F is not allowed; remove it"),
        Case(Array("a: 1\r\n\u{0}".utf8), "2:1: the control character U+0 is not allowed; remove it"),
        Case(
            [UInt8](repeating: 0x20, count: 8 << 20 + 1),
            "1:1: the file is over 8 MiB; keep keys in the store, not in the file"),
        Case([UInt8](repeating: 0x5B, count: 100_000), "1:1: lists and maps are nested too deeply; write it flatter"),
    ]

    @Test("tells the place", arguments: cases)
    func place(_ example: Case) {
        let complaints = ConfigFixture.complaints(of: example.bytes)
        #expect(complaints == [example.expected])
    }

    @Test("nesting of every kind and depth ends in a mistake, not in a crash")
    func depth() {
        // libyaml stops at 1000; `? ` nests within names, which Yams compares in quadratic time.
        let kinds = [
            ("[", "]", 990), ("{a: ", "}", 990), ("- ", "", 990), ("? ", "", 100), ("[", "]", 5000), ("- ", "", 5000),
        ]
        for (open, close, depth) in kinds {
            let text = String(repeating: open, count: depth) + "x" + String(repeating: close, count: depth)
            #expect(!ConfigFixture.complaints(of: text).isEmpty)
        }
    }

    @Test("aliases cannot unfold without bound")
    func aliases() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        #expect(
            ConfigFixture.complaints(of: text) == [
                "1:1: aliases unfold to over 1000000 values; write it without aliases (*name)"
            ])
    }

    @Test("very many repeated names are still one mistake at least")
    func repetitions() {
        let text = ConfigFixture().text + String(repeating: "data: a\n", count: 40)
        #expect(!ConfigFixture.complaints(of: text).isEmpty)
    }
}
