import ArgumentParser
import Glibc
import WeirBase
import WeirBudget
import WeirCommandLine
import WeirConfig
import WeirWire

/// `weir prices list`: the prices of one day.
struct PricesList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the prices that hold on a day.",
        discussion: """
            From the bundled table; with --config its prices stand on top. Prices are per million tokens unless they say otherwise; prices of service tiers
            and batches, and limits, are in the JSON, which counts in pico-dollars (10^-12 USD) per token, event or hour.

            Examples:
              weir prices list --provider openai --model 'gpt-5*'
              weir prices list --at 2026-01-31 --json
            """)

    @Option(help: ArgumentHelp("A configuration whose prices apply.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Only this provider, by the table's name or the configuration's.", valueName: "name"))
    var provider: String?

    @Option(help: ArgumentHelp("Only these models; * stands for any characters.", valueName: "pattern"))
    var model: String?

    @Option(help: ArgumentHelp("The day, in UTC; today without it.", valueName: "day"), transform: readDay)
    var at: PriceDate?

    @Flag(help: "Print JSON, one array.")
    var json = false

    func run() throws {
        let policy = try config.map(loadPolicy)
        let book = PriceBook(.bundled(), overrides: policy?.prices ?? [])
        let models = book.models(provider: provider).filter { $0.isNamed(model) }
        if models.isEmpty, let provider, book.models(provider: provider).isEmpty {
            let known = book.table.providers.map(\.id).joined(separator: ", ")
            printError("weir: no provider is called \(provider); there are \(known)")
            throw ExitCode(1)
        }
        let seconds = at?.unixSeconds ?? Int64(time(nil))
        let lines = json ? JSONList(models, seconds).lines : TextList(models, seconds).lines
        var output = OutputLines()
        for line in lines { output.add(line.utf8) }
        output.flush()
    }
}

/// Reads a day of the command line.
func readDay(_ text: String) throws -> PriceDate {
    guard let day = PriceDate(text) else { throw ValidationError("\(text) is no day such as 2026-01-31.") }
    return day
}

extension ModelPrices {
    /// Whether `pattern` fits the model's id, whatever the case of letters.
    func isNamed(_ pattern: String?) -> Bool {
        guard let pattern else { return true }
        return globMatches(Array(pattern.lowercased().utf8), Array(id.lowercased().utf8))
    }
}

/// A table for people.
private struct TextList {
    var lines: [String] = []

    init(_ models: [ModelPrices], _ seconds: Int64) {
        let head = ["PROVIDER", "MODEL", "INPUT", "OUTPUT", "CACHED", "WRITTEN", "MORE"]
        let rows = models.map { Self.row($0, seconds) }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        for row in [head] + rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (2...5).contains(column) ? padding + cell : cell + padding
                if column < head.count - 1 { line += "  " }
            }
            while line.last == " " { line.removeLast() }
            lines.append(line)
        }
    }

    private static let columns: [Rate] = [.input, .output, .cacheRead, .cacheWrite]

    private static func row(_ model: ModelPrices, _ seconds: Int64) -> [String] {
        let card = Tariff(model).sheet(at: seconds).card
        if card.isEmpty { return [model.provider, model.id, "", "", "", "", "no price"] }
        let amounts = columns.map { rate in
            card[rate].map { text($0, rate).replacing("/M", with: "") } ?? ""
        }
        let more = card.rates.filter { !columns.contains($0) }.map { rate in
            "\(rate.name) \(card[rate].map { text($0, rate) } ?? "")"
        }
        let variants = Set(model.variants.filter { !$0.rates.isEmpty }.map(\.context.text)).sorted()
        return [model.provider, model.id] + amounts + [(more + variants).joined(separator: ", ")]
    }

    private static func text(_ amount: TieredAmount, _ rate: Rate) -> String {
        let tiers = amount.tiers.map { ", \(PriceAmount.text($0.pico, for: rate)) above \($0.above)" }
        return PriceAmount.text(amount.base, for: rate) + tiers.joined()
    }
}

/// The same for programs: rates in the form of the price table.
private struct JSONList {
    var lines: [String] = ["["]

    init(_ models: [ModelPrices], _ seconds: Int64) {
        for (index, model) in models.enumerated() {
            lines.append(Self.object(model, seconds) + (index < models.count - 1 ? "," : ""))
        }
        lines.append("]")
    }

    private static func object(_ model: ModelPrices, _ seconds: Int64) -> String {
        let tariff = Tariff(model)
        let sheet = tariff.sheet(at: seconds)
        var members = ["\"provider\":\(quoted(model.provider))", "\"model\":\(quoted(model.id))"]
        if let window = model.contextWindow { members.append("\"context_window\":\(window)") }
        if let most = model.maxOutput { members.append("\"max_output\":\(most)") }
        members.append("\"rates\":\(rates(sheet.card))")
        if sheet.isPriced { members.append("\"price_version\":\(quoted(sheet.version.description))") }
        let contexts = Set(model.variants.map(\.context)).sorted { $0.rawValue < $1.rawValue }
        let variants = contexts.compactMap { context -> String? in
            let card = tariff.sheet(at: seconds, context).card
            if card == sheet.card { return nil }
            let when = context.properties.map { "\(quoted($0.name)):\(quoted($0.value))" }.joined(separator: ",")
            return "{\"when\":{\(when)},\"rates\":\(rates(card))}"
        }
        if !variants.isEmpty { members.append("\"variants\":[\(variants.joined(separator: ","))]") }
        return "{\(members.joined(separator: ","))}"
    }

    private static func rates(_ card: RateCard) -> String {
        let members = card.rates.map { rate -> String in
            guard let amount = card[rate] else { return "" }
            if amount.tiers.isEmpty { return "\"\(rate.name)\":\(amount.base)" }
            let tiers = amount.tiers.map { "{\"above\":\($0.above),\"rate\":\($0.pico)}" }.joined(separator: ",")
            return "\"\(rate.name)\":{\"base\":\(amount.base),\"tiers\":[\(tiers)]}"
        }
        return "{\(members.joined(separator: ","))}"
    }

    private static func quoted(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.append(jsonString: text)
        return String(decoding: buffer.span.indices.map { buffer.span[$0] }, as: UTF8.self)
    }
}
