import Foundation
import Testing
import WeirBase

@testable import WeirBudget

/// Zone files and what Python's zoneinfo makes of them: `Tests/Fixtures/zones/window_borders.py` writes both.
enum Zones {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../Fixtures/zones")

    static func file(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name.replacing("/", with: "-"))))
    }

    static func rules(_ name: String) throws -> TimeZoneRules {
        let bytes = try file(name)
        return try TimeZoneRules(file: bytes.span)
    }

    struct Line {
        let zone: String
        let period: BudgetPeriod
        let moment: Int64
        let from: Int64
        let until: Int64
    }

    static func borders() throws -> [Line] {
        let text = try String(contentsOf: folder.appending(path: "window-borders.txt"), encoding: .utf8)
        var lines: [Line] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            let period = try #require(BudgetPeriod(rawValue: String(parts[1])))
            let numbers = parts[2...].compactMap { Int64($0) }
            try #require(numbers.count == 3)
            lines.append(
                Line(zone: String(parts[0]), period: period, moment: numbers[0], from: numbers[1], until: numbers[2]))
        }
        return lines
    }
}

@Suite("windows of budgets") struct BudgetPeriodTests {
    private func window(_ period: BudgetPeriod, _ second: Int64, _ zone: TimeZoneRules) -> [Int64] {
        let span = period.window(containing: WallTime(seconds: second), in: zone)
        return [span.from.seconds, span.until.seconds]
    }

    @Test("borders are those of Python's zoneinfo, about every change of twenty zones")
    func borders() throws {
        let lines = try Zones.borders()
        #expect(lines.count > 3_000)
        var zones: [String: TimeZoneRules] = [:]
        for line in lines {
            if zones[line.zone] == nil { zones[line.zone] = try Zones.rules(line.zone) }
            let rules = try #require(zones[line.zone])
            #expect(
                window(line.period, line.moment, rules) == [line.from, line.until],
                "\(line.zone) \(line.period) \(line.moment)")
        }
    }

    @Test("windows tile time: each begins where the one before ends", arguments: BudgetPeriod.allCases)
    func tiles(period: BudgetPeriod) throws {
        guard period != .life else { return }
        let zones = Set(try Zones.borders().map(\.zone))
        #expect(zones.count == 20)
        for zone in zones {
            let rules = try Zones.rules(zone)
            // 2011 has Samoa's skipped day; years that far on are in the rules of the footers.
            for start: Int64 in [1_293_840_000, 1_514_764_800, 3_786_912_000] {
                var moment = WallTime(seconds: start)
                let count = period == .hour ? 9_000 : 400
                for _ in 0..<count where moment < WallTime(seconds: 7_000_000_000) {
                    let span = period.window(containing: moment, in: rules)
                    let last = WallTime(nanoseconds: span.until.nanoseconds - 1)
                    guard span.from <= moment, moment < span.until, period.window(containing: last, in: rules) == span
                    else {
                        Issue.record("\(zone) \(period) \(moment.seconds): \(span)")
                        break
                    }
                    if moment != WallTime(seconds: start) { #expect(span.from == moment, "\(zone) \(period)") }
                    moment = span.until
                }
            }
        }
    }

    @Test("days have 23, 25 and other numbers of hours")
    func lengths() throws {
        let cases: [(zone: String, moment: Int64, hours: Double)] = [
            ("Europe/Berlin", 1_774_742_400, 23),  // 2026-03-29
            ("Europe/Berlin", 1_792_886_400, 25),  // 2026-10-25
            ("America/Sao_Paulo", 1_541_300_400, 23),  // 2018-11-04 begins at 01:00
            ("America/Sao_Paulo", 1_518_919_200, 25),  // 2018-02-17 has 23:00 twice
            ("Australia/Lord_Howe", 1_759_586_400, 23.5),  // 2025-10-05
        ]
        for (zone, moment, hours) in cases {
            let span = window(.day, moment, try Zones.rules(zone))
            #expect(Double(span[1] - span[0]) / 3_600 == hours, "\(zone) \(moment)")
        }
    }

    @Test("an hour is sixty minutes, also the one that comes twice, and less only where clocks jump by less")
    func hours() throws {
        let berlin = try Zones.rules("Europe/Berlin")
        let back: Int64 = 1_792_890_000  // 2026-10-25T01:00Z: 03:00 becomes 02:00
        #expect(window(.hour, back - 1, berlin) == [back - 3_600, back])
        #expect(window(.hour, back, berlin) == [back, back + 3_600])
        let kolkata = try Zones.rules("Asia/Kolkata")
        #expect(window(.hour, 1_800_000_000, kolkata) == [1_799_998_200, 1_800_001_800])
        let lordHowe = try Zones.rules("Australia/Lord_Howe")
        let spring: Int64 = 1_759_591_800  // 2025-10-05T02:00+10:30 becomes 02:30
        #expect(window(.hour, spring, lordHowe) == [spring, spring + 1_800])
        #expect(window(.hour, spring - 1, lordHowe) == [spring - 3_600, spring])
    }

    @Test("weeks begin on Monday, before 1970 too")
    func weeks() {
        #expect(window(.week, 0, .utc) == [-3 * 86_400, 4 * 86_400])
        #expect(window(.week, -4 * 86_400, .utc) == [-10 * 86_400, -3 * 86_400])
    }

    @Test(
        "a life has no end, and no moment that a clock can show is too early or too late",
        arguments: BudgetPeriod.allCases)
    func extremes(period: BudgetPeriod) throws {
        let zone = try Zones.rules("Europe/Berlin")
        for moment: Int64 in [.min, .min + 1, -1, 0, .max - 1] {
            let span = period.window(containing: WallTime(nanoseconds: moment), in: zone)
            #expect(span.from.nanoseconds <= moment && moment < span.until.nanoseconds)
        }
    }
}
