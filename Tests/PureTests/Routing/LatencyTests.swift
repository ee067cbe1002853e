import Testing
import WeirBase
import WeirRouting

@Suite("latency of a target") struct LatencyTests {
    @Test("measurements of one moment weigh the same, and one weighs half after each half-life")
    func halfLife() throws {
        var estimate = LatencyEstimate(halfLife: .seconds(10))
        #expect(estimate.mean == nil && !estimate.isFresh(at: dawn))
        estimate.record(.milliseconds(100), at: dawn)
        estimate.record(.milliseconds(300), at: dawn)
        #expect(try abs(#require(estimate.mean) - 200e6) < 1)
        estimate.record(.milliseconds(500), at: dawn + .seconds(10))
        // (100 + 300) / 2 + 500, of the weights 2 / 2 + 1.
        #expect(try abs(#require(estimate.mean) - 350e6) < 1)
        #expect(estimate.isFresh(at: dawn + .milliseconds(39_999)) && !estimate.isFresh(at: dawn + .seconds(40)))
    }

    @Test(
        "how far a mean has faded is exact", arguments: [0, 1, 7, 10, 25, 29])
    func fades(seconds: Int64) throws {
        var estimate = LatencyEstimate(halfLife: .seconds(10))
        estimate.record(.seconds(1), at: dawn)
        estimate.record(.seconds(2), at: dawn + .seconds(seconds))
        var share = 1.0
        for _ in 0..<seconds { share *= 0.933_032_991_536_807_4 }  // half to the power of a tenth
        #expect(try abs(#require(estimate.mean) - (share + 2) / (share + 1) * 1e9) < 5)
    }

    @Test(
        "after three half-lives of silence one measurement replaces any number of old ones",
        arguments: [30, 31, 1_000_000_000])
    func stale(seconds: Int64) {
        var estimate = LatencyEstimate(halfLife: .seconds(10))
        for _ in 0..<10_000 { estimate.record(.seconds(9), at: dawn) }
        #expect(estimate.mean == 9e9)
        estimate.record(.seconds(1), at: dawn + .seconds(seconds))
        #expect(estimate.mean == 1e9)
    }

    @Test("the mean follows a target that becomes slow, within some half-lives")
    func follows() throws {
        var estimate = LatencyEstimate(halfLife: .seconds(10))
        for second in 0..<100 { estimate.record(.milliseconds(50), at: dawn + .seconds(Int64(second))) }
        for second in 100..<140 { estimate.record(.milliseconds(800), at: dawn + .seconds(Int64(second))) }
        #expect(try #require(estimate.mean) > 0.9 * 800e6)
    }

    @Test("an attempt that was given up counts only if it waited longer than the mean")
    func givenUp() throws {
        var estimate = LatencyEstimate()
        estimate.recordAtLeast(.milliseconds(5), at: dawn)
        #expect(try #require(estimate.mean) == 5e6)
        estimate.recordAtLeast(.milliseconds(4), at: dawn)
        #expect(try #require(estimate.mean) == 5e6)
        estimate.recordAtLeast(.milliseconds(9), at: dawn)
        #expect(try #require(estimate.mean) == 7e6)
        estimate.record(.nanoseconds(-5), at: dawn + .seconds(-9))
        #expect(try #require(estimate.mean) < 7e6 && estimate.isFresh(at: dawn + .seconds(29)))
    }

    @Test("a quantile is never below the true one, and at most an eighth above", arguments: [1, 2, 3, 20, 100, 1_000])
    func quantiles(count: Int) throws {
        for seed in UInt64(0)..<40 {
            var dice = Dice(seed)
            var histogram = LatencyHistogram()
            var all: [Int64] = []
            for _ in 0..<count {
                // Evenly over the octaves from 128 microseconds to about an hour.
                let octave = Int64(1) << Int64(7 + dice.below(24))
                let microseconds = octave + Int64(dice.below(Int(octave)))
                all.append(microseconds)
                histogram.record(.microseconds(microseconds))
            }
            all.sort()
            for perMille in [1, 500, 950, 990, 1_000] {
                let exact = all[(count * perMille + 999) / 1_000 - 1]
                let found = try #require(histogram.quantile(perMille: perMille, ofAtLeast: count)).microseconds
                #expect(found > exact && found <= exact + exact / 8 + 1, "seed \(seed)")
            }
            #expect(histogram.quantile(perMille: 950, ofAtLeast: count + 1) == nil)
        }
    }

    @Test("what lies outside the buckets counts in the outermost ones, and nothing overflows")
    func extremes() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(perMille: 950, ofAtLeast: 0) == nil)
        for span in [TimeSpan.nanoseconds(.min), .zero, .nanoseconds(1), .microseconds(127)] { histogram.record(span) }
        #expect(histogram.quantile(perMille: 1_000, ofAtLeast: 1) == .microseconds(144))
        histogram.record(.nanoseconds(.max))
        #expect(histogram.quantile(perMille: 1_000, ofAtLeast: 1) == .microseconds(1 << 32))
        for _ in 0..<100_000 { histogram.record(.seconds(1)) }
        #expect(histogram.total <= LatencyHistogram.capacity)
    }

    @Test("old measurements give way: a thousand new ones decide alone")
    func forgets() throws {
        var estimate = LatencyEstimate()
        for _ in 0..<1_000 { estimate.record(.seconds(30), at: dawn) }
        #expect(try #require(estimate.p95(ofAtLeast: 50)) > .seconds(29))
        for _ in 0..<12_000 { estimate.record(.milliseconds(10), at: dawn) }
        #expect(try #require(estimate.p95(ofAtLeast: 50)) < .milliseconds(12))
    }
}
