import ArgumentParser
import FoundationEssentials
import WeirBase
import WeirCommandLine
import WeirConfig
import WeirControl
import WeirLedger
import WeirStore

/// `weir ledger`: the books themselves.
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Check the ledger, or print every request of it.",
        subcommands: [Verify.self, Dump.self])

    /// `weir ledger verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that the books balance, and say what was checked.",
            discussion: """
                Reads every record of the journals and compares it with the tables, sums all rows anew and compares the sums by hour, day and month, and
                looks for requests that nobody settled. A gateway may run meanwhile.
                Exit code 0: all is well; 1: something is not, a line each on standard error.

                Example:
                  weir ledger verify --config weir.yaml
                """)

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            let reader = try openLedger(options)
            let found = try asking { () throws(StoreError) in try reader.verify() }
            print(
                """
                journals: \(found.segments) segment(s) read, \(found.compared) request(s) as in the tables, \
                \(found.unfolded) not folded yet
                tables:   \(found.rows) request(s) and \(found.adjustments) adjustment(s) in \(found.months) month(s), \(found.cost)
                sums:     hours, days and months added up anew from the rows
                open:     \(found.open) request(s)\(reader.isOwnedByAnother ? " in flight" : "")
                """)
            var findings = found.findings.map { "\($0)" }
            if let invariants = try runningGateway() {
                print(
                    "gateway:  \(invariants.open_requests) request(s) hold \(Money(nanoUSD: invariants.open_holds_nano_usd)); "
                        + "\(invariants.budgets.count) budget(s) compared with the ledger")
                if !invariants.holds { findings += invariants.budgets.compactMap(\.difference) }
            }
            for finding in findings { printError("weir: \(finding)") }
            guard findings.isEmpty else { throw ExitCode(1) }
            print("all is well")
        }

        /// What the gateway that runs says of its own counters; nil if none runs.
        private func runningGateway() throws -> InvariantsMessage? {
            let policy = try loadPolicy(options.config)
            let response: ControlResponse
            do throws(ControlClient.Problem) {
                response = try ControlClient(dataFolder: policy.dataFolder).send(
                    ControlRequest(method: "GET", path: "/invariants"))
            } catch {
                guard case .notRunning = error else { throw ValidationError(error.description) }
                return nil
            }
            if let failure = response.failure { throw ValidationError(failure.message) }
            return try JSONDecoder().decode(InvariantsMessage.self, from: Data(response.body))
        }
    }

    /// `weir ledger dump`.
    struct Dump: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every request that is over, one JSON line each, in the order of their ids.",
            discussion: """
                A line: {"request","at","team","key","model","tags","status","nano_usd","estimated_nano_usd","held_nano_usd","attempts":[{"provider","model",
                "status","http_status","price_version","usage":{...},"context","nano_usd"}]}, and "adjusted_nano_usd" where the cost was corrected later.
                status: complete, upstream_refused, client_gone, upstream_broke, upstream_unavailable, upstream_timed_out, blocked, cut or interrupted;
                an attempt's: exact, estimated or unknown.

                Examples:
                  weir ledger dump --config weir.yaml > ledger.jsonl
                  weir ledger dump --request 0dq8k3v5c0r40
                """)

        @OptionGroup var options: ConfigurationOption
        @Option(help: ArgumentHelp("Only this request.", valueName: "id"))
        var request: String?

        func run() throws {
            let reader = try openLedger(options)
            var output = OutputLines()
            if let request {
                guard let id = RequestID(request) else { throw ValidationError("\(request) is no request's id") }
                guard let found = try asking({ () throws(StoreError) in try reader.request(id) }) else {
                    printError("weir: \(request): no such request in the ledger")
                    throw ExitCode(1)
                }
                output.add(found.jsonLine)
            } else {
                try asking { () throws(StoreError) in try reader.requests { output.add($0.jsonLine) } }
            }
            output.flush()
        }
    }
}

extension BudgetInvariant {
    /// What differs, in words; nil where nothing does.
    fileprivate var difference: String? {
        guard spent_nano_usd != ledger_spent_nano_usd else { return nil }
        return "the \(every) budget of \(scope) has counted \(Money(nanoUSD: spent_nano_usd)), its ledger "
            + "\(Money(nanoUSD: ledger_spent_nano_usd)); start the gateway anew, which counts from the ledger"
    }
}

/// Opens the ledger of the configuration's data folder, or says why not and ends with 1.
func openLedger(_ options: ConfigurationOption) throws -> LedgerReader {
    let policy = try loadPolicy(options.config)
    return try asking { () throws(StoreError) in try LedgerReader.open(policy.dataFolder, at: Store.now) }
}

/// Asks the store, or says what is wrong and ends with 1.
func asking<Answer>(_ question: () throws(StoreError) -> Answer) throws -> Answer {
    do throws(StoreError) { return try question() } catch {
        printError("weir: \(error.description)")
        throw ExitCode(1)
    }
}
