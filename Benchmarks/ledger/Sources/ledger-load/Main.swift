import Foundation
import WeirBase
import WeirLedger
import WeirStore

/// Generates ledgers and times what the ledger must do in time. See Benchmarks/README.md.
@main
struct Main {
    static let usage = """
        usage: ledger-load journal FOLDER REQUESTS    write a journal that nobody has folded
               ledger-load restart FOLDER             time a start over it: recovery, budgets' sums, then the fold
               ledger-load ledger FOLDER REQUESTS     write and fold requests over October and November 2026
               ledger-load questions FOLDER           time questions over it
        """

    /// 2026-10-01 and 2026-12-01, UTC, in milliseconds.
    static let october: Int64 = 1_790_812_800_000
    static let november: Int64 = 1_793_491_200_000
    static let december: Int64 = 1_796_083_200_000

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(2)
        }
        let count = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 0
        switch arguments[1] {
        case "journal": try journal(arguments[2], count)
        case "restart": try restart(arguments[2])
        case "ledger": try ledger(arguments[2], count)
        case "questions": try questions(arguments[2])
        default:
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(2)
        }
    }

    static func open(_ folder: String) throws -> Store {
        var options = Store.Options()
        options.foldMilliseconds = 100
        return try Store(folder, options: options, at: december * 1_000_000)
    }

    static func journal(_ folder: String, _ count: Int) throws {
        let store = try open(folder)
        var generator = Generator(store, seed: 1)
        try time("\(count) requests written", per: count) {
            // The recorder does not run, so segments are prepared here.
            var left = count
            while left > 0 {
                let part = min(left, 20_000)
                try generator.write(part, from: october * 1_000_000 + Int64(count - left) * 400_000, step: 400_000)
                try store.prepareSegments()
                left -= part
            }
        }
    }

    static func restart(_ folder: String) throws {
        var store: Store?
        try time("start: recovery") { store = try open(folder) }
        guard let store else { return }
        print("  \(store.recovery.unfolded) rows not folded, \(store.recovery.interrupted) interrupted")
        let questions = budgets()
        try time("start: \(questions.count) budgets' sums") { _ = try store.spent(questions) }
        try time("fold", per: store.recovery.unfolded) { try store.foldNow() }
    }

    static func ledger(_ folder: String, _ count: Int) throws {
        let store = try open(folder)
        try store.start { print($0) }
        var generator = Generator(store, seed: 1)
        let step = (december - october) * 1_000_000 / Int64(max(1, count))
        try time("\(count) requests written and folded", per: count) {
            var left = count
            while left > 0 {
                let part = min(left, 20_000)
                try generator.write(part, from: october * 1_000_000 + Int64(count - left) * step, step: step)
                try store.prepareSegments()
                left -= part
            }
            store.stop()
        }
    }

    static func questions(_ folder: String) throws {
        let store = try open(folder)
        let utc = [SpendQuestion.Span(from: october, until: november)]
        let edges = [SpendQuestion.Span(from: october + 1_234_567, until: november - 7_654_321)]
        for (label, question) in [
            ("spend by team and model, a month", SpendQuestion(by: [.team, .model], spans: utc)),
            ("spend by tag, a month", SpendQuestion(by: [.tag("env")], spans: utc)),
            ("spend by team, a month with odd edges", SpendQuestion(by: [.team], spans: edges)),
        ] {
            var rows: [SpendRow] = []
            try time(label) { rows = try store.spend(question) }
            print("  \(rows.count) rows, \(rows.reduce(0) { $0 + $1.requests }) requests")
        }
        try time("one team's budgets: month, day and life") {
            _ = try store.spent([
                SpentQuestion(.team("team-7"), from: november, until: december),
                SpentQuestion(.team("team-7"), from: december - 86_400_000, until: december),
                SpentQuestion(.team("team-7"), from: 0, until: december),
            ])
        }
        try time("all budgets: \(budgets().count)") { _ = try store.spent(budgets()) }
    }

    static func budgets() -> [SpentQuestion] {
        (0..<20).flatMap { team in
            [
                SpentQuestion(.team("team-\(team)"), from: november, until: december),
                SpentQuestion(.team("team-\(team)"), from: october + 86_400_000, until: october + 2 * 86_400_000),
                SpentQuestion(.key("key-\(team)-1"), from: 0, until: december),
            ]
        }
    }

    static func time(_ label: String, per count: Int = 0, _ body: () throws -> Void) rethrows {
        let clock = ContinuousClock()
        let elapsed = try clock.measure(body)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let each = count > 0 ? ", \(Int(seconds * 1e9 / Double(count))) ns each" : ""
        print("\(label): \(Int(seconds * 1_000)) ms\(each)")
    }
}
