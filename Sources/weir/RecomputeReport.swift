import WeirBase
import WeirCommandLine
import WeirControl
import WeirLedger
import WeirStore

/// What `weir prices recompute` has found, as it is printed.
struct RecomputeReport: Encodable {
    /// The requests of a team and a model.
    struct Row: Encodable {
        let team: String
        let model: String
        /// Those that were billed again, and of these the ones that cost something else now.
        var requests: Int64 = 0
        var changed: Int64 = 0
        /// What they had cost, with earlier adjustments, and what they cost by these prices.
        var before_nano_usd: Int64 = 0
        var after_nano_usd: Int64 = 0
        var difference_nano_usd: Int64 { after_nano_usd &- before_nano_usd }

        private enum CodingKeys: CodingKey {
            case team, model, requests, changed, before_nano_usd, after_nano_usd, difference_nano_usd
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(team, forKey: .team)
            try container.encode(model, forKey: .model)
            try container.encode(requests, forKey: .requests)
            try container.encode(changed, forKey: .changed)
            try container.encode(before_nano_usd, forKey: .before_nano_usd)
            try container.encode(after_nano_usd, forKey: .after_nano_usd)
            try container.encode(difference_nano_usd, forKey: .difference_nano_usd)
        }
    }

    /// Requests that keep their cost, or a part of it.
    struct LeftAlone: Encodable {
        let reason: String
        let text: String
        var requests: Int64 = 0
    }

    let isDry: Bool
    /// Adjustment rows that were written.
    var recorded = 0
    private var groups: [[String]: Row] = [:]
    private var left: [Recomputation.Reason: Int64] = [:]

    init(isDry: Bool) { self.isDry = isDry }

    mutating func add(_ request: LedgerRequest, _ finding: Recomputation.Finding) {
        if let reason = finding.reason { left[reason, default: 0] += 1 }
        guard !finding.parts.isEmpty else { return }
        var row = groups[[request.team, request.model]] ?? Row(team: request.team, model: request.model)
        row.requests += 1
        if finding.parts.contains(where: { $0.before != $0.after }) { row.changed += 1 }
        for part in finding.parts {
            row.before_nano_usd = Money(nanoUSD: row.before_nano_usd).adding(part.before).nanoUSD
            row.after_nano_usd = Money(nanoUSD: row.after_nano_usd).adding(part.after).nanoUSD
        }
        groups[[request.team, request.model]] = row
    }

    /// The largest difference first, then by name.
    private var rows: [Row] {
        groups.values.sorted { left, right in
            (right.difference_nano_usd.magnitude, left.team, left.model)
                < (left.difference_nano_usd.magnitude, right.team, right.model)
        }
    }

    private var leftAlone: [LeftAlone] {
        Recomputation.Reason.allCases.compactMap { reason in
            left[reason].map { LeftAlone(reason: reason.rawValue, text: reason.text, requests: $0) }
        }
    }

    // MARK: Forms

    private enum CodingKeys: CodingKey { case dry_run, recorded, rows, left_alone }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isDry, forKey: .dry_run)
        try container.encode(recorded, forKey: .recorded)
        try container.encode(rows, forKey: .rows)
        try container.encode(leftAlone, forKey: .left_alone)
    }

    /// RFC 4180, with the names of the JSON form.
    var csv: String {
        let head = [
            "team", "model", "requests", "changed", "before_nano_usd", "after_nano_usd", "difference_nano_usd",
        ]
        let lines = rows.map { row in
            [
                csvField(row.team), csvField(row.model), "\(row.requests)", "\(row.changed)", "\(row.before_nano_usd)",
                "\(row.after_nano_usd)", "\(row.difference_nano_usd)",
            ]
        }
        return ([head] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    var lines: [String] {
        var lines: [String] = []
        if rows.isEmpty {
            lines.append("there is nothing to bill again")
        } else {
            lines += table.lines
        }
        for part in leftAlone { lines.append("left alone: \(part.requests) request(s): \(part.text)") }
        let changed = rows.reduce(0) { $0 + $1.changed }
        if isDry {
            lines.append("nothing was written: \(changed) request(s) would be adjusted")
        } else {
            lines.append("\(recorded) adjustment(s) recorded")
        }
        return lines
    }

    private var table: TextTable {
        var table = TextTable([
            ("team", .left), ("model", .left), ("requests", .right), ("changed", .right), ("before", .right),
            ("after", .right), ("difference", .right),
        ])
        var total = Row(team: "total", model: "")
        for row in rows {
            table.append(Self.cells(row))
            total.requests += row.requests
            total.changed += row.changed
            total.before_nano_usd =
                Money(nanoUSD: total.before_nano_usd).adding(Money(nanoUSD: row.before_nano_usd)).nanoUSD
            total.after_nano_usd =
                Money(nanoUSD: total.after_nano_usd).adding(Money(nanoUSD: row.after_nano_usd)).nanoUSD
        }
        table.append(Self.cells(total))
        return table
    }

    private static func cells(_ row: Row) -> [String] {
        [row.team.isEmpty ? "-" : row.team, row.model, "\(row.requests)", "\(row.changed)"]
            + [row.before_nano_usd, row.after_nano_usd, row.difference_nano_usd].map {
                alignedMoney(Money(nanoUSD: $0))
            }
    }
}
