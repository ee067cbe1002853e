internal import GRDB
import WeirBase

/// A calendar month in UTC: each has a table of request rows of its own, so that retention drops a table and old months stay untouched.
struct Month: Hashable, Comparable, Sendable {
    /// 202610.
    let number: Int

    init(number: Int) { self.number = number }

    /// The month in which a request came.
    init(of request: RequestID) { self.init(unixMilliseconds: request.unixMilliseconds) }

    init(unixMilliseconds: Int64) {
        let date = CivilDate(daysSince1970: unixMilliseconds.floored(by: 86_400_000))
        number = date.year * 100 + date.month
    }

    static func < (left: Month, right: Month) -> Bool { left.number < right.number }

    /// The first millisecond of the month.
    var start: Int64 {
        CivilDate(year: number / 100, month: number % 100, day: 1).daysSince1970 * 86_400_000
    }

    var next: Month { number % 100 == 12 ? Month(number: number + 89) : Month(number: number + 1) }

    /// The ids of requests of this month.
    var ids: Range<Int64> { RequestID(firstAt: start).value..<RequestID(firstAt: next.start).value }

    var table: String { "request_\(number)" }

    /// Makes the table. A request is one row with its attempts packed in (`AttemptRecord.append`): nearly all have one, and an
    /// attempts table would double the inserts.
    func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS \(table) (
                    id INTEGER PRIMARY KEY,
                    team INTEGER NOT NULL, key INTEGER NOT NULL, model INTEGER NOT NULL, tags INTEGER NOT NULL,
                    status INTEGER NOT NULL,
                    nano_usd INTEGER NOT NULL, estimated_nano_usd INTEGER NOT NULL, held_nano_usd INTEGER NOT NULL,
                    duration_us INTEGER NOT NULL,
                    attempts BLOB NOT NULL)
                """)
        try db.execute(sql: "INSERT OR IGNORE INTO month VALUES (?)", arguments: [number])
    }

    static func all(_ db: Database) throws -> [Month] {
        try Int.fetchAll(db, sql: "SELECT month FROM month ORDER BY month").map(Month.init(number:))
    }
}

/// A date of the Gregorian calendar and its day number, in both directions (Howard Hinnant, "chrono-compatible low-level date algorithms").
struct CivilDate: Hashable, Sendable {
    let year: Int
    let month: Int
    let day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSince1970: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = shiftedYear.floored(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    /// Divided, towards negative infinity.
    func floored(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
