import ArgumentParser
import FoundationEssentials
import WeirBase
import WeirCommandLine
import WeirConfig
import WeirControl
import WeirStore

/// `weir prices recompute`: what a time would have cost by the prices of today's configuration.
struct PricesRecompute: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recompute",
        abstract: "Bill requests again after a price was corrected.",
        discussion: """
            Bills every request of the time again with the prices of the configuration, by the day on which it came, and records each difference as an
            adjustment: rows are never changed. Adjustments count where their requests do, so that `weir spend` of last month is the corrected
            figure at once, and so are the budgets of a gateway that runs. What was adjusted before is not adjusted again.

            Requests without a provider's usage (interrupted, estimated, or held as a bound) keep their cost and are counted by reason. A gateway that
            runs goes on with the prices it was started with: start it anew, then recompute.

            Examples:
              weir prices recompute --month 2026-10 --dry-run
              weir prices recompute --from 2026-10-15 --to 2026-10-31 --model 'gpt-4o*'
              weir prices recompute --month 2026-10 --json
            """)

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var range: SpendRange
    @Option(help: ArgumentHelp("Only these models, as clients or as providers name them.", valueName: "pattern"))
    var model: String?
    @Flag(help: "Write nothing; only show what would change.") var dryRun = false
    @Flag(help: "Print JSON, for programs.") var json = false
    @Flag(help: "Print CSV, for spreadsheets.") var csv = false

    func validate() throws {
        if json && csv { throw ValidationError("write --json or --csv") }
    }

    func run() throws {
        let policy = try loadPolicy(options.config)
        let span = try range.spans(byDay: false)[0]
        var run = try RecomputeRun(policy, period: range.text, model: model, isDry: dryRun)
        try run.bill(from: span.from, until: span.until)
        let report = run.report
        if json { return try printJSON(report.json) }
        if csv { return print(report.csv, terminator: "") }
        for line in report.lines { print(line) }
    }
}

/// One run over the ledger. A day at a time: what one day needs is forgotten before the next.
private struct RecomputeRun {
    private let counterpart: Counterpart
    private let reader: LedgerReader
    private let period: String
    private let pattern: [UInt8]?
    private var recomputation: Recomputation
    private(set) var report: RecomputeReport

    init(_ policy: Policy, period: String, model: String?, isDry: Bool) throws {
        counterpart = try Counterpart(policy)
        reader =
            switch counterpart {
            case .gateway:
                try asking { () throws(StoreError) in try LedgerReader.open(policy.dataFolder, at: Store.now) }
            case .folder(let administration): administration.ledger
            }
        self.period = period
        pattern = model.map { Array($0.lowercased().utf8) }
        recomputation = Recomputation(policy)
        report = RecomputeReport(isDry: isDry)
    }

    /// Bills the requests that came [from, until), milliseconds since 1970.
    mutating func bill(from: Int64, until: Int64) throws {
        var day = max(from, 0)
        while day < until {
            let next = min((day / 86_400_000 + 1) * 86_400_000, until)
            try billDay(from: day, until: next)
            day = next
        }
    }

    private mutating func billDay(from: Int64, until: Int64) throws {
        let (first, last) = (RequestID(firstAt: from), RequestID(value: RequestID(firstAt: until).value - 1))
        var changes: [ChangeMessage] = []
        let reader = reader
        try asking { () throws(StoreError) in
            try reader.requests(from: first, through: last) { request in
                guard isWanted(request) else { return }
                let finding = recomputation.bill(request)
                report.add(request, finding)
                changes += finding.parts.filter { $0.before != $0.after }.map(ChangeMessage.init)
            }
        }
        guard !report.isDry else { return }
        for start in stride(from: 0, to: changes.count, by: AdjustRequest.limit) {
            let part = changes[start..<min(start + AdjustRequest.limit, changes.count)]
            let body = try JSONEncoder().encode(AdjustRequest(period: period, changes: Array(part)))
            let answer: AdjustMessage = try counterpart.send(
                ControlRequest(method: "POST", path: "/adjustments", body: Array(body)))
            report.recorded += answer.recorded
            for warning in answer.warnings { printError("weir: \(warning)") }
        }
    }

    private func isWanted(_ request: LedgerRequest) -> Bool {
        guard let pattern else { return true }
        return ([request.model] + request.attempts.map(\.target)).contains {
            globMatches(pattern, Array($0.lowercased().utf8))
        }
    }
}
