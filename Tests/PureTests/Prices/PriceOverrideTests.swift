import Testing
import WeirBase

@testable import WeirBudget

@Suite("prices of the configuration on top of the table") struct PriceOverrideTests {
    private static let table = PriceTable.bundled()

    private func override(
        _ provider: String, _ model: String, from: String, for context: BillingContext = [], _ rates: [Rate: Int64]
    ) -> PriceOverride {
        PriceOverride(
            provider: provider, model: model, from: PriceFixture.day(from), context: context,
            rates: PriceFixture.card(rates))
    }

    private func nano(_ tariff: Tariff?, _ day: String, _ context: BillingContext = []) -> Int64? {
        let usage = PriceFixture.usage { $0.input = 1_000 }
        return tariff?.bill(usage, at: PriceFixture.day(day).unixSeconds, context).nano
    }

    @Test("a model that only the configuration knows has no price before its day")
    func local() {
        let book = PriceBook(Self.table, overrides: [override("local", "QWEN*", from: "2026-01-01", [.input: 100_000])])
        let tariff = book.tariff(provider: "local", baseURL: "http://127.0.0.1:8000/v1", model: "qwen-3")
        #expect(nano(tariff, "2025-12-31") == nil)
        #expect(nano(tariff, "2026-01-01") == 100_000)
        #expect(book.tariff(provider: "local", baseURL: "http://127.0.0.1:8000/v1", model: "llama") == nil)
        #expect(book.tariff(provider: "other", baseURL: "http://127.0.0.1:8000/v1", model: "qwen-3") == nil)
    }

    @Test("a price replaces the table's from its day on, its variants too, and leaves the days before")
    func replaces() {
        let book = PriceBook(Self.table, overrides: [override("eu", "gpt-4o", from: "2026-11-10", [.input: 1_000_000])])
        let tariff = book.tariff(provider: "eu", baseURL: "https://api.openai.com/v1", model: "gpt-4o-2024-11-20")
        #expect(nano(tariff, "2026-11-09") == 2_500_000)
        #expect(nano(tariff, "2026-11-09", .priority) == 4_250_000)
        #expect(nano(tariff, "2026-11-10") == 1_000_000)
        #expect(nano(tariff, "2026-11-10", .priority) == 1_000_000)
        #expect(tariff?.model.id == "gpt-4o")
    }

    @Test("a price for a context replaces single rates of that context")
    func contexts() {
        let book = PriceBook(
            Self.table,
            overrides: [override("openai", "gpt-4o", from: "2026-11-10", for: .priority, [.input: 3_000_000])])
        let tariff = book.tariff(provider: "openai", baseURL: "http://127.0.0.1:9", model: "gpt-4o")
        #expect(nano(tariff, "2026-11-10") == 2_500_000)
        #expect(nano(tariff, "2026-11-10", .priority) == 3_000_000)
        #expect(nano(tariff, "2026-11-09", .priority) == 4_250_000)
        let output = PriceFixture.usage { $0.output = 1_000 }
        let at = PriceFixture.day("2026-11-10").unixSeconds
        #expect(tariff?.bill(output, at: at, .priority).nano == 17_000_000)
    }

    @Test("the later day wins, then the later in the file")
    func order() {
        let book = PriceBook(
            Self.table,
            overrides: [
                override("p", "m", from: "2026-03-01", [.input: 3_000]),
                override("p", "m", from: "2026-02-01", [.input: 2_000]),
                override("p", "*", from: "2026-03-01", [.input: 4_000]),
                override("p", "m", from: "2026-03-01", for: .flex, [.input: 5_000]),
                override("p", "m", from: "2026-03-01", for: .flex, [.input: 6_000]),
            ])
        let tariff = book.tariff(provider: "p", baseURL: "http://127.0.0.1:9", model: "m")
        #expect(nano(tariff, "2026-02-01") == 2_000)
        #expect(nano(tariff, "2026-03-01") == 4_000)
        #expect(nano(tariff, "2026-03-01", .flex) == 6_000)
    }

    @Test("all contexts that a configuration can name fit on top of any model")
    func many() throws {
        let traits: [BillingContext] = [.flex, .priority, .fastTier, .defaultTier, .batch, .fastSpeed]
        let book = PriceBook(
            Self.table,
            overrides: traits.map { override("openai", "gpt*", from: "2026-01-01", for: $0, [.input: 1_000]) })
        let tariff = try #require(book.tariff(provider: "openai", baseURL: "https://api.openai.com", model: "gpt-5.4"))
        for trait in traits { #expect(nano(tariff, "2026-11-10", trait) == 1_000) }
    }
}

@Suite("prices as people write them") struct PriceAmountTests {
    @Test(
        "are exact",
        arguments: [
            ("$0.10/M", .input, 100_000), ("$2.50/K", .input, 2_500_000_000), ("0.4/M", .output, 400_000),
            ("$0/M", .input, 0),
            ("$0.000001/M", .input, 1), ("$10/K", .webSearch, 10_000_000_000), ("$0.01", .request, 10_000_000_000),
            ("$0.36/h", .audioHour, 360_000_000_000), ("$0.006/min", .audioHour, 360_000_000_000),
            ("$0.0001/s", .inputAudioHour, 360_000_000_000),
            ("$0.000000000001/token", .input, 1), ("$9007.199254740991/token", .input, 9_007_199_254_740_991),
        ] as [(String, Rate, Int64)])
    func exact(text: String, rate: Rate, pico: Int64) throws { #expect(try PriceAmount.read(text, for: rate) == pico) }

    @Test(
        "what is wrong is told",
        arguments: [
            ("$0.10", .input, .unitMissing), ("$0.10/h", .input, .unit), ("$0.10/M", .audioHour, .unit),
            ("$0.10", .audioHour, .unit),
            ("$0.1/token", .request, .unit), ("$0.0000001/M", .input, .tooFine), ("$9008/token", .input, .tooLarge),
            ("", .input, .form),
            ("$", .input, .form), ("$/M", .input, .form), ("$1./M", .input, .form), ("$.5/M", .input, .form),
            ("-$1/M", .input, .form),
            ("$1/M/M", .input, .form), ("$1/MTok", .input, .form), ("1e-6/M", .input, .form), ("$1,5/M", .input, .form),
            ("$1234567890123456789/M", .input, .form),
        ] as [(String, Rate, PriceAmount.Problem)])
    func mistakes(text: String, rate: Rate, problem: PriceAmount.Problem) {
        #expect(throws: problem) { try PriceAmount.read(text, for: rate) }
    }

    @Test("what is written is read again")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 9)
        for rate in Rate.allCases {
            for bits in 0..<53 {
                let pico = Int64.random(in: 0...(1 << bits), using: &random)
                #expect(try PriceAmount.read(PriceAmount.text(pico, for: rate), for: rate) == pico)
            }
        }
    }
}

@Suite("days and times of prices") struct PriceDateTests {
    @Test(
        "a day and back",
        arguments: [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-25", 20_782), ("9999-12-31", 2_932_896)]
            as [(String, Int64)])
    func days(text: String, day: Int64) {
        #expect(PriceDate(text)?.day == day)
        #expect(PriceDate(day: day).description == text)
    }

    @Test("every day of four centuries is written and read alike")
    func all() {
        for day in stride(from: Int64(0), to: 146_097, by: 13) {
            #expect(PriceDate(PriceDate(day: day).description)?.day == day)
        }
    }

    @Test(
        "other texts are no day",
        arguments: [
            "", "2026-1-1", "2026-13-01", "2026-00-10", "2026-02-29", "2026-04-31", "1969-12-31", "2026/01/01",
            "2026-01-01 ", "+026-01-01",
        ])
    func noDay(text: String) { #expect(PriceDate(text) == nil) }

    @Test(
        "times",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-01T12:00:00Z", 1_793_534_400),
            ("2026-11-01t12:00:00.123z", 1_793_534_400),
            ("2026-11-01T13:00:00+01:00", 1_793_534_400), ("2026-11-01 06:30:00-05:30", 1_793_534_400),
            ("2026-11-01T11:59:60Z", 1_793_534_399),
            ("2026-11-01T12:00:00", nil), ("2026-11-01", nil), ("2026-11-01T24:00:00Z", nil),
            ("2026-11-01T12:00:00.Z", nil), ("2026-11-01T12:00:00+0100", nil),
            ("2026-11-01T12:00:00ZZ", nil),
        ] as [(String, Int64?)])
    func times(text: String, seconds: Int64?) { #expect(RFC3339.unixSeconds(text) == seconds) }
}
