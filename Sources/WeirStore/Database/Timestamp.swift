/// Moments as text, in UTC (RFC 3339).
public enum Timestamp {
    /// `2026-10-15T12:00:00.123Z`.
    public static func text(unixMilliseconds: Int64) -> String {
        let day = unixMilliseconds.floored(by: 86_400_000)
        let rest = unixMilliseconds - day * 86_400_000
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { digits($0, 2) }
        return "\(date(daysSince1970: day))T\(time.joined(separator: ":")).\(digits(rest % 1_000, 3))Z"
    }

    /// `2026-10-15`.
    public static func date(daysSince1970: Int64) -> String {
        let date = CivilDate(daysSince1970: daysSince1970)
        return "\(digits(Int64(date.year), 4))-\(digits(Int64(date.month), 2))-\(digits(Int64(date.day), 2))"
    }

    private static func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
