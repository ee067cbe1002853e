import WeirBase
import WeirCommandLine
import WeirControl
import WeirLedger
import WeirStore

/// What `weir prices recompute` has found.
struct RecomputeReport {
    /// The requests of a team and a model.
    private struct Row {
        let team: String
        let model: String
        /// Those that were billed again, and of these the ones that cost something else now.
        var requests: Int64 = 0
        var changed: Int64 = 0
        /// What they had cost, with earlier adjustments, and what they cost by these prices.
        var before = Money.zero
        var after = Money.zero
        var difference: Money { Money(nanoUSD: after.nanoUSD &- before.nanoUSD) }

        mutating func add(before: Money, after: Money) {
            self.before = self.before.adding(before)
            self.after = self.after.adding(after)
        }
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
        for part in finding.parts { row.add(before: part.before, after: part.after) }
        groups[[request.team, request.model]] = row
    }

    /// The largest difference first, then by name.
    private var rows: [Row] {
        groups.values.sorted { left, right in
            (right.difference.nanoUSD.magnitude, left.team, left.model)
                < (left.difference.nanoUSD.magnitude, right.team, right.model)
        }
    }

    private var leftAlone: [(reason: Recomputation.Reason, requests: Int64)] {
        Recomputation.Reason.allCases.compactMap { reason in left[reason].map { (reason, $0) } }
    }

    // MARK: Forms

    /// For programs.
    struct JSON: Encodable {
        struct Row: Encodable {
            let team: String
            let model: String
            let requests: Int64
            let changed: Int64
            let before_nano_usd: Int64
            let after_nano_usd: Int64
            let difference_nano_usd: Int64
        }

        /// Requests that keep their cost, or a part of it.
        struct LeftAlone: Encodable {
            let reason: String
            let text: String
            let requests: Int64
        }

        let dry_run: Bool
        let recorded: Int
        let rows: [Row]
        let left_alone: [LeftAlone]
    }

    var json: JSON {
        JSON(
            dry_run: isDry, recorded: recorded,
            rows: rows.map {
                JSON.Row(
                    team: $0.team, model: $0.model, requests: $0.requests, changed: $0.changed,
                    before_nano_usd: $0.before.nanoUSD, after_nano_usd: $0.after.nanoUSD,
                    difference_nano_usd: $0.difference.nanoUSD)
            },
            left_alone: leftAlone.map {
                JSON.LeftAlone(reason: $0.reason.rawValue, text: $0.reason.text, requests: $0.requests)
            })
    }

    /// With the names of the JSON form.
    var csv: String {
        let head = [
            "team", "model", "requests", "changed", "before_nano_usd", "after_nano_usd", "difference_nano_usd",
        ]
        return csvText(
            [head]
                + rows.map { row in
                    [row.team, row.model, "\(row.requests)", "\(row.changed)"]
                        + [row.before, row.after, row.difference].map { "\($0.nanoUSD)" }
                })
    }

    var lines: [String] {
        var lines = rows.isEmpty ? ["there is nothing to bill again"] : table.lines
        for part in leftAlone { lines.append("left alone: \(part.requests) request(s): \(part.reason.text)") }
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
            total.add(before: row.before, after: row.after)
        }
        table.append(Self.cells(total))
        return table
    }

    private static func cells(_ row: Row) -> [String] {
        [row.team.isEmpty ? "-" : row.team, row.model, "\(row.requests)", "\(row.changed)"]
            + [row.before, row.after, row.difference].map(alignedMoney)
    }
}
