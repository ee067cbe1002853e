import Testing
import WeirBase

@testable import WeirBudget

@Suite("bills: each token once, by the most specific rate") struct BillTests {
    struct Case: CustomTestStringConvertible {
        let what: String
        let rates: [Rate: Int64]
        let usage: Usage
        let nano: Int64?
        var testDescription: String { what }

        init(_ what: String, _ rates: [Rate: Int64], _ nano: Int64?, _ change: (inout Usage) -> Void) {
            self.what = what
            self.rates = rates
            self.nano = nano
            usage = PriceFixture.usage(change)
        }
    }

    static let cases: [Case] = [
        Case("text", [.input: 2_000, .output: 10_000], 2 * 100 + 10 * 10) {
            $0.input = 100; $0.output = 10
        },
        Case("nothing used", [.input: 2_000, .output: 10_000], 0) { _ in },
        Case("cached", [.input: 2_000, .cacheRead: 1_000, .output: 0], 60 + 80) {
            $0.input = 100; $0.cachedInput = 60
        },
        Case("cached without a rate", [.input: 2_000, .output: 0], 200) {
            $0.input = 100; $0.cachedInput = 60
        },
        Case("an hour's cache write", [.input: 1_000, .cacheWrite: 3_000, .cacheWrite1h: 5_000], 10 * 3 + 20 * 5 + 70) {
            $0.input = 100
            $0.cacheWriteInput = 30
            $0.cacheWrite1hInput = 20
        },
        Case("an hour's cache write without a rate is a cache write", [.input: 1_000, .cacheWrite: 3_000], 30 * 3 + 70)
        {
            $0.input = 100
            $0.cacheWriteInput = 30
            $0.cacheWrite1hInput = 20
        },
        Case("audio", [.input: 1_000, .inputAudio: 7_000], 60 + 40 * 7) {
            $0.input = 100; $0.audioInput = 40
        },
        Case(
            "cached audio", [.input: 1_000, .inputAudio: 7_000, .cacheRead: 500, .cacheReadAudio: 3_000],
            50 + 10 * 7 + 30 * 3 + 5
        ) {
            $0.input = 100
            $0.audioInput = 40
            $0.cachedInput = 40
            $0.cachedAudioInput = 30
        },
        Case(
            "cached audio without a rate is cached text", [.input: 1_000, .inputAudio: 8_000, .cacheRead: 500],
            50 + 10 * 8 + 20
        ) {
            $0.input = 100
            $0.audioInput = 40
            $0.cachedInput = 40
            $0.cachedAudioInput = 30
        },
        Case("cached audio without any price of caches is audio", [.input: 1_000, .inputAudio: 8_000], 60 + 40 * 8) {
            $0.input = 100
            $0.audioInput = 40
            $0.cachedInput = 30
            $0.cachedAudioInput = 30
        },
        Case("images and video", [.input: 1_000, .inputImage: 2_000, .inputVideo: 3_000], 20 + 50 * 2 + 30 * 3) {
            $0.input = 100
            $0.imageInput = 50
            $0.videoInput = 30
        },
        Case("reasoning without a rate is output", [.input: 1_000, .output: 4_000], 400) {
            $0.output = 100; $0.reasoningOutput = 90
        },
        Case(
            "reasoning and citations",
            [.input: 1_000, .output: 4_000, .outputReasoning: 3_000, .outputCitation: 2_000], 10 * 4 + 60 * 3 + 30 * 2
        ) {
            $0.output = 100
            $0.reasoningOutput = 60
            $0.citationOutput = 30
        },
        Case(
            "output of audio, images and video", [.input: 0, .output: 1_000, .outputAudio: 5_000, .outputImage: 6_000],
            20 + 30 * 5 + 50 * 6
        ) {
            $0.output = 100
            $0.audioOutput = 30
            $0.imageOutput = 50
        },
        Case("parts that overlap are billed once", [.input: 1_000, .cacheRead: 500, .inputAudio: 9_000], 50) {
            $0.input = 100
            $0.cachedInput = 100
            $0.audioInput = 50
        },
        Case(
            "searches and the fee per request",
            [.input: 1_000, .output: 0, .webSearch: 10_000_000_000, .request: 5_000_000], 5_000 + 30_000_000 + 1
        ) {
            $0.input = 1
            $0.webSearches = 3
        },
        Case("a search without a price", [.input: 1_000, .output: 0], nil) {
            $0.input = 1; $0.webSearches = 3
        },
        Case("file searches", [.input: 1_000, .output: 0, .storageSearch: 2_500_000_000], 2_500_001) {
            $0.input = 1; $0.fileSearches = 1
        },
        Case("no price for output", [.input: 1_000], nil) {
            $0.input = 1; $0.output = 1
        },
        Case("no output from a model that has no price for it", [.input: 1_000], 1) { $0.input = 1 },
        Case("no price at all", [:], nil) { _ in },
        Case("seconds of audio", [.audioHour: 360_000_000_000], 100_000_000) { $0.audioMilliseconds = 1_000_000 },
        Case("audio that came in", [.audioHour: 1, .inputAudioHour: 3_600_000_000_000], 1_500_000_000) {
            $0.audioMilliseconds = 1_500_000
        },
        Case("tokens of a model that is priced by time", [.audioHour: 3_600_000_000_000], 1_000_000) {
            $0.audioMilliseconds = 1_000; $0.input = 5
        },
        Case("tokens alone of a model that is priced by time", [.audioHour: 3_600_000_000_000], nil) { $0.input = 5 },
        Case("time of a model that is priced by the token", [.input: 1_000, .output: 0], 5) {
            $0.audioMilliseconds = 1_000; $0.input = 5
        },
        Case("time alone of a model that is priced by the token", [.input: 1_000, .output: 0], nil) {
            $0.audioMilliseconds = 1_000
        },
        Case("pages", [.documentPage: 1_000_000, .annotatedDocumentPage: 3_000_000], 7 * 1_000 + 3 * 3_000) {
            $0.documentPages = 10; $0.annotatedPages = 3
        },
        Case("annotated pages without a rate are pages", [.documentPage: 1_000_000], 10_000) {
            $0.documentPages = 10; $0.annotatedPages = 3
        },
        Case("characters", [.inputCharacter: 15_000_000], 150_000) { $0.inputCharacters = 10 },
        Case("a price of zero is a price", [.input: 0, .output: 0], 0) {
            $0.input = 1_000; $0.output = 1_000
        },
    ]

    @Test("by cases", arguments: cases)
    func bills(example: Case) { #expect(PriceFixture.sheet(example.rates).bill(example.usage).nano == example.nano) }

    @Test("which rate is missing")
    func missing() {
        let sheet = PriceFixture.sheet([.input: 1, .output: 1])
        #expect(sheet.bill(PriceFixture.usage { $0.fileSearches = 1 }).missing == .storageSearch)
        #expect(PriceFixture.sheet([.input: 1]).bill(PriceFixture.usage { $0.output = 1 }).missing == .output)
    }

    @Test(
        "rounding is up, to nano-dollars, once",
        arguments: [(1, 1), (999, 1), (1_000, 1), (1_001, 2), (0, 0)] as [(Int64, Int64)])
    func rounding(pico: Int64, nano: Int64) {
        let sheet = PriceFixture.sheet([.input: pico, .output: pico, .cacheRead: 0])
        #expect(sheet.bill(PriceFixture.usage { $0.input = 1 }).nano == nano)
    }

    @Test("two fractions become one: half a nano-dollar of input and half of output are one")
    func roundsOnce() {
        let sheet = PriceFixture.sheet([.input: 500, .output: 500])
        #expect(
            sheet.bill(
                PriceFixture.usage {
                    $0.input = 1; $0.output = 1
                }
            ).nano == 1)
    }

    @Test("a third of a nano-dollar of audio and two of input are one")
    func roundsHoursOnce() {
        // 1 ms at 1,200,000,000 pico-dollars an hour are 333.3 pico-dollars.
        let sheet = PriceFixture.sheet([.input: 666, .output: 0, .audioHour: 1_200_000_000])
        let usage = PriceFixture.usage {
            $0.audioMilliseconds = 1; $0.input = 1
        }
        #expect(sheet.bill(usage).nano == 1)
        let more = PriceFixture.sheet([.input: 667, .output: 0, .audioHour: 1_200_000_000])
        #expect(more.bill(usage).nano == 2)
    }

    @Test("a tier is reached by more than its border, and holds for all tokens of the request")
    func tiers() {
        var card = RateCard()
        card[.input] = TieredAmount(1_000, tiers: [.init(above: 100, pico: 2_000), .init(above: 1_000, pico: 3_000)])
        card[.output] = TieredAmount(10_000, tiers: [.init(above: 100, pico: 20_000)])
        let sheet = PriceSheet(card)
        let cases: [(input: Int, nano: Int64)] = [(100, 110), (101, 222), (1_000, 2_020), (1_001, 3_023)]
        for (input, nano) in cases {
            let usage = PriceFixture.usage {
                $0.input = input
                $0.output = 1
            }
            #expect(sheet.bill(usage).nano == nano, "\(input)")
        }
    }

    @Test("what is over 9.2 billion dollars has no bill, and no arithmetic overflows on the way")
    func overflow() {
        let rates = Dictionary(uniqueKeysWithValues: Rate.allCases.map { ($0, TieredAmount.limit) })
        var usage = Usage()
        usage.input = Int(Int32.max)
        usage.output = Int(Int32.max)
        usage.audioMilliseconds = Int(Int32.max)
        usage.webSearches = Int(Int32.max)
        usage.documentPages = Int(Int32.max)
        usage.inputCharacters = Int(Int32.max)
        #expect(PriceFixture.sheet(rates).bill(usage) == .tooLarge)
        // The largest that fits.
        let sheet = PriceFixture.sheet([.input: TieredAmount.limit, .output: 0])
        #expect(sheet.bill(PriceFixture.usage { $0.input = 1_000_000 }).nano == 9_007_199_254_740_991_000)
        #expect(sheet.bill(PriceFixture.usage { $0.input = 1_100_000 }) == .tooLarge)
    }

    @Test("the sum of two requests is never less than one with both usages, which saves a rounding at most")
    func sums() {
        var draw = SeededGenerator(seed: 7)
        let sheet = PriceFixture.sheet([.input: 2_137, .output: 9_991, .cacheRead: 213, .outputReasoning: 5_003])
        for _ in 0..<1_000 {
            let (one, two) = (draw.smallUsage(), draw.smallUsage())
            var both = one
            both.input += two.input
            both.output += two.output
            both.cachedInput += two.cachedInput
            both.reasoningOutput += two.reasoningOutput
            guard let whole = sheet.bill(both).nano, let first = sheet.bill(one).nano, let second = sheet.bill(two).nano
            else { return #expect(Bool(false), "a usage without a bill") }
            #expect((0...1).contains(first + second - whole))
        }
    }

    @Test("a token more never costs less where no tier is passed")
    func monotone() {
        var draw = SeededGenerator(seed: 8)
        let sheet = PriceFixture.sheet([.input: 2_137, .output: 9_991, .cacheRead: 213, .outputReasoning: 5_003])
        for _ in 0..<1_000 {
            var usage = draw.smallUsage()
            let less = sheet.bill(usage).nano ?? .max
            if Bool.random(using: &draw) { usage.input += 1 } else { usage.output += 1 }
            #expect(sheet.bill(usage).nano ?? .min >= less)
        }
    }
}

extension SeededGenerator {
    fileprivate mutating func smallUsage() -> Usage {
        PriceFixture.usage {
            $0.input = .random(in: 0...10_000, using: &self)
            $0.cachedInput = .random(in: 0...$0.input, using: &self)
            $0.output = .random(in: 0...10_000, using: &self)
            $0.reasoningOutput = .random(in: 0...$0.output, using: &self)
        }
    }
}
