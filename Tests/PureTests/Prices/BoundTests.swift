import Testing
import WeirBase

@testable import WeirBudget

@Suite("bounds: never less than a bill") struct BoundTests {
    private static let contexts: [BillingContext] = [
        [], .flex, .priority, .fastTier, .defaultTier, .batch, .fastSpeed, [.batch, .flex],
    ]

    @Test("for every model, time, context and usage within the bounds", arguments: [1, 2] as [UInt64])
    func covers(seed: UInt64) {
        var draw = SeededGenerator(seed: seed)
        let table = PriceTable.bundled()
        var billed = 0
        for provider in table.providers {
            for model in table.models(of: provider) {
                let tariff = Tariff(model)
                let at = Int64.random(in: 1_700_000_000...1_800_000_000, using: &draw)
                let context = Self.contexts.randomElement(using: &draw) ?? []
                var usage = draw.usage()
                if model.prices.contains(where: { $0.rates[.webSearch] != nil }) { usage.webSearches = 2 }
                guard let bill = tariff.bill(usage, at: at, context).nano else { continue }
                billed += 1
                var worst = WorstCase(
                    inputTokens: usage.input + .random(in: 0...1_000, using: &draw),
                    outputTokens: usage.output + .random(in: 0...1_000, using: &draw), parts: .all)
                worst.webSearches = usage.webSearches
                // Without a known context the bound is for what a provider may choose; what only a client chooses is always known.
                for known in context.isDisjoint(with: .chosen) ? [context, nil] : [context] {
                    let bound = tariff.bound(worst, at: at, known)?.nanoUSD ?? -1
                    #expect(bound >= bill, "\(model.provider)/\(model.id) seed \(seed)")
                }
            }
        }
        #expect(billed > 1_500)
    }

    @Test("n answers: at least n bills with a prompt each")
    func several() {
        let tariff = Tariff(
            PriceFixture.model([.init(rates: PriceFixture.card([.input: 1_500, .output: 3_333, .request: 7]))]))
        let bound = tariff.bound(WorstCase(inputTokens: 10, outputTokens: 5, requests: 3), at: 0)
        #expect(bound == Money(nanoUSD: (3 * (15_000 + 16_665 + 7) + 999) / 1000))
    }

    @Test("only what the request can have is held for")
    func parts() {
        let rates: [Rate: Int64] = [
            .input: 1_000, .output: 1_000, .cacheWrite: 2_000, .cacheWrite1h: 3_000, .inputAudio: 9_000,
            .outputAudio: 20_000,
        ]
        let tariff = Tariff(PriceFixture.model([.init(rates: PriceFixture.card(rates))]))
        func bound(_ parts: WorstCase.Parts) -> Int64? {
            tariff.bound(WorstCase(inputTokens: 1, outputTokens: 1, parts: parts), at: 0)?.nanoUSD
        }
        #expect(bound([]) == 2)
        #expect(bound(.text) == 3)
        #expect(bound([.cacheWrites, .hourCacheWrites]) == 4)
        #expect(bound([.audioInput]) == 10)
        #expect(bound([.audioOutput]) == 21)
        #expect(bound(.all) == 29)
    }

    @Test("the tier that the input can reach, and a cheaper one above does not lower it")
    func tiers() {
        var card = RateCard()
        card[.input] = TieredAmount(2_000, tiers: [.init(above: 10, pico: 5_000), .init(above: 20, pico: 1_000)])
        card[.output] = TieredAmount(0)
        let tariff = Tariff(PriceFixture.model([.init(rates: card)]))
        func bound(_ input: Int) -> Int64? {
            tariff.bound(WorstCase(inputTokens: input, outputTokens: 0), at: 0)?.nanoUSD
        }
        #expect(bound(10) == 20)
        #expect(bound(11) == 55)
        #expect(bound(21) == 105)
    }

    @Test("what has no price has no bound, what is absurd has no room")
    func unpriced() {
        let tariff = Tariff(PriceFixture.model([.init(rates: PriceFixture.card([.input: 1_000]))]))
        #expect(tariff.bound(WorstCase(inputTokens: 1, outputTokens: 1), at: 0) == nil)
        #expect(tariff.bound(WorstCase(inputTokens: 1, outputTokens: 0), at: 0) == Money(nanoUSD: 1))
        var worst = WorstCase(inputTokens: 1, outputTokens: 0)
        worst.webSearches = 1
        #expect(tariff.bound(worst, at: 0) == nil)
        #expect(
            Tariff(PriceFixture.model([.init(rates: RateCard())])).bound(
                WorstCase(inputTokens: 0, outputTokens: 0), at: 0) == nil)
        #expect(tariff.bound(WorstCase(inputTokens: -1, outputTokens: 0), at: 0) == .greatest)
        #expect(tariff.bound(WorstCase(inputTokens: 1 << 40, outputTokens: 0), at: 0) == .greatest)
        let dear = Tariff(
            PriceFixture.model([
                .init(
                    rates: PriceFixture.card([
                        .input: TieredAmount.limit, .output: TieredAmount.limit, .audioHour: TieredAmount.limit,
                    ]))
            ]))
        var most = WorstCase(
            inputTokens: WorstCase.tokenLimit - 1, outputTokens: WorstCase.tokenLimit - 1,
            requests: WorstCase.requestLimit)
        most.audioMilliseconds = WorstCase.tokenLimit - 1
        #expect(dear.bound(most, at: 0) == .greatest)
    }

    @Test("the greatest output is the last one whose bound fits", arguments: [11, 12] as [UInt64])
    func greatestOutput(seed: UInt64) {
        var draw = SeededGenerator(seed: seed)
        let table = PriceTable.bundled()
        var clamped = 0
        for provider in table.providers {
            for model in table.models(of: provider) {
                let tariff = Tariff(model)
                let at = Int64.random(in: 1_700_000_000...1_800_000_000, using: &draw)
                let room = Money(nanoUSD: .random(in: 0...100_000_000, using: &draw))
                var worst = WorstCase(
                    inputTokens: .random(in: 0...50_000, using: &draw), outputTokens: 0,
                    requests: .random(in: 1...3, using: &draw))
                if Bool.random(using: &draw) { worst.audioMilliseconds = 7 }
                guard let most = tariff.greatestOutput(within: room, worst, at: at, nil) else {
                    #expect(
                        tariff.bound(worst, at: at, nil).map { $0 > room } ?? true
                            || !model.prices.contains { $0.rates[.output] != nil })
                    continue
                }
                worst.outputTokens = most
                #expect(tariff.bound(worst, at: at, nil) ?? .greatest <= room, "\(model.provider)/\(model.id)")
                if most < WorstCase.tokenLimit - 1 {
                    clamped += 1
                    worst.outputTokens += 1
                    #expect(tariff.bound(worst, at: at, nil) ?? .zero > room, "\(model.provider)/\(model.id)")
                }
            }
        }
        #expect(clamped > 500)
    }
}
