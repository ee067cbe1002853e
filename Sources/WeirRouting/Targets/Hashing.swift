/// Mixes the bits of a word so that each depends on all (the finalizer of SplitMix64; Steele, Lea, Flood 2014). A bijection: different words stay
/// different.
@inlinable public func mixed(_ word: UInt64) -> UInt64 {
    var mixed = word &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed &>> 31
}

/// A hash of a name that is the same in every process and version: FNV-1a, then mixed. For choices that must not change when a process
/// restarts; no defence against names that somebody chose in order to collide.
public func stableHash(_ name: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return mixed(hash)
}

extension UInt64 {
    /// This word, taken as a fraction of 2^64, of `bound`: evenly spread over 0 to `bound - 1` if the word is.
    /// - Precondition: `bound` is positive.
    @inlinable func scaled(below bound: Int) -> Int {
        precondition(bound > 0)
        return Int(truncatingIfNeeded: multipliedFullWidth(by: UInt64(bound)).high)
    }
}
