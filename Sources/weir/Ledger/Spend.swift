import ArgumentParser
import WeirBase
import WeirCommandLine
import WeirConfig
import WeirLedger
import WeirStore
import WeirWire

/// `weir spend`: who spent what, to the nano-dollar.
struct Spend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what was spent, by team, model, day and more.",
        discussion: """
            Counts every request that is over, also while a gateway runs: a request whose answer the client has read whole is in it. A request counts
            where it began; its cost is exact to the nano-dollar, and of that, "estimated" is what no provider has confirmed.

            Examples:
              weir spend                                               this month, by team
              weir spend --by team,model --month 2026-10
              weir spend --by day --from 2026-10-01 --to 2026-10-07 --timezone Europe/Berlin
              weir spend --by tag:feature --month 2026-10 --csv
            """)

    @OptionGroup var options: ConfigurationOption
    @Option(help: ArgumentHelp("Columns: team, key, model, provider, day, tag:NAME.", valueName: "columns"))
    var by = "team"
    @OptionGroup var range: SpendRange
    @Flag(help: "Print JSON, for programs.") var json = false
    @Flag(help: "Print CSV, for spreadsheets.") var csv = false

    func validate() throws {
        if json && csv { throw ValidationError("write --json or --csv") }
        _ = try columns()
    }

    func run() throws {
        let columns = try columns()
        let question = SpendQuestion(by: columns, spans: try range.spans(byDay: columns.contains(.day)))
        let reader = try openLedger(options)
        let rows = try asking { () throws(StoreError) in try reader.spend(question) }
        if json { return printLine(Spend.json(rows, columns)) }
        if csv { return print(Spend.csv(rows, columns), terminator: "") }
        for line in Spend.table(rows, columns) { print(line) }
    }

    private func columns() throws -> [SpendColumn] {
        let columns = try by.split(separator: ",").map { text in
            guard let column = SpendColumn(String(text)) else {
                throw ValidationError("--by: \(text) is no column; write team, key, model, provider, day or tag:NAME")
            }
            return column
        }
        guard Set(columns).count == columns.count else { throw ValidationError("--by: a column comes twice") }
        return columns
    }

    /// Aligned columns and the sum of all.
    static func table(_ rows: [SpendRow], _ columns: [SpendColumn]) -> [String] {
        guard !rows.isEmpty else { return ["nothing was spent"] }
        var table = TextTable(
            columns.map { ($0.name, .left) } + [
                ("requests", .right), ("input tokens", .right), ("output tokens", .right), ("cost", .right),
                ("estimated", .right),
            ])
        for row in rows {
            table.append(
                row.values.map { $0.isEmpty ? "-" : $0 } + [
                    "\(row.requests)", "\(row.inputTokens)", "\(row.outputTokens)", alignedMoney(row.cost),
                    alignedMoney(row.estimated),
                ])
        }
        func sum(_ part: (SpendRow) -> Int64) -> Int64 { rows.reduce(0) { $0 &+ part($1) } }
        let cost = rows.reduce(Money.zero) { $0.adding($1.cost) }
        let estimated = rows.reduce(Money.zero) { $0.adding($1.estimated) }
        if !columns.isEmpty {
            table.append(
                columns.indices.map { $0 == 0 ? "total" : "" } + [
                    "\(sum(\.requests))", "\(sum(\.inputTokens))", "\(sum(\.outputTokens))", alignedMoney(cost),
                    alignedMoney(estimated),
                ])
        }
        return table.lines
    }

    /// The array of DESIGN, section 9.
    static func json(_ rows: [SpendRow], _ columns: [SpendColumn]) -> String {
        var out = ByteBuffer()
        out.append("[")
        for (index, row) in rows.enumerated() {
            out.append(index == 0 ? "{" : ",\n{")
            for (column, value) in zip(columns, row.values) {
                out.append(jsonString: column.name)
                out.append(":")
                out.append(jsonString: value)
                out.append(",")
            }
            out.append(
                """
                "requests":\(row.requests),"input_tokens":\(row.inputTokens),"output_tokens":\(row.outputTokens),\
                "nano_usd":\(row.cost.nanoUSD),"estimated_nano_usd":\(row.estimated.nanoUSD)}
                """)
        }
        out.append("]")
        return out.span.text(ByteRange(start: 0, end: out.count))
    }

    /// RFC 4180, with the names of the JSON form.
    static func csv(_ rows: [SpendRow], _ columns: [SpendColumn]) -> String {
        let head =
            columns.map(\.name) + [
                "requests", "input_tokens", "output_tokens", "nano_usd", "estimated_nano_usd",
            ]
        let lines = rows.map { row in
            row.values + [
                "\(row.requests)", "\(row.inputTokens)", "\(row.outputTokens)", "\(row.cost.nanoUSD)",
                "\(row.estimated.nanoUSD)",
            ]
        }
        return csvText([head] + lines)
    }
}
