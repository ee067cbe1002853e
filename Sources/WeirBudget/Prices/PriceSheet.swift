public import WeirBase

/// The prices that hold for one request: no dates, tiers of service or fallbacks are left to decide, only the tier by total input. This is where
/// a usage becomes money, and the only place where money is rounded.
public final class PriceSheet: Sendable {
    public let card: RateCard
    public let version: PriceVersion
    /// Whether anything has a price.
    public var isPriced: Bool { !card.isEmpty }

    /// The tiers by total input, ascending; the first is below all.
    let levels: [Level]
    /// A row of `Rate.count` amounts for each level, fallbacks filled in; -1 where there is no price.
    private let amounts: [Int64]
    /// Whether tokens have a price. A model that is priced by the hour, page or character alone is not priced by the token.
    let pricesTokens: Bool

    struct Level { let above: Int64 }

    public init(_ card: RateCard) {
        self.card = card
        version = PriceVersion(canonical: card.canonical)
        pricesTokens = card[.input] != nil || card[.output] != nil
        let borders = Set(Rate.allCases.flatMap { card[$0]?.tiers.map(\.above) ?? [] }).sorted()
        levels = [Level(above: -1)] + borders.map { Level(above: $0) }
        amounts = levels.flatMap { level in
            Rate.allCases.map { rate in
                var priced: Rate? = rate
                while let next = priced, card[next] == nil { priced = next.lessSpecific(on: card) }
                guard let priced, let amount = card[priced] else { return Self.missing }
                return amount.amount(forInput: level.above + 1)
            }
        }
    }

    /// The sheet that a ledger has kept as text (`RateCard.canonical`); nil if it is none.
    public convenience init?(canonical: String) {
        guard let card = RateCard(canonical: canonical) else { return nil }
        self.init(card)
    }

    static let missing: Int64 = -1

    /// The amount of `rate` in the level at `index`, `missing` if there is none.
    @inline(__always)
    func amount(_ rate: Rate, level index: Int) -> Int64 { amounts[index &* Rate.count &+ rate.rawValue] }

    /// What `usage` costs. Each token is billed once, by the most specific rate that there is: cached and written tokens first, then audio,
    /// images and video, and what is left of the input as text; likewise the output. Parts that overlap or exceed their whole are cut.
    public func bill(_ usage: Usage) -> Billing {
        var level = levels.count &- 1
        while level > 0, Int64(usage.input) <= levels[level].above { level &-= 1 }
        var sum = Sum(sheet: self, level: level)
        sum.add(.request, 1, isOptional: true)
        var measures = 0
        if usage.input | usage.output != 0 {
            if pricesTokens {
                sum.addInput(usage)
                sum.addOutput(usage)
                measures += 1
            } else {
                sum.skip(.input)
            }
        }
        if usage.audioMilliseconds | usage.documentPages | usage.inputCharacters != 0 {
            sum.addMeasure(.inputAudioHour, usage.audioMilliseconds, &measures)
            sum.addMeasure(.inputCharacter, usage.inputCharacters, &measures)
            let annotated = min(usage.annotatedPages, usage.documentPages)
            sum.addMeasure(.documentPage, usage.documentPages - annotated, &measures)
            sum.addMeasure(.annotatedDocumentPage, annotated, &measures)
        }
        if usage.webSearches | usage.fileSearches != 0 {
            sum.add(.webSearch, usage.webSearches)
            sum.add(.storageSearch, usage.fileSearches)
        }
        if let rate = sum.missing { return .unpriced(rate) }
        if measures == 0, let rate = sum.skipped { return .unpriced(rate) }
        guard isPriced else { return .unpriced(.input) }
        guard let amount = sum.total.roundedUp else { return .tooLarge }
        return .billed(Bill(amount: amount, version: version))
    }

    /// A bill while it adds up.
    private struct Sum {
        let sheet: PriceSheet
        let level: Int
        var total = PicoDollars()
        /// The first rate that was needed and is not there.
        var missing: Rate?
        /// What the same call is measured in that has no price, which is right if another measure of it has one.
        var skipped: Rate?

        init(sheet: PriceSheet, level: Int) {
            self.sheet = sheet
            self.level = level
        }

        @inline(__always)
        mutating func add(_ rate: Rate, _ count: Int, isOptional: Bool = false) {
            guard count > 0 else { return }
            let amount = sheet.amount(rate, level: level)
            if amount < 0 {
                if !isOptional, missing == nil { missing = rate }
            } else {
                total.add(amount, times: count)
            }
        }

        mutating func skip(_ rate: Rate) { if skipped == nil { skipped = rate } }

        /// Adds one of several measures of the same content (its length, its pages), which need not all have a price.
        mutating func addMeasure(_ rate: Rate, _ count: Int, _ measures: inout Int) {
            guard count > 0 else { return }
            let amount = sheet.amount(rate, level: level)
            guard amount >= 0 else { return skip(rate) }
            measures += 1
            if rate == .inputAudioHour {
                total.add(hourly: amount, milliseconds: count)
            } else {
                total.add(amount, times: count)
            }
        }

        @inline(__always)
        mutating func addInput(_ usage: Usage) {
            var rest = usage.input
            if usage.cachedInput | usage.cacheWriteInput | usage.audioInput | usage.imageInput | usage.videoInput != 0 {
                addInputParts(usage, &rest)
            }
            add(.input, rest)
        }

        private mutating func addInputParts(_ usage: Usage, _ rest: inout Int) {
            let cached = take(usage.cachedInput, of: &rest)
            var cachedText = cached
            let cachedAudio = take(usage.cachedAudioInput, of: &cachedText)
            let cachedImage = take(usage.cachedImageInput, of: &cachedText)
            add(.cacheReadAudio, cachedAudio)
            add(.cacheReadImage, cachedImage)
            add(.cacheRead, cachedText)
            var written = take(usage.cacheWriteInput, of: &rest)
            add(.cacheWrite1h, take(usage.cacheWrite1hInput, of: &written))
            add(.cacheWrite, written)
            add(.inputAudio, take(max(0, usage.audioInput - cachedAudio), of: &rest))
            add(.inputImage, take(max(0, usage.imageInput - cachedImage), of: &rest))
            add(.inputVideo, take(usage.videoInput, of: &rest))
        }

        @inline(__always)
        mutating func addOutput(_ usage: Usage) {
            var rest = usage.output
            if usage.reasoningOutput | usage.audioOutput | usage.imageOutput | usage.videoOutput | usage.citationOutput
                != 0
            {
                add(.outputReasoning, take(usage.reasoningOutput, of: &rest))
                add(.outputCitation, take(usage.citationOutput, of: &rest))
                add(.outputAudio, take(usage.audioOutput, of: &rest))
                add(.outputImage, take(usage.imageOutput, of: &rest))
                add(.outputVideo, take(usage.videoOutput, of: &rest))
            }
            add(.output, rest)
        }

        /// Takes up to `count` tokens away from `rest`.
        @inline(__always)
        private func take(_ count: Int, of rest: inout Int) -> Int {
            let taken = min(count, rest)
            rest &-= taken
            return taken
        }
    }
}

extension Rate {
    /// The next less specific rate of a model with these prices. Cached audio without a price of its own is cached text where cached text has a
    /// price, and else audio.
    fileprivate func lessSpecific(on card: RateCard) -> Rate? {
        switch self {
        case .cacheReadAudio: card[.cacheRead] != nil ? .cacheRead : .inputAudio
        case .cacheReadImage: card[.cacheRead] != nil ? .cacheRead : .inputImage
        default: fallback
        }
    }
}

/// A sum of money that is finer than any bill, exact until it is rounded once.
///
/// Bounds: amounts are at most 2^53, counts below 2^32 times 2^12, at most 32 terms: 2^102; and 2^124 on the common denominator of hours.
struct PicoDollars {
    /// Whole pico-dollars.
    private var pico: UInt128 = 0
    /// Pico-dollars per hour times milliseconds: over 3,600,000.
    private var hourly: UInt128 = 0

    private static let millisecondsPerHour: UInt128 = 3_600_000

    @inline(__always)
    mutating func add(_ amount: Int64, times count: Int) {
        pico &+= UInt128(UInt64(truncatingIfNeeded: amount)) &* UInt128(UInt64(truncatingIfNeeded: count))
    }

    mutating func add(hourly amount: Int64, milliseconds: Int) {
        hourly &+= UInt128(UInt64(truncatingIfNeeded: amount)) &* UInt128(UInt64(truncatingIfNeeded: milliseconds))
    }

    /// The sum `count` times.
    func times(_ count: Int) -> PicoDollars {
        var product = self
        product.pico &*= UInt128(UInt64(truncatingIfNeeded: count))
        product.hourly &*= UInt128(UInt64(truncatingIfNeeded: count))
        return product
    }

    /// Whole nano-dollars, rounded up: the one rounding of a request. Nil if that is more than `Money` holds.
    var roundedUp: Money? {
        if hourly == 0, pico <= UInt128(UInt64.max - 999) {
            return Money(nanoUSD: Int64((UInt64(truncatingIfNeeded: pico) + 999) / 1000))  // at most 2^64 / 1000
        }
        let divisor = 1000 * Self.millisecondsPerHour
        let nano = (pico &* Self.millisecondsPerHour &+ hourly &+ (divisor - 1)) / divisor
        return Int64(exactly: nano).map(Money.init(nanoUSD:))
    }

    /// How many more of `amount` pico-dollars fit until the sum is over `room`; nil if the sum is over it already.
    func fits(_ amount: UInt128, in room: Money) -> UInt128? {
        guard room.nanoUSD >= 0 else { return nil }
        let scale = hourly == 0 ? 1 : Self.millisecondsPerHour
        let whole = UInt128(UInt64(room.nanoUSD)) * 1000 * scale
        let (rest, isOver) = whole.subtractingReportingOverflow(pico &* scale &+ hourly)
        guard !isOver else { return nil }
        return amount == 0 ? .max : rest / (amount * scale)
    }
}
