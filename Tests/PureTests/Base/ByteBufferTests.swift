import Testing
import WeirBase

@Suite("Byte buffer") struct ByteBufferTests {
    @Test("decimal numbers are written as Swift writes them")
    func decimal() {
        var numbers = Array(0...20_000) + [.max, .min, -1, -99, -100, -101]
        var power = 1
        while true {
            numbers += [power - 1, power, power + 1, -power]
            let (next, overflows) = power.multipliedReportingOverflow(by: 10)
            guard !overflows else { break }
            power = next
        }
        var random = SystemRandomNumberGenerator()
        for shift in 0..<63 { numbers.append(Int(truncatingIfNeeded: random.next() >> UInt64(shift))) }
        for number in numbers {
            var buffer = ByteBuffer()
            buffer.append(decimal: number)
            #expect(buffer.span.text(ByteRange(start: 0, end: buffer.count)) == String(number))
        }
    }
}
