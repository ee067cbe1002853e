import Testing
import WeirBase

@Suite("CRC-32C (RFC 3720, appendix B.4)") struct ChecksumTests {
    static let examples: [(bytes: [UInt8], checksum: UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test("the RFC's examples", arguments: examples)
    func known(bytes: [UInt8], checksum: UInt32) {
        #expect(bytes.span.checksum() == checksum)
        #expect(bytes.span.plainChecksum() == checksum)
    }

    @Test("going on after any split gives the whole's checksum")
    func splits() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let whole = bytes.span.checksum()
        for cut in 0...bytes.count {
            let first = bytes.span.extracting(0..<cut).checksum()
            #expect(bytes.span.extracting(cut..<bytes.count).checksum(goingOnFrom: first) == whole)
        }
    }
}
