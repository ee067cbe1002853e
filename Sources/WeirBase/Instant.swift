/// A moment on the monotonic clock, in nanoseconds since an arbitrary origin (a driver's choice; the simulator starts at 0).
public struct Instant: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Later than every moment that a clock will show: "no deadline".
    @inlinable public static var never: Instant { Instant(nanoseconds: .max) }
    /// Before every moment that a clock will show.
    @inlinable public static var past: Instant { Instant(nanoseconds: .min) }

    @inlinable public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `span` later; `never` stays `never`, and a sum past the end of time is `never`.
    @inlinable public static func + (moment: Instant, span: TimeSpan) -> Instant {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflow || moment == .never ? .never : Instant(nanoseconds: sum)
    }

    /// The time from `earlier` to `later`; negative if they are swapped.
    @inlinable public static func - (later: Instant, earlier: Instant) -> TimeSpan {
        TimeSpan(nanoseconds: later.nanoseconds &- earlier.nanoseconds)
    }
}

/// A length of time in whole nanoseconds.
public struct TimeSpan: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable public static func nanoseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count) }
    @inlinable public static func microseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000) }
    @inlinable public static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000) }
    @inlinable public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000_000) }
    @inlinable public static var zero: TimeSpan { TimeSpan(nanoseconds: 0) }

    @inlinable public static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    @inlinable public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.nanoseconds < right.nanoseconds }
    @inlinable public var microseconds: Int64 { nanoseconds / 1_000 }
    @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
