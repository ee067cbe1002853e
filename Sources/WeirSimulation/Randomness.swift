/// SplitMix64 (Steele, Lea, Flood 2014): the simulator's only source of chance. The same seed gives the same numbers everywhere.
public struct Randomness: Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// 0 to `bound - 1`; 0 where `bound` is not positive.
    public mutating func below(_ bound: Int) -> Int {
        bound <= 1 ? 0 : Int(truncatingIfNeeded: next() >> 1) % bound
    }

    public mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True in `perMille` of a thousand cases.
    public mutating func chance(_ perMille: Int) -> Bool { below(1_000) < perMille }

    /// A size over several orders of magnitude: small ones are as likely as large ones.
    public mutating func size(upTo limit: Int) -> Int {
        let bits = below(Int.bitWidth - limit.leadingZeroBitCount) + 1
        return min(limit, 1 + below(1 << bits))
    }

    public mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    /// A generator of its own, so that what one part draws does not shift what another gets.
    public mutating func fork() -> Randomness { Randomness(seed: next()) }
}
