public import WeirBase

/// How wall time is cut into a budget's windows.
public struct BudgetCalendar: Sendable {
    /// A week begins on Monday.
    public enum Period: String, Sendable, CaseIterable { case hour, day, week, month, year, life }

    public let period: Period
    /// UTC's days; zones of their own come with `TimeZoneRules`.
    public init(_ period: Period) { self.period = period }

    /// The window that a moment belongs to.
    public func window(containing moment: WallTime) -> (from: WallTime, until: WallTime) {
        let date = CivilDate(day: Int(moment.seconds >= 0 ? moment.seconds / 86_400 : (moment.seconds - 86_399) / 86_400))
        let (year, month, _) = date.parts
        switch period {
        case .life: return (WallTime(seconds: 0), .never)
        case .hour:
            let hour = moment.seconds / 3_600 * 3_600
            return (WallTime(seconds: hour), WallTime(seconds: hour + 3_600))
        case .day: return (date.start, CivilDate(day: date.day + 1).start)
        case .week:
            // 1970-01-01 was a Thursday.
            let monday = date.day - (date.day + 3) % 7
            return (CivilDate(day: monday).start, CivilDate(day: monday + 7).start)
        case .month:
            return (
                CivilDate(year: year, month: month, date: 1).start, CivilDate(year: year, month: month + 1, date: 1).start
            )
        case .year:
            return (CivilDate(year: year, month: 1, date: 1).start, CivilDate(year: year + 1, month: 1, date: 1).start)
        }
    }
}
