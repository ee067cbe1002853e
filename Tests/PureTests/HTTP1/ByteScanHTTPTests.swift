import Testing
import WeirBase

@Suite("Search primitives agree with their plain definition for every byte at every place") struct ByteScanHTTPTests {
    /// Calls `check` with all bytes 0 to 255 at all places of runs of `filler` with different lengths.
    static func everyPlace(_ filler: UInt8, _ check: ([UInt8], Int, UInt8) -> Bool) {
        for length in [1, 8, 15, 33, 47] {
            var bytes = [UInt8](repeating: filler, count: length)
            for at in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    bytes[at] = byte
                    if !check(bytes, at, byte) { Issue.record("byte \(byte) at \(at) of \(length)") }
                }
                bytes[at] = filler
            }
        }
    }

    @Test("firstControl", arguments: [0x20, 0x7E, 0x80, 0xFF, 0x09] as [UInt8])
    func firstControl(_ filler: UInt8) {
        Self.everyPlace(filler) { bytes, at, byte in
            let isControl = (byte < 0x20 && byte != 0x09) || byte == 0x7F
            return bytes.span.firstControl(from: 0) == (isControl ? at : bytes.count)
                && bytes.span.firstControl(from: at) == (isControl ? at : bytes.count)
                && bytes.span.firstControl(from: at + 1) == bytes.count
        }
    }

    @Test("firstTargetStop", arguments: [0x21, 0x24, 0x7E] as [UInt8])
    func firstTargetStop(_ filler: UInt8) {
        Self.everyPlace(filler) { bytes, at, byte in
            let stops = byte < 0x21 || byte > 0x7E || byte == 0x23 || byte == 0x3F
            return bytes.span.firstTargetStop(from: 0, to: bytes.count) == (stops ? at : bytes.count)
                && bytes.span.firstTargetStop(from: 0, to: at) == at
        }
    }

    @Test("tokenEnd", arguments: Array("aZ0-_".utf8))
    func tokenEnd(_ filler: UInt8) {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        Self.everyPlace(filler) { bytes, at, byte in
            bytes.span.tokenEnd(from: 0, to: bytes.count) == (tokens.contains(byte) ? bytes.count : at)
                && bytes.span.tokenEnd(from: 0, to: at) == at && isTokenCharacter(byte) == tokens.contains(byte)
        }
    }

    @Test("firstHostStop", arguments: Array("aZ0-._".utf8))
    func firstHostStop(_ filler: UInt8) {
        let plain = Set("!$%&'()*+-.;=_~[]0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        Self.everyPlace(filler) { bytes, at, byte in
            bytes.span.firstHostStop(from: 0, to: bytes.count) == (plain.contains(byte) ? bytes.count : at)
                && bytes.span.firstHostStop(from: 0, to: at) == at
                && isHostCharacter(byte) == (plain.contains(byte) || byte == 0x3A)
        }
    }

    @Test("fieldNameKey ends at the first colon")
    func fieldNameKey() {
        Self.everyPlace(0x61) { bytes, at, byte in
            let key = bytes.span.fieldNameKey(from: 0, to: bytes.count)
            guard byte == 0x3A else { return key == nil }
            guard let key, key.count == at else { return false }
            guard at <= 32 else { return true }
            let words = [key.words.0, key.words.1, key.words.2, key.words.3]
            return (0..<32).allSatisfy { place in
                let byte = UInt8(truncatingIfNeeded: words[place / 8] >> UInt64(place % 8 * 8))
                return byte == (place < at ? 0x61 : 0)
            }
        }
    }

    @Test("the first of two colons, whatever lies between")
    func twoColons() {
        func length(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil) -> Int? {
            bytes.span.fieldNameKey(from: start, to: end ?? bytes.count)?.count
        }
        var bytes = Array("ab:\u{1}:::::;;::::::::::::::::::::::::::::::::::".utf8)
        #expect(length(bytes) == 2)
        bytes[2] = 0x3B
        #expect(length(bytes) == 4)
        #expect(length(bytes, to: 4) == nil)
        #expect(length(bytes, from: bytes.count) == nil)
    }

    @Test("isHostCharacter, hexadecimalDigit")
    func classes() {
        let host = Set("!$%&'()*+-.0123456789:;=[]_~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(isHostCharacter(byte) == host.contains(byte))
            let digit = byte < 128 ? Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) } : nil
            #expect(hexadecimalDigit(byte) == digit)
        }
    }

    @Test("comparison without regard to case")
    func comparison() {
        let bytes = Array("Content-LENGTH content-length @`[{".utf8)
        let (one, two) = (ByteRange(start: 0, end: 14), ByteRange(start: 15, end: 29))
        func spells(_ text: StaticString) -> Bool { bytes.span.equals(ignoringCase: text, in: one) }
        func same(_ left: ByteRange, _ right: ByteRange) -> Bool { bytes.span.equals(ignoringCase: left, right) }
        func byte(_ at: Int) -> ByteRange { ByteRange(start: at, end: at + 1) }
        #expect(spells("content-length") && !spells("content-lengtg") && !spells("content"))
        #expect(same(one, two) && !same(byte(30), byte(31)) && !same(byte(32), byte(33)))
    }
}
