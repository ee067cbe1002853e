/// SHA-256 (FIPS 180-4) over bytes that come in pieces, in Swift alone: for engines, which may not call OpenSSL, and for short inputs such as what
/// signatures are made of. Bodies are digested faster by what WeirLoop has. Allocates nothing.
public struct SHA256State: Sendable {
    private var state: SIMD8<UInt32>
    /// The block that is not full yet.
    private var block: InlineArray<64, UInt8>
    private var blockCount = 0
    private var byteCount: UInt64 = 0

    public init() {
        state = SIMD8(
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
        block = InlineArray(repeating: 0)
    }

    /// The digest of `bytes`.
    public static func digest(_ bytes: Span<UInt8>) -> Digest256 {
        var state = SHA256State()
        state.update(bytes)
        return state.finish()
    }

    /// Goes on with `bytes`; 2^61 bytes in all are the standard's limit.
    public mutating func update(_ bytes: Span<UInt8>) {
        byteCount &+= UInt64(bytes.count)
        var at = 0
        while blockCount > 0, at < bytes.count {
            append(bytes[at])
            at &+= 1
        }
        while bytes.count &- at >= 64 {
            compress(bytes, at)
            at &+= 64
        }
        while at < bytes.count {
            append(bytes[at])
            at &+= 1
        }
    }

    /// The digest of everything that came.
    public consuming func finish() -> Digest256 {
        let bitCount = byteCount &* 8
        append(0x80)
        while blockCount != 56 { append(0) }
        for byte in 0..<8 { append(UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - byte * 8))) }
        func word(_ at: Int) -> UInt64 { UInt64(state[at]) << 32 | UInt64(state[at + 1]) }
        return Digest256(words: (word(0), word(2), word(4), word(6)))
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        block[blockCount] = byte
        blockCount &+= 1
        if blockCount == 64 {
            let full = block
            compress(full.span, 0)
            blockCount = 0
        }
    }

    /// Takes in the 64 bytes of `bytes` from `start` on.
    private mutating func compress(_ bytes: Span<UInt8>, _ start: Int) {
        // The last sixteen words of the schedule, each overwritten when it is no longer needed.
        var schedule = InlineArray<16, UInt32>(repeating: 0)
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        let constants = Self.constants.span
        for index in 0..<64 {
            let slot = index & 15
            if index < 16 {
                schedule[slot] = bytes.word32(at: start &+ index &* 4).byteSwapped
            } else {
                let (early, late) = (schedule[(index &- 15) & 15], schedule[(index &- 2) & 15])
                let sigma0 = Self.rotated(early, 7) ^ Self.rotated(early, 18) ^ (early >> 3)
                let sigma1 = Self.rotated(late, 17) ^ Self.rotated(late, 19) ^ (late >> 10)
                schedule[slot] = schedule[slot] &+ sigma0 &+ schedule[(index &- 7) & 15] &+ sigma1
            }
            let sum1 = Self.rotated(e, 6) ^ Self.rotated(e, 11) ^ Self.rotated(e, 25)
            let first = h &+ sum1 &+ ((e & f) ^ (~e & g)) &+ constants[index] &+ schedule[slot]
            let sum0 = Self.rotated(a, 2) ^ Self.rotated(a, 13) ^ Self.rotated(a, 22)
            let second = sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        state &+= SIMD8(a, b, c, d, e, f, g, h)
    }

    @inline(__always)
    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word &>> count | word &<< (32 &- count) }

    /// The first 32 bits of the fractions of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
