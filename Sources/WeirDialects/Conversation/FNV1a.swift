internal import WeirBase

/// The hash FNV-1a of 64 bits: for names that must differ and guard nothing.
struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: Span<UInt8>) {
        for at in bytes.indices { value = (value ^ UInt64(bytes[at])) &* 0x100_0000_01B3 }
    }
}
