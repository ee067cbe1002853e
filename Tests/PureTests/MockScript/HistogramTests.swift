import Testing
import WeirLoad

@Suite("Latency histogram") struct HistogramTests {
    @Test(
        "quantiles are off by less than 0.8 %", arguments: [1, 127, 128, 129, 255, 256, 1_000, 123_456, 9_876_543_210])
    func precision(value: Int64) {
        var histogram = Histogram()
        histogram.record(value)
        histogram.record(1 << 40)
        let found = histogram.value(at: 0.5)
        #expect(found >= value)
        #expect(Double(found - value) <= Double(value) * 0.008)
    }

    @Test("quantiles, mean and maximum of 1 to 1,000 us")
    func quantiles() {
        var histogram = Histogram()
        for microseconds in 1...1_000 { histogram.record(Int64(microseconds) * 1_000) }
        #expect(abs(Double(histogram.value(at: 0.5)) - 500_000) < 4_000)
        #expect(abs(Double(histogram.value(at: 0.99)) - 990_000) < 8_000)
        #expect(histogram.value(at: 1) == 1_000_000)
        #expect(histogram.max == 1_000_000)
        #expect(histogram.mean == 500_500)
    }

    @Test("merging gives what one histogram of all would have")
    func merging() {
        var (left, right, all) = (Histogram(), Histogram(), Histogram())
        for value in Int64(1)...2_000 {
            if value % 3 == 0 { left.record(value * value) } else { right.record(value * value) }
            all.record(value * value)
        }
        left.merge(right)
        #expect(left.count == all.count && left.max == all.max && left.mean == all.mean)
        for quantile in [0.01, 0.5, 0.9, 0.999] { #expect(left.value(at: quantile) == all.value(at: quantile)) }
    }

    @Test("nothing recorded, negative and endless spans")
    func extremes() {
        var histogram = Histogram()
        #expect(histogram.value(at: 0.5) == 0 && histogram.mean == 0)
        histogram.record(-5)
        #expect(histogram.value(at: 1) == 0)
        histogram.record(.max / 2)
        #expect(histogram.value(at: 1) > 0)
    }
}
