/// The price of one rate in pico-dollars (10^-12 USD) per unit: one amount, or amounts that depend on the request's total input.
public struct TieredAmount: Hashable, Sendable {
    /// An amount that holds for a request whose input, cached and cache-written tokens included, is more than `above` tokens.
    public struct Tier: Hashable, Sendable {
        public var above: Int64
        public var pico: Int64

        public init(above: Int64, pico: Int64) {
            self.above = above
            self.pico = pico
        }
    }

    /// The largest amount: 9,007 dollars per unit. Larger ones are refused where prices are read, so that sums of products fit in 128 bits.
    public static let limit: Int64 = (1 << 53) - 1

    /// Holds for requests below all tiers.
    public var base: Int64
    /// In ascending order of `above`.
    public private(set) var tiers: [Tier]

    /// - Precondition: amounts are 0 to `limit`.
    public init(_ base: Int64, tiers: [Tier] = []) {
        precondition((0...Self.limit).contains(base) && tiers.allSatisfy { (0...Self.limit).contains($0.pico) })
        self.base = base
        self.tiers = tiers.sorted { $0.above < $1.above }
    }

    /// The amount for a request of `input` tokens.
    func amount(forInput input: Int64) -> Int64 { tiers.last { input > $0.above }?.pico ?? base }
}

/// Prices of some rates.
public struct RateCard: Hashable, Sendable {
    private var amounts: [TieredAmount?]

    public init() { amounts = Array(repeating: nil, count: Rate.count) }

    public subscript(rate: Rate) -> TieredAmount? {
        get { amounts[rate.rawValue] }
        set { amounts[rate.rawValue] = newValue }
    }

    public var isEmpty: Bool { amounts.allSatisfy { $0 == nil } }

    /// The rates that have a price, in the order of `Rate`.
    public var rates: [Rate] { Rate.allCases.filter { self[$0] != nil } }

    /// Takes over the prices that this card does not have.
    mutating func fill(from other: RateCard) {
        for rate in Rate.allCases where self[rate] == nil { self[rate] = other[rate] }
    }

    /// The prices as one text, the same for the same prices on every machine: `input=2500000 output=1000000,above272000=2000000`.
    /// `init(canonical:)` reads it again, so that a ledger can keep what a row was priced by.
    public var canonical: String {
        rates.map { rate in
            guard let amount = self[rate] else { return "" }
            return "\(rate.name)=\(amount.base)" + amount.tiers.map { ",above\($0.above)=\($0.pico)" }.joined()
        }.joined(separator: " ")
    }

    /// Reads what `canonical` has written; nil for anything else.
    public init?(canonical: String) {
        self.init()
        for part in canonical.split(separator: " ") {
            let pieces = part.split(separator: ",", omittingEmptySubsequences: false)
            guard let (name, base) = Self.pair(pieces[0]), let rate = Rate(name: name), self[rate] == nil else {
                return nil
            }
            var tiers: [TieredAmount.Tier] = []
            for piece in pieces.dropFirst() {
                guard let (name, pico) = Self.pair(piece), name.hasPrefix("above"),
                    let above = Int64(name.dropFirst(5)), above >= 0
                else { return nil }
                tiers.append(TieredAmount.Tier(above: above, pico: pico))
            }
            self[rate] = TieredAmount(base, tiers: tiers)
        }
        guard self.canonical == canonical else { return nil }
    }

    private static func pair(_ text: Substring) -> (String, Int64)? {
        guard let sign = text.firstIndex(of: "="), let amount = Int64(text[text.index(after: sign)...]),
            (0...TieredAmount.limit).contains(amount)
        else { return nil }
        return (String(text[..<sign]), amount)
    }
}
