public import WeirBase

/// How long a budget's window lasts. Windows follow the calendar of a time zone, and a week begins on Monday (ISO 8601).
public enum BudgetPeriod: String, Sendable, CaseIterable {
    case life, hour, day, week, month, year

    /// The window that contains `moment`. Windows tile time: each begins where the one before ends.
    ///
    /// A day, and all that is made of days, begins at the first moment at which the zone's clocks show its date or a later one: where midnight
    /// is skipped that is the jump, where it comes twice the first one, and a date that is skipped whole has no window. An hour begins where the
    /// clocks show a full one, and where they jump by less than an hour.
    public func window(containing moment: WallTime, in zone: TimeZoneRules) -> BudgetSpan {
        let second = moment.seconds
        switch self {
        case .life: return BudgetSpan(from: .earliest, until: .never)
        case .hour: return hour(containing: second, in: zone)
        case .day, .week, .month, .year: break
        }
        var date = first(of: zone.date(at: second))
        var next = following(date)
        // After clocks went back over midnight they show a date whose window has already ended.
        while zone.start(of: next) <= second { (date, next) = (next, following(next)) }
        return BudgetSpan(from: WallTime(seconds: zone.start(of: date)), until: WallTime(seconds: zone.start(of: next)))
    }

    private func first(of date: CivilDate) -> CivilDate {
        let parts = date.parts
        switch self {
        case .week: return CivilDate(day: date.day - ((date.day + 3) % 7 + 7) % 7)  // 1970-01-01 was a Thursday
        case .month: return CivilDate(year: parts.year, month: parts.month, date: 1)
        case .year: return CivilDate(year: parts.year, month: 1, date: 1)
        case .life, .hour, .day: return date
        }
    }

    private func following(_ first: CivilDate) -> CivilDate {
        let parts = first.parts
        switch self {
        case .week: return CivilDate(day: first.day + 7)
        case .month: return CivilDate(year: parts.year, month: parts.month + 1, date: 1)
        case .year: return CivilDate(year: parts.year + 1, month: 1, date: 1)
        case .life, .hour, .day: return CivilDate(day: first.day + 1)
        }
    }

    private func hour(containing second: Int64, in zone: TimeZoneRules) -> BudgetSpan {
        let span = zone.span(at: second)
        let local = second + Int64(span.offset)
        var from = second - (local % 3_600 + 3_600) % 3_600
        var until = from + 3_600
        if from < span.from, (zone.span(at: span.from - 1).offset - span.offset) % 3_600 != 0 { from = span.from }
        if until > span.until, (zone.span(at: span.until).offset - span.offset) % 3_600 != 0 { until = span.until }
        return BudgetSpan(from: WallTime(seconds: from), until: WallTime(seconds: until))
    }
}

/// From `from` on, before `until`.
public struct BudgetSpan: Hashable, Sendable {
    public let from: WallTime
    public let until: WallTime

    public init(from: WallTime, until: WallTime) {
        self.from = from
        self.until = until
    }
}

extension WallTime {
    /// Before every moment that a clock will show.
    static var earliest: WallTime { WallTime(nanoseconds: .min) }
}
