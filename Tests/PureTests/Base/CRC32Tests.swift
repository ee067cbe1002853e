import Testing
import WeirBase

@Suite("CRC-32 (IEEE 802.3)") struct CRC32Tests {
    @Test(
        "known sums",
        arguments: [
            ("", 0), ("123456789", 0xCBF4_3926), ("a", 0xE8B7_BE43),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)])
    func known(text: String, sum: UInt32) { #expect(crc(Array(text.utf8)) == sum) }

    @Test("a sum goes on over pieces") func pieces() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for cut in 0...bytes.count {
            #expect(crc(Array(bytes[cut...]), from: crc(Array(bytes[..<cut]))) == crc(bytes))
        }
    }

    private func crc(_ bytes: [UInt8], from sum: UInt32 = 0) -> UInt32 { bytes.span.crc32(goingOnFrom: sum) }
}
