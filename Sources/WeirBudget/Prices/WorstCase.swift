internal import WeirBase

/// The most that a request may use: what a hold is made for.
public struct WorstCase: Hashable, Sendable {
    /// What, besides text and tokens read from a cache, the tokens may be.
    public struct Parts: OptionSet, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let cacheWrites = Parts(rawValue: 1 << 0)
        public static let hourCacheWrites = Parts(rawValue: 1 << 1)
        public static let audioInput = Parts(rawValue: 1 << 2)
        public static let imageInput = Parts(rawValue: 1 << 3)
        public static let videoInput = Parts(rawValue: 1 << 4)
        public static let audioOutput = Parts(rawValue: 1 << 5)
        public static let imageOutput = Parts(rawValue: 1 << 6)
        public static let videoOutput = Parts(rawValue: 1 << 7)

        /// What any text request may come to: providers write to their caches unasked.
        public static let text: Parts = [.cacheWrites]
        public static let all = Parts(rawValue: 0xFF)
    }

    /// More tokens, characters or milliseconds than a request can have; what may use more has no bound but `Money.greatest`.
    public static let tokenLimit = 1 << 32
    /// More requests than one request stands for (`n`).
    public static let requestLimit = 1 << 12

    /// Of each of the requests.
    public var inputTokens: Int
    public var outputTokens: Int
    /// How many answers are asked for (`n`). Each is held for as a request of its own, since some providers bill the input of each.
    public var requests = 1
    public var parts = Parts.text
    public var webSearches = 0
    public var fileSearches = 0
    public var documentPages = 0
    public var inputCharacters = 0
    public var audioMilliseconds = 0

    public init(inputTokens: Int, outputTokens: Int, requests: Int = 1, parts: Parts = .text) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.requests = requests
        self.parts = parts
    }

    /// Whether the sums stay in their bounds.
    var isSane: Bool {
        let counts = inputTokens | outputTokens | webSearches | fileSearches | documentPages | inputCharacters
        return (counts | audioMilliseconds) >> 32 == 0 && requests >= 0 && requests <= Self.requestLimit
    }
}

/// The dearest prices that a request may be billed by, for one sheet or whichever of several comes to hold.
struct Ceilings: Sendable {
    /// For a request of more than `above` input tokens. -1 where something may come that has no price.
    private struct Level {
        var above: Int64
        /// A row like a sheet's, each the greatest of its kind in this level and all below: a bound does not fall where a longer prompt is cheaper.
        var amounts: InlineArray<24, Int64>
    }

    private static let lowest: InlineArray<24, Int64> = {
        var amounts = InlineArray<24, Int64>(repeating: PriceSheet.missing)
        for rate in Rate.allCases where rate.isNeeded { amounts[rate.rawValue] = 0 }
        return amounts
    }()

    private let levels: [Level]
    private let pricesTokens: Bool
    private let isPriced: Bool

    init(_ sheets: [PriceSheet]) {
        isPriced = sheets.allSatisfy(\.isPriced)
        pricesTokens = sheets.contains(where: \.pricesTokens)
        let borders = Set(sheets.flatMap { $0.levels.map(\.above) }).sorted()
        var levels: [Level] = []
        for border in borders {
            var amounts = levels.last?.amounts ?? Self.lowest
            for sheet in sheets {
                guard let level = sheet.levels.lastIndex(where: { $0.above <= border }) else { continue }
                for rate in Rate.allCases {
                    let amount = sheet.amount(rate, level: level)
                    let highest = amounts[rate.rawValue]
                    let isMissing = rate.isNeeded && (amount < 0 || highest < 0)
                    amounts[rate.rawValue] = isMissing ? PriceSheet.missing : max(highest, amount)
                }
            }
            levels.append(Level(above: border, amounts: amounts))
        }
        self.levels = levels
    }

    func bound(_ worst: WorstCase) -> Money? {
        guard isPriced else { return nil }
        guard worst.isSane else { return .greatest }
        guard let (fixed, output) = costs(worst) else { return nil }
        var sum = fixed
        if worst.outputTokens > 0, pricesTokens {
            guard output >= 0 else { return nil }
            sum.add(output, times: worst.outputTokens)
        }
        return sum.times(worst.requests).roundedUp ?? .greatest
    }

    func greatestOutput(within room: Money, _ worst: WorstCase) -> Int? {
        guard isPriced, worst.isSane, let (fixed, output) = costs(worst), pricesTokens, output >= 0 else { return nil }
        let perToken = UInt128(UInt64(output)) * UInt128(worst.requests)
        guard let count = fixed.times(worst.requests).fits(perToken, in: room) else { return nil }
        return Int(min(count, UInt128(WorstCase.tokenLimit - 1)))
    }

    /// What one request costs at most but for its output tokens, and an output token; nil if something has no price.
    @inline(__always)
    private func costs(_ worst: WorstCase) -> (PicoDollars, output: Int64)? {
        var index = levels.count &- 1
        while index > 0, Int64(worst.inputTokens) <= levels[index].above { index &-= 1 }
        func amount(_ rate: Rate) -> Int64 { levels[index].amounts[rate.rawValue] }
        func highest(_ base: Int64, _ rate: Rate) -> Int64 { max(base, amount(rate)) }

        var sum = PicoDollars()
        let parts = worst.parts
        var input = highest(amount(.input), .cacheRead)
        if parts.contains(.cacheWrites) { input = highest(input, .cacheWrite) }
        if parts.contains(.hourCacheWrites) { input = highest(input, .cacheWrite1h) }
        if !parts.isDisjoint(with: [.audioInput, .imageInput, .videoInput]) {
            if parts.contains(.audioInput) { input = highest(highest(input, .inputAudio), .cacheReadAudio) }
            if parts.contains(.imageInput) { input = highest(highest(input, .inputImage), .cacheReadImage) }
            if parts.contains(.videoInput) { input = highest(input, .inputVideo) }
        }
        var output = highest(highest(amount(.output), .outputReasoning), .outputCitation)
        if !parts.isDisjoint(with: [.audioOutput, .imageOutput, .videoOutput]) {
            if parts.contains(.audioOutput) { output = highest(output, .outputAudio) }
            if parts.contains(.imageOutput) { output = highest(output, .outputImage) }
            if parts.contains(.videoOutput) { output = highest(output, .outputVideo) }
        }

        if worst.inputTokens > 0, pricesTokens {
            guard amount(.input) >= 0 else { return nil }
            sum.add(input, times: worst.inputTokens)
        }
        sum.add(max(0, amount(.request)), times: 1)
        if worst.webSearches | worst.fileSearches != 0 {
            guard add(amount(.webSearch), worst.webSearches, to: &sum),
                add(amount(.storageSearch), worst.fileSearches, to: &sum)
            else { return nil }
        }
        var isMeasured = pricesTokens
        if worst.documentPages | worst.inputCharacters | worst.audioMilliseconds != 0 {
            let page = highest(amount(.documentPage), .annotatedDocumentPage)
            if worst.documentPages > 0, page >= 0 { isMeasured = add(page, worst.documentPages, to: &sum) }
            let character = amount(.inputCharacter)
            if worst.inputCharacters > 0, character >= 0 {
                isMeasured = add(character, worst.inputCharacters, to: &sum)
            }
            let hour = highest(amount(.inputAudioHour), .audioHour)
            if worst.audioMilliseconds > 0, hour >= 0 {
                sum.add(hourly: hour, milliseconds: worst.audioMilliseconds)
                isMeasured = true
            }
        }
        return isMeasured ? (sum, output) : nil
    }

    /// Returns false if there is something to add and no price for it.
    private func add(_ amount: Int64, _ count: Int, to sum: inout PicoDollars) -> Bool {
        guard count > 0 else { return true }
        guard amount >= 0 else { return false }
        sum.add(amount, times: count)
        return true
    }
}

extension Rate {
    /// Whether a usage that has what this is per cannot be billed without it. The fee per request is billed where there is one; length, pages and
    /// characters measure what may have been priced by the token.
    fileprivate var isNeeded: Bool {
        switch self {
        case .request, .documentPage, .annotatedDocumentPage, .inputCharacter, .audioHour, .inputAudioHour: false
        default: true
        }
    }
}
