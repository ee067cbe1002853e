internal import WeirBase

/// What the clocks of a time zone show at any moment: a table of changes, and after its last one a yearly rule for all time.
public struct TimeZoneRules: Sendable {
    /// Seconds since 1970, rising; `offsets[i]` holds from `changes[i]` on.
    let changes: [Int64]
    let offsets: [Int32]
    /// Before the first change.
    let firstOffset: Int
    /// After the last change; without one its offset stays.
    let rule: YearlyRule?

    /// UTC, for which no file is needed.
    public static let utc = TimeZoneRules(changes: [], offsets: [], firstOffset: 0, rule: nil)

    /// - Precondition: `changes` rises and each has its offset.
    init(changes: [Int64], offsets: [Int32], firstOffset: Int, rule: YearlyRule?) {
        precondition(changes.count == offsets.count)
        self.changes = changes
        self.offsets = offsets
        self.firstOffset = firstOffset
        self.rule = rule
    }

    /// The offset in force at `second`, and how long it is.
    func span(at second: Int64) -> OffsetSpan {
        // The first change after `second`.
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= second { low = middle + 1 } else { high = middle }
        }
        if low == changes.count, let rule {
            let span = rule.span(at: second)
            return OffsetSpan(offset: span.offset, from: max(span.from, changes.last ?? .min), until: span.until)
        }
        return OffsetSpan(
            offset: low == 0 ? firstOffset : Int(offsets[low - 1]),
            from: low == 0 ? .min : changes[low - 1],
            until: low == changes.count ? .max : changes[low])
    }

    /// The date that the clocks show at `second`.
    func date(at second: Int64) -> CivilDate {
        let local = second + Int64(span(at: second).offset)
        return CivilDate(day: Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400))
    }

    /// The first second at which the clocks show `date` or a later one.
    func start(of date: CivilDate) -> Int64 {
        let midnight = Int64(date.day) * 86_400
        // No clock is ahead by more than `offsetLimit`: before this moment none shows the date.
        var current = span(at: midnight - Int64(Self.offsetLimit))
        while true {
            let start = max(current.from, midnight - Int64(current.offset))
            if start < current.until { return start }
            current = span(at: current.until)
        }
    }

    /// RFC 9636, section 3.2: offsets are within 25 h behind and 26 h ahead of UTC.
    static let offsetLimit = 26 * 3_600
}

/// Clocks are ahead of UTC by `offset` seconds from `from` on, before `until` (seconds since 1970).
struct OffsetSpan: Equatable {
    let offset: Int
    let from: Int64
    let until: Int64
}
