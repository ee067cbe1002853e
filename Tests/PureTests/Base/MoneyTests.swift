import Testing
import WeirBase

@Suite("money") struct MoneyTests {
    static let texts: [(text: String, nano: Int64?)] = [
        ("$500", 500_000_000_000), ("0.01", 10_000_000), ("$0.000000001", 1), ("$12.5", 12_500_000_000),
        ("9223372036.854775807", .max), ("9223372036.854775808", nil), ("$", nil), ("", nil), ("$-1", nil),
        ("1e3", nil),
        ("0.0000000001", nil), ("1.", nil), (".5", nil), ("1,000", nil), ("1.2.3", nil), ("$$1", nil), ("0", 0),
        ("99999999999999999999", nil),
    ]
    @Test("is read exactly or not at all", arguments: texts) func reads(text: String, nano: Int64?) {
        #expect(Money(text)?.nanoUSD == nano)
    }

    @Test(
        "is written with the decimals that it has",
        arguments: [
            (0, "$0.00"), (1, "$0.000000001"), (10_000_000, "$0.01"), (1_500_000_000, "$1.50"),
            (-3_000_000_000, "-$3.00"), (.min, "-$9223372036.854775808"),
        ] as [(Int64, String)])
    func writes(nano: Int64, text: String) {
        #expect(Money(nanoUSD: nano).description == text)
        if nano >= 0 { #expect(Money(text) == Money(nanoUSD: nano)) }
    }
}

@Suite("wall time and dates") struct WallTimeTests {
    static let moments: [(text: String, seconds: Int64?)] = [
        ("1970-01-01", 0), ("2026-11-25", 1_795_564_800), ("2026-11-25T03:40:00Z", 1_795_578_000),
        ("2026-11-25t03:40:00.25z", 1_795_578_000), ("2026-11-25T03:40:00+01:00", 1_795_574_400),
        ("2026-11-25T03:40:00-03:30", 1_795_590_600), ("2024-02-29", 1_709_164_800), ("2023-02-29", nil),
        ("2026-13-01", nil), ("2026-00-01", nil), ("2026-11-31", nil), ("2026-11-25T24:00:00Z", nil),
        ("2026-11-25T03:40:60Z", nil), ("2026-11-25T03:40:00", nil), ("2026-11-25 03:40:00Z", nil),
        ("2026-11-25T03:40:00.Z", nil), ("2026-11-25T03:40:00+1:00", nil), ("1969-12-31", nil), ("26-11-25", nil),
    ]
    @Test("is read from RFC 3339", arguments: moments) func reads(text: String, seconds: Int64?) {
        #expect(WallTime(text)?.seconds == seconds)
    }

    @Test("days count from 1970 without a gap") func days() {
        var expected = (year: 1970, month: 1, date: 1)
        for day in 0..<90_000 {
            let date = CivilDate(day: day)
            #expect(date.parts == expected)
            #expect(CivilDate(year: expected.year, month: expected.month, date: expected.date) == date)
            let isLeap = expected.year % 4 == 0 && (expected.year % 100 != 0 || expected.year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            expected.date += 1
            if expected.date > lengths[expected.month - 1] { expected = (expected.year, expected.month + 1, 1) }
            if expected.month > 12 { expected = (expected.year + 1, 1, 1) }
        }
        #expect(CivilDate(year: 2026, month: 13, date: 1) == CivilDate(year: 2027, month: 1, date: 1))
        #expect(WallTime(seconds: -1).description == "1969-12-31T23:59:59Z")
        #expect(WallTime("2026-11-25T03:40:07Z")?.description == "2026-11-25T03:40:07Z")
    }
}

@Suite("request ids") struct RequestIDTests {
    @Test("are read as they are written, and say their time") func texts() {
        var ids = RequestIDs(node: 700)
        var last = RequestID(value: 0)
        for step in 0..<10_000 {
            // The clock goes back every now and then.
            let clock = Int64(1_795_578_000_000 + step / 3 - (step % 100 == 99 ? 5_000 : 0)) * 1_000_000
            let id = ids.next(wallClock: clock)
            #expect(id > last)
            #expect(RequestID(id.description) == id)
            last = id
        }
        #expect(abs(last.unixMilliseconds - 1_795_578_003_333) <= 1)
        #expect(RequestID(firstAt: last.unixMilliseconds) <= last)
        #expect(RequestID(firstAt: last.unixMilliseconds + 1) > last)
        var later = RequestIDs(node: 700, after: last)
        let next = later.next(wallClock: 0)
        #expect(next > last)
        for text in ["", "0", "0000000000000000", "zzzzzzzzzzzzz", "000000000000i", "00000000000 0"] {
            #expect(RequestID(text) == nil, "\(text)")
        }
    }
}

@Suite("a published value") struct PublishedTests {
    @Test("a subscriber sees what was published before it looks") func latest() {
        let published = Published(1)
        var reader = Subscription(published)
        var seen = [reader.latest()]
        published.publish(2)
        seen.append(reader.latest())
        published.update { $0 + 5 }
        seen.append(reader.latest())
        #expect(seen == [1, 2, 7] && published.load() == 7)
    }
}
