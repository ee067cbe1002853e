public import WeirBase

/// What one model costs: prices with their dates, hours, service tiers and tiers by input. Immutable; made when a configuration is read, asked for
/// every request. Everything that does not depend on the usage is resolved beforehand, so that a bill is a look-up and a sum.
public final class Tariff: Sendable {
    public let model: ModelPrices
    /// The most output tokens of one answer; nil where the table does not say.
    public var maxOutput: Int? { model.maxOutput }

    /// The days on which something changes, the first one before all.
    private let days: [Int64]
    /// The minutes of the day at which something changes, the first one 0.
    private let minutes: [Int]
    /// What the variants ask for.
    private let contexts: [BillingContext]
    private let sheets: [PriceSheet]
    /// For each time (day by day, in each minute by minute) and each set of contexts that hold: an index into `sheets`.
    private let table: [UInt16]
    /// The ceilings of each sheet, then those of all sheets of a time together.
    private let ceilings: [Ceilings]
    /// For each time, an index into `ceilings`: of all contexts that a provider may choose.
    private let anyContext: [UInt16]

    /// The most different conditions on the context that a model may have: those of a table, and what `prices` of a configuration can ask for (four
    /// service tiers, batches, speed).
    static let contextLimit = 12

    /// - Precondition: at most `contextLimit` different contexts and 65,535 different prices, which those who read tables check.
    public init(_ model: ModelPrices) {
        self.model = model
        let entries = model.prices + model.variants
        let days = Set([Int64.min] + entries.flatMap { [$0.from?.day, $0.until?.day].compactMap(\.self) }).sorted()
        let minutes = Set([0] + entries.flatMap { $0.daily.map { [$0.start, $0.end] } ?? [] }).sorted()
        let contexts = Set(model.variants.filter { !$0.rates.isEmpty }.map(\.context)).sorted {
            $0.rawValue < $1.rawValue
        }
        precondition(contexts.count <= Self.contextLimit)
        var sheets: [PriceSheet] = []
        var indexes: [RateCard: UInt16] = [:]
        var table: [UInt16] = []
        var groups: [[UInt16]] = []
        for day in days {
            for minute in minutes {
                var group: Set<UInt16> = []
                for set in 0..<(1 << contexts.count) {
                    let holding = contexts.enumerated().filter { set >> $0.offset & 1 != 0 }.map(\.element)
                    let card = Self.card(of: model, day, minute, Set(holding))
                    let index = indexes[card] ?? UInt16(sheets.count)
                    if indexes[card] == nil {
                        indexes[card] = index
                        sheets.append(PriceSheet(card))
                    }
                    table.append(index)
                    if holding.allSatisfy({ $0.isDisjoint(with: .chosen) }) { group.insert(index) }
                }
                groups.append(group.sorted())
            }
        }
        var ceilings = sheets.map { Ceilings([$0]) }
        var anyContext: [UInt16] = []
        var known: [[UInt16]: UInt16] = [:]
        for group in groups {
            if group.count == 1 {
                anyContext.append(group[0])
            } else if let index = known[group] {
                anyContext.append(index)
            } else {
                known[group] = UInt16(ceilings.count)
                anyContext.append(UInt16(ceilings.count))
                ceilings.append(Ceilings(group.map { sheets[Int($0)] }))
            }
        }
        (self.days, self.minutes, self.contexts) = (days, minutes, contexts)
        (self.sheets, self.table, self.ceilings, self.anyContext) = (sheets, table, ceilings, anyContext)
    }

    private static func card(
        of model: ModelPrices, _ day: Int64, _ minute: Int, _ contexts: Set<BillingContext>
    ) -> RateCard {
        var card = RateCard()
        for variant in model.variants
        where contexts.contains(variant.context) && variant.holds(onDay: day, minute: minute) {
            card.fill(from: variant.rates)
        }
        if let standard = model.prices.last(where: { $0.holds(onDay: day, minute: minute) }) {
            card.fill(from: standard.rates)
        }
        return card
    }

    private static let latestSecond: Int64 = 253_402_300_799

    /// The prices for a request that began at `unixSeconds` in `context`.
    public func sheet(at unixSeconds: Int64, _ context: BillingContext = []) -> PriceSheet {
        sheets[sheetIndex(at: unixSeconds, context)]
    }

    /// Whether a request at that time has any price.
    public func isPriced(at unixSeconds: Int64, _ context: BillingContext = []) -> Bool {
        sheet(at: unixSeconds, context).isPriced
    }

    /// What a request that began at `unixSeconds` costs.
    @inline(__always)
    public func bill(_ usage: Usage, at unixSeconds: Int64, _ context: BillingContext = []) -> Billing {
        sheet(at: unixSeconds, context).bill(usage)
    }

    /// The most that a request that begins at `unixSeconds` can cost: at least its bill, for every usage within `worst`.
    /// - Parameter context: nil if the request may end up in any context that the provider chooses.
    /// - Returns: nil if it may use what has no price; `Money.greatest` if it is more than any budget.
    public func bound(_ worst: WorstCase, at unixSeconds: Int64, _ context: BillingContext? = []) -> Money? {
        ceilings(at: unixSeconds, context).bound(worst)
    }

    /// The most output tokens with which the bound of `worst` stays within `room`, whatever `worst` says of its output.
    /// - Returns: nil if it does not fit even without output, or if it may use what has no price. At most `WorstCase.tokenLimit`.
    public func greatestOutput(
        within room: Money, _ worst: WorstCase, at unixSeconds: Int64, _ context: BillingContext? = []
    ) -> Int? {
        ceilings(at: unixSeconds, context).greatestOutput(within: room, worst)
    }

    private func ceilings(at unixSeconds: Int64, _ context: BillingContext?) -> Ceilings {
        guard let context else { return ceilings[Int(anyContext[timeIndex(at: unixSeconds)])] }
        return ceilings[sheetIndex(at: unixSeconds, context)]
    }

    @inline(__always)
    private func sheetIndex(at unixSeconds: Int64, _ context: BillingContext) -> Int {
        var set = 0
        for index in contexts.indices where context.isSuperset(of: contexts[index]) { set |= 1 &<< index }
        return Int(table[timeIndex(at: unixSeconds) &<< contexts.count | set])
    }

    @inline(__always)
    private func timeIndex(at unixSeconds: Int64) -> Int {
        if days.count == 1, minutes.count == 1 { return 0 }
        // No clock shows a time before 1970 or after 9999, and sums of it must not overflow.
        let unixSeconds = min(max(unixSeconds, 0), Self.latestSecond)
        let date = PriceDate(unixSeconds: unixSeconds)
        var day = days.count &- 1
        while day > 0, date.day < days[day] { day &-= 1 }
        let minuteOfDay = Int((unixSeconds &- date.unixSeconds) / 60)
        var minute = minutes.count &- 1
        while minute > 0, minuteOfDay < minutes[minute] { minute &-= 1 }
        return day &* minutes.count &+ minute
    }
}
