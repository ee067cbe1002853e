import Testing
import WeirBase

@testable import WeirBudget

/// A zone file of version 2 with the given changes and footer.
private func zoneFile(
    changes: [(at: Int64, type: UInt8)] = [], offsets: [Int32] = [0], footer: String = "", version: Character = "2",
    leaps: UInt32 = 0
) -> [UInt8] {
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    func header(_ times: Int, _ types: Int, _ leaps: UInt32) -> [UInt8] {
        Array("TZif\(version)".utf8) + [UInt8](repeating: 0, count: 15) + bytes(UInt32(0)) + bytes(UInt32(0))
            + bytes(leaps) + bytes(UInt32(times)) + bytes(UInt32(types)) + bytes(UInt32(4))
    }
    var file = header(0, 1, 0) + [UInt8](repeating: 0, count: 6 + 4)
    file += header(changes.count, offsets.count, leaps)
    for change in changes { file += bytes(change.at) }
    file += changes.map(\.type)
    for offset in offsets { file += bytes(offset) + [0, 0] }
    file += [UInt8](repeating: 0, count: 4 + 12 * Int(leaps)) + Array("\n\(footer)\n".utf8)
    return file
}

private func rules(footer: String) throws(TimeZoneError) -> TimeZoneRules {
    try TimeZoneRules(file: zoneFile(footer: footer).span)
}

@Suite("time zone files (RFC 9636)") struct TimeZoneRulesTests {
    @Test("after the table the footer's rule holds")
    func footerAfterTable() throws {
        let file = zoneFile(changes: [(at: 100, type: 1)], offsets: [600, 3_600], footer: "CET-1CEST,M3.5.0,M10.5.0/3")
        let rules = try TimeZoneRules(file: file.span)
        #expect(rules.span(at: 99) == OffsetSpan(offset: 600, from: .min, until: 100))
        #expect(rules.span(at: 100).offset == 3_600)
        #expect(rules.span(at: 100).from == 100)
        #expect(rules.span(at: 1_782_000_000) == OffsetSpan(offset: 7_200, from: 1_774_746_000, until: 1_792_890_000))
    }

    @Test("without a footer the last offset stays")
    func noFooter() throws {
        let rules = try TimeZoneRules(file: zoneFile(changes: [(at: 100, type: 0)], offsets: [-600]).span)
        #expect(rules.span(at: 101) == OffsetSpan(offset: -600, from: 100, until: .max))
    }

    static let footers: [(footer: String, at: Int64, offset: Int, until: Int64)] = [
        ("<+0330>-3:30", 0, 12_600, .max),
        ("EST5", 0, -18_000, .max),
        ("XXX-1:02:03", 0, 3_723, .max),
        // 29 February is counted by `n` and not by `Jn`: both are 1 March 2028 (a leap year) here.
        ("AAA0BBB,J60/0,J300/0", 1_835_481_599, 0, 1_835_481_600),
        ("AAA0BBB,60/0,300/0", 1_835_481_599, 0, 1_835_481_600),
        // The southern half of the world begins the year in summer.
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_767_225_600, 39_600, 1_775_318_400),
        // Nuuk: on Saturday at 22:00, written as Sunday at -2.
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_782_000_000, -3_600, 1_792_890_000),
        // Times of over a day: the Thursday after the fourth Thursday's day begins (Gaza's old rule).
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", 1_774_648_800 - 1, 7_200, 1_774_656_000),
        // Daylight saving all year round (RFC 9636, section 3.3.1).
        ("XXX3EDT4,0/0,J365/23", 1_782_000_000, -14_400, .max),
    ]

    @Test("forms of the footer", arguments: footers)
    func forms(footer: String, at: Int64, offset: Int, until: Int64) throws {
        let span = try rules(footer: footer).span(at: at)
        #expect(span.offset == offset)
        // Where one rule has no end, the years looked at do.
        #expect(until == .max ? span.until > at + 86_400 * 300 : span.until == until)
    }

    @Test(
        "a malformed footer is refused",
        arguments: [
            "A0", "AB0", "ABC", "ABC25", "ABC-", "<AB0", "<+01>", "ABC0DEF", "ABC0DEF,M3.5.0",
            "ABC0DEF,M13.1.0,M10.5.0",
            "ABC0DEF,M0.1.0,M10.5.0", "ABC0DEF,M3.6.0,M10.5.0", "ABC0DEF,M3.5.7,M10.5.0", "ABC0DEF,J0,J1",
            "ABC0DEF,J366,J1",
            "ABC0DEF,366,1", "ABC0DEF,M3.5.0/168,M10.5.0", "ABC0DEF,M3.5.0,M10.5.0,", "ABC0:60", "ABC0:0:60",
            "ABC1DEF2,M3.5,M10.5.0",
            "ABC0DEF,M3.5.0/,M10.5.0", "ABC99999999999999999999",
        ])
    func badFooter(footer: String) {
        #expect(throws: TimeZoneError.self) { try rules(footer: footer) }
    }

    @Test("what contradicts itself is refused")
    func contradictions() {
        let tooOld = zoneFile(version: "\0")
        #expect(throws: TimeZoneError.versionTooOld) { try TimeZoneRules(file: tooOld.span) }
        let leaps = zoneFile(leaps: 1)
        #expect(throws: TimeZoneError.countsLeapSeconds) { try TimeZoneRules(file: leaps.span) }
        for file in [
            zoneFile(offsets: []), zoneFile(offsets: [93_601]), zoneFile(offsets: [.min]),
            zoneFile(changes: [(at: 5, type: 0), (at: 5, type: 0)]), zoneFile(changes: [(at: 5, type: 1)]),
        ] {
            #expect(throws: TimeZoneError.self) { try TimeZoneRules(file: file.span) }
        }
        let large = [UInt8](repeating: 0, count: TimeZoneRules.fileLimit + 1)
        #expect(throws: TimeZoneError.fileTooLarge) { try TimeZoneRules(file: large.span) }
    }

    @Test("a file cut at any byte is refused, and any changed byte is read or refused")
    func damage() throws {
        let file = try Zones.file("Europe/Berlin")
        for end in 0..<file.count {
            #expect(throws: TimeZoneError.self) { try TimeZoneRules(file: Array(file[..<end]).span) }
        }
        var refused = 0
        for at in file.indices {
            for value: UInt8 in [0, 0x7F, 0xFF] {
                var changed = file
                changed[at] = value
                do {
                    let rules = try TimeZoneRules(file: changed.span)
                    for moment: Int64 in [-5_000_000_000, 1_800_000_000, 7_000_000_000] {
                        let span = BudgetPeriod.day.window(containing: WallTime(seconds: moment), in: rules)
                        #expect(span.from.seconds <= moment && moment < span.until.seconds)
                    }
                } catch { refused += 1 }
            }
        }
        #expect(refused > 100)
    }
}
