import Testing
import WeirBase

@testable import WeirBudget

@Suite("tariffs: dates, hours, contexts") struct TariffTests {
    private static let text = PriceFixture.usage { $0.input = 1 }

    private func nano(_ tariff: Tariff, _ time: String, _ context: BillingContext = []) -> Int64? {
        tariff.bill(Self.text, at: PriceFixture.seconds(time), context).nano
    }

    private func entry(
        from: String? = nil, daily: (Int, Int)? = nil, for context: BillingContext = [], _ rates: [Rate: Int64]
    ) -> ModelPrices.Entry {
        ModelPrices.Entry(
            from: from.map(PriceFixture.day), daily: daily.map { ModelPrices.DailyWindow(start: $0.0, end: $0.1) },
            context: context, rates: PriceFixture.card(rates))
    }

    @Test("a price holds from the first second of its day in UTC on")
    func dates() {
        let tariff = Tariff(PriceFixture.model([entry([.input: 1_000]), entry(from: "2026-03-01", [.input: 2_000])]))
        #expect(nano(tariff, "2026-02-28T23:59:59Z") == 1)
        #expect(nano(tariff, "2026-03-01T00:00:00Z") == 2)
        #expect(nano(tariff, "2026-03-01T00:30:00+01:00") == 1)
        #expect(nano(tariff, "1970-01-01T00:00:00Z") == 1)
        #expect(tariff.bill(Self.text, at: -1).nano == 1)
        #expect(tariff.bill(Self.text, at: .min).nano == 1)
        #expect(tariff.bill(Self.text, at: .max).nano == 2)
    }

    @Test("an hour of the day begins with its first minute and ends before its last, also past midnight")
    func hours() {
        let tariff = Tariff(PriceFixture.model([entry([.input: 1_000]), entry(daily: (990, 30), [.input: 2_000])]))
        let cases: [(String, Int64)] = [
            ("16:29:59", 1), ("16:30:00", 2), ("23:59:59", 2), ("00:00:00", 2), ("00:29:59", 2), ("00:30:00", 1),
        ]
        for (time, nano) in cases { #expect(self.nano(tariff, "2026-03-01T\(time)Z") == nano, "\(time)") }
    }

    @Test("the last entry that holds has the price")
    func lastWins() {
        let tariff = Tariff(
            PriceFixture.model([
                entry([.input: 1_000]), entry(from: "2026-01-01", [.input: 2_000]),
                entry(daily: (60, 120), [.input: 3_000]),
            ]))
        #expect(nano(tariff, "2025-06-01T01:00:00Z") == 3)
        #expect(nano(tariff, "2026-06-01T01:00:00Z") == 3)
        #expect(nano(tariff, "2026-06-01T02:00:00Z") == 2)
    }

    @Test("the first variant that holds replaces the rates that it names, and no others")
    func variants() {
        let model = PriceFixture.model(
            [entry([.input: 10_000, .output: 20_000])],
            variants: [
                entry(from: "2026-05-01", for: .flex, [.input: 5_000]),
                entry(for: .batch, [.input: 4_000, .output: 8_000]),
                entry(for: .defaultTier, [:]),
            ])
        let tariff = Tariff(model)
        func both(_ time: String, _ context: BillingContext) -> Int64? {
            tariff.bill(
                PriceFixture.usage {
                    $0.input = 1; $0.output = 1
                }, at: PriceFixture.seconds(time), context
            ).nano
        }
        #expect(both("2026-06-01T00:00:00Z", []) == 30)
        #expect(both("2026-06-01T00:00:00Z", .defaultTier) == 30)
        #expect(both("2026-06-01T00:00:00Z", .flex) == 25)
        #expect(both("2026-04-01T00:00:00Z", .flex) == 30)
        #expect(both("2026-06-01T00:00:00Z", .batch) == 12)
        #expect(both("2026-06-01T00:00:00Z", [.batch, .flex]) == 13)
        #expect(both("2026-06-01T00:00:00Z", [.fastSpeed]) == 30)
    }

    @Test("the version of a bill is that of its prices: the same for the same prices, another for others")
    func versions() {
        let tariff = Tariff(PriceFixture.model([entry([.input: 1_000]), entry(from: "2026-03-01", [.input: 2_000])]))
        let old = tariff.sheet(at: PriceFixture.seconds("2026-02-01T00:00:00Z"))
        let new = tariff.sheet(at: PriceFixture.seconds("2026-04-01T00:00:00Z"))
        #expect(old.version != new.version)
        #expect(old.version == PriceFixture.sheet([.input: 1_000]).version)
        #expect(PriceVersion(canonical: "").description == "cbf29ce484222325")
    }

    @Test("what a ledger keeps of a price gives the same bill again")
    func recompute() throws {
        var draw = SeededGenerator(seed: 3)
        let table = PriceTable.bundled()
        for provider in table.providers {
            for model in table.models(of: provider).prefix(20) {
                let tariff = Tariff(model)
                let usage = draw.usage()
                let at = Int64.random(in: 1_700_000_000...1_800_000_000, using: &draw)
                let context = BillingContext(rawValue: .random(in: 0..<512, using: &draw))
                let sheet = tariff.sheet(at: at, context)
                let kept = try #require(PriceSheet(canonical: sheet.card.canonical))
                #expect(kept.version == sheet.version)
                #expect(kept.bill(usage) == tariff.bill(usage, at: at, context))
            }
        }
    }

    @Test(
        "text that is no price is not read as one",
        arguments: [
            "input", "input=", "input=-1", "input=1 input=1", "input=1,above=2", "x=1", "output=1 input=1", "input=01",
            "input=9007199254740992",
        ])
    func canonical(text: String) { #expect(RateCard(canonical: text) == nil) }
}

extension SeededGenerator {
    /// A usage with all parts, none larger than its whole.
    mutating func usage(input: Int? = nil, output: Int? = nil) -> Usage {
        var usage = Usage()
        usage.input = input ?? .random(in: 0...400_000, using: &self)
        usage.output = output ?? .random(in: 0...50_000, using: &self)
        func part(_ whole: Int, _ draw: inout SeededGenerator) -> Int {
            Bool.random(using: &draw) ? 0 : .random(in: 0...whole, using: &draw)
        }
        usage.cachedInput = part(usage.input, &self)
        usage.cacheWriteInput = part(usage.input - usage.cachedInput, &self)
        usage.cacheWrite1hInput = part(usage.cacheWriteInput, &self)
        usage.audioInput = part(usage.input, &self)
        usage.imageInput = part(usage.input - usage.audioInput, &self)
        usage.videoInput = part(usage.input - usage.audioInput - usage.imageInput, &self)
        usage.cachedAudioInput = part(min(usage.cachedInput, usage.audioInput), &self)
        usage.reasoningOutput = part(usage.output, &self)
        usage.audioOutput = part(usage.output - usage.reasoningOutput, &self)
        usage.imageOutput = part(usage.output - usage.reasoningOutput - usage.audioOutput, &self)
        return usage
    }
}
