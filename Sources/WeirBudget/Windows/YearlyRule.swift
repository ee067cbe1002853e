internal import WeirBase

/// Daylight saving by a rule that comes back every year, or none of it: what the footer of a zone file says (RFC 9636, section 3.3.1).
struct YearlyRule: Sendable, Equatable {
    struct Daylight: Sendable, Equatable {
        let offset: Int
        let starts: Change
        let ends: Change
    }

    /// Seconds ahead of UTC.
    let standard: Int
    let daylight: Daylight?

    /// A moment of each year, by the clocks as they are before it.
    struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// `Mm.w.d`: the `week`-th (5: the last) `weekday` (0: Sunday) of `month`.
            case weekday(month: Int, week: Int, weekday: Int)
            /// `Jn`, 1 to 365: 29 February is not counted.
            case common(Int)
            /// `n`, 0 to 365: 29 February is counted.
            case ordinal(Int)
        }

        let day: Day
        /// Seconds after midnight, -167 to 167 hours.
        let time: Int

        /// By the zone's own clocks, as if they were UTC.
        func local(in year: Int) -> Int64 { Int64(date(in: year)) * 86_400 + Int64(time) }

        /// Days since 1970.
        private func date(in year: Int) -> Int {
            switch day {
            case .weekday(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, date: 1).day
                let next = CivilDate(year: year, month: month + 1, date: 1).day
                // 1970-01-01 was a Thursday.
                let date = first + ((weekday - (first + 4)) % 7 + 7) % 7 + 7 * (week - 1)
                return date < next ? date : date - 7
            case .common(let day):
                let isAfterLeapDay = day >= 60 && CivilDate(year: year, month: 2, date: 29).parts.month == 2
                return CivilDate(year: year, month: 1, date: 1).day + day - 1 + (isAfterLeapDay ? 1 : 0)
            case .ordinal(let day):
                return CivilDate(year: year, month: 1, date: 1).day + day
            }
        }
    }

    /// The offset in force at `second` (since 1970), and how long it is.
    func span(at second: Int64) -> OffsetSpan {
        guard let daylight else { return OffsetSpan(offset: standard, from: .min, until: .max) }
        let local = second + Int64(standard)
        let day = CivilDate(day: Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400))
        let changes = changes(around: day.parts.year, daylight)
        let next = changes.firstIndex { $0.at > second } ?? changes.count
        return OffsetSpan(
            offset: next == 0 ? standard : changes[next - 1].offset,
            from: next == 0 ? .min : changes[next - 1].at,
            until: next == changes.count ? .max : changes[next].at)
    }

    /// The changes of some years about `year`, in order: a time of over a day moves one into the next year or the last.
    private func changes(around year: Int, _ daylight: Daylight) -> [(at: Int64, offset: Int)] {
        var changes: [(at: Int64, offset: Int)] = []
        for each in year - 2...year + 2 {
            let starts = (at: daylight.starts.local(in: each) - Int64(standard), offset: daylight.offset)
            let ends = (at: daylight.ends.local(in: each) - Int64(daylight.offset), offset: standard)
            for change in starts.at <= ends.at ? [starts, ends] : [ends, starts] {
                // Daylight saving all year round ends where it begins again: that is no change.
                while let last = changes.last, last.at >= change.at { changes.removeLast() }
                if changes.last?.offset != change.offset { changes.append(change) }
            }
        }
        return changes
    }
}
