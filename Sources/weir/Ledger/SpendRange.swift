import ArgumentParser
import Foundation
import WeirStore

/// The time that a question about spend is for: a month, or from a day or moment to another, in a time zone.
struct SpendRange: ParsableArguments {
    @Option(help: ArgumentHelp("A whole month. Without a time: this month.", valueName: "yyyy-mm"))
    var month: String?
    @Option(help: ArgumentHelp("From this day's beginning, or this moment (RFC 3339).", valueName: "yyyy-mm-dd"))
    var from: String?
    @Option(help: ArgumentHelp("To this day's end, or up to this moment. Without it: to now.", valueName: "yyyy-mm-dd"))
    var to: String?
    @Option(help: ArgumentHelp("Where days and months begin, as Europe/Berlin.", valueName: "zone"))
    var timezone = "UTC"

    /// As it was asked for, for people.
    var text: String {
        let time = month ?? [from ?? "this month", to].compactMap { $0 }.joined(separator: " to ")
        return timezone == "UTC" ? time : "\(time) \(timezone)"
    }

    /// - Returns: one span, or one a day that begins in the range.
    func spans(byDay: Bool) throws -> [SpendQuestion.Span] {
        let calendar = try calendar()
        let (start, end) = try range(calendar)
        guard start < end else { throw ValidationError("--from is not before --to") }
        guard byDay else {
            return [SpendQuestion.Span(from: start.milliseconds, until: end.milliseconds)]
        }
        var spans: [SpendQuestion.Span] = []
        var day = start
        while day < end {
            guard let next = calendar.date(byAdding: .day, value: 1, to: calendar.startOfDay(for: day)) else { break }
            let parts = calendar.dateComponents([.year, .month, .day], from: day)
            let label = [parts.year, parts.month, parts.day].map { part in
                let text = String(part ?? 0)
                return text.count == 1 ? "0" + text : text
            }.joined(separator: "-")
            spans.append(
                SpendQuestion.Span(label: label, from: day.milliseconds, until: min(next, end).milliseconds))
            day = next
        }
        return spans
    }

    private func calendar() throws -> Calendar {
        guard let zone = TimeZone(identifier: timezone) else {
            throw ValidationError("\(timezone) is no time zone; write one as Europe/Berlin")
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    private func range(_ calendar: Calendar) throws -> (Date, Date) {
        if let month {
            guard from == nil, to == nil else { throw ValidationError("write --month, or --from and --to") }
            guard let start = date(month + "-01", calendar),
                let end = calendar.date(byAdding: .month, value: 1, to: start)
            else { throw ValidationError("\(month) is no month; write one as 2026-10") }
            return (start, end)
        }
        let now = Date()
        let begin = calendar.dateInterval(of: .month, for: now)?.start ?? now
        return (
            try from.map { try moment($0, calendar, isEnd: false) } ?? begin,
            try to.map { try moment($0, calendar, isEnd: true) } ?? now.addingTimeInterval(1)
        )
    }

    private func moment(_ text: String, _ calendar: Calendar, isEnd: Bool) throws -> Date {
        if let day = date(text, calendar) {
            return isEnd ? calendar.date(byAdding: .day, value: 1, to: day) ?? day : day
        }
        for style in [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)] {
            if let moment = try? style.parse(text) { return moment }
        }
        throw ValidationError("\(text) is no day or moment; write one as 2026-10-31 or 2026-10-31T12:00:00Z")
    }

    /// The beginning of a day written as 2026-10-31.
    private func date(_ text: String, _ calendar: Calendar) -> Date? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, zip(parts, [4, 2, 2]).allSatisfy({ $0.utf8.count == $1 }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        let components = DateComponents(year: year, month: month, day: day)
        guard let date = calendar.date(from: components),
            calendar.dateComponents([.year, .month, .day], from: date) == components
        else { return nil }
        return date
    }
}

extension Date {
    fileprivate var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1_000).rounded(.down)) }
}
