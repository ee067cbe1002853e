import Testing
import WeirBudget

@testable import WeirConfig

@Suite("mistakes of a configuration: prices") struct PriceMistakeTests {
    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }

    private static let good = "provider: p, model: x, from: 2026-01-01"

    static let cases: [MistakeCase] = [
        MistakeCase(more: "prices: [{\(good), input: \"$0.10/M\", output: \"$0.40/M\"}]"),
        MistakeCase(
            more: "prices: [{provider: openai, model: \"gpt-*\", from: 2026-01-01, service_tier: flex, request: $0.01}]"
        ),
        MistakeCase(
            more:
                "prices: [{\(good), input: $1/M, tiers: [{above: 200000, input: $2/M}, {above: 500000, input: $3/M}]}]"),
        MistakeCase(
            more: "prices: {}",
            "6:9: prices: is not a list; write \"[{provider: NAME, model: NAME, from: DAY, input: PRICE, output: PRICE}]\", or remove it"
        ),
        MistakeCase(
            more: "prices: [{provider: q, model: x, from: 2026-01-01, input: $1/M}]",
            "6:21: prices[0].provider: neither \"providers\" nor the price table has \"q\"; write one of p, or add it under \"providers\""
        ),
        MistakeCase(
            more: "prices: [{provider: opneai, model: x, from: 2026-01-01, input: $1/M}]",
            "6:21: prices[0].provider: neither \"providers\" nor the price table has \"opneai\"; did you mean \"openai\"?"
        ),
        MistakeCase(
            more: "prices: [{provider: p, model: x, input: $1/M}]",
            "6:10: prices[0]: \"from\" is missing; add \"from: ...\" (day: 2026-01-31)"),
        MistakeCase(
            more: "prices: [{provider: p, model: x, from: yesterday, input: $1/M}]",
            "6:40: prices[0].from: \"yesterday\" is not a day; write for example 2026-01-31"),
        MistakeCase(
            more: "prices: [{provider: p, model: x, from: 2026-02-30, input: $1/M}]",
            "6:40: prices[0].from: \"2026-02-30\" is not a day; write for example 2026-01-31"),
        MistakeCase(
            more: "prices: [{provider: p, model: \"a b\", from: 2026-01-01, input: $1/M}]",
            "6:31: prices[0].model: is no name or pattern of a model; use 1 to 200 visible ASCII characters, without \" and \\"
        ),
        MistakeCase(
            more: "prices: [{\(good)}]",
            "6:10: prices[0]: has no price; add for example \"input: $0.10/M\" and \"output: $0.40/M\""),
        MistakeCase(
            more: "prices: [{\(good), input: 0.10}]",
            "6:59: prices[0].input: \"0.10\" does not say for how many tokens; write for example $2.50/M"),
        MistakeCase(
            more: "prices: [{\(good), input: cheap}]",
            "6:59: prices[0].input: \"cheap\" is no price; write for example $2.50/M"),
        MistakeCase(
            more: "prices: [{\(good), web_search: $1/h}]",
            "6:64: prices[0].web_search: \"$1/h\" has a unit that says nothing about web_search; write for example $10/K or $0.01"
        ),
        MistakeCase(
            more: "prices: [{\(good), input: $0.0000001/M}]",
            "6:59: prices[0].input: \"$0.0000001/M\" is finer than a pico-dollar per unit; write fewer decimals"),
        MistakeCase(
            more: "prices: [{\(good), input: $1/M, prompt: $1/M}]",
            "6:65: prices[0].prompt: unknown setting; did you mean \"input\"?"),
        MistakeCase(
            more: "prices: [{\(good), input: $1/M, service_tier: flexi}]",
            "6:79: prices[0].service_tier: \"flexi\" is no service_tier of this version; write \"flex\""),
        MistakeCase(
            more: "prices: [{\(good), input: $1/M, service_tier: flex, processing: batch}]",
            "6:97: prices[0].processing: a price has one condition; write an entry of its own for each"),
        MistakeCase(
            more: "prices: [{\(good), input: $1/M}, {\(good), input: $2/M}]",
            "6:66: prices[1]: the price in line 6 is for the same from the same day on; keep one of them"),
        MistakeCase(
            more: "prices: [{\(good), input: $1/M, tiers: [{above: 5, output: $1/M}]}]",
            "6:92: prices[0].tiers[0].output: has a price in this tier only; give output a price for requests below it, too"
        ),
        MistakeCase(
            more: "prices: [{\(good), input: $1/M, tiers: [{above: 5}]}]",
            "6:73: prices[0].tiers[0]: has no price; add for example \"input: $0.20/M\""),
        MistakeCase(
            more: "prices: [{\(good), input: $1/M, tiers: [{above: 5, input: $2/M}, {above: 5, input: $3/M}]}]",
            "6:106: prices[0].tiers[1].above: does not ascend; write the tiers in ascending order, each once"),
        MistakeCase(
            more: "limits: {output_tokens: 0}",
            "6:25: limits.output_tokens: 0 is too small; write 16 to 10000000"),
    ]

    @Test("what is good is read as it is written")
    func values() throws {
        var fixture = ConfigFixture()
        fixture.more = """
            limits: {output_tokens: 5000}
            prices:
              - {provider: p, model: "qwen*", from: 2026-01-01, input: "$0.10/M", output: "$0.40/M", tiers: [{above: 1000, output: $1/M}]}
              - {provider: openai, model: gpt-4o, from: 2026-02-01, processing: batch, web_search: "$10/K"}
            """
        let policy = try ConfigFixture.read(fixture.text)
        #expect(policy.limits.outputTokens == 5_000)
        let first = policy.prices[0]
        #expect(first.provider == "p" && first.model == "qwen*" && first.from == PriceDate("2026-01-01"))
        #expect(first.context.isEmpty && policy.prices[1].context == .batch)
        #expect(first.rates.canonical == "input=100000 output=400000,above1000=1000000")
        #expect(policy.prices[1].rates.canonical == "web_search=10000000000")
    }
}
