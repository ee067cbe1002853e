import ArgumentParser
import Glibc
import WeirBudget
import WeirCommandLine
import WeirConfig

/// `weir prices import`: another price table as entries of the configuration.
///
/// It prints rather than stores: the configuration is the one truth of what is paid, it is reviewed and kept like the rest of it, every entry has
/// its day, and nothing lies in a data folder that changes bills unseen.
struct PricesImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Print what to write under \"prices\" to pay by another price table.",
        discussion: """
            Checks FILE, a price table in the form of the bundled one (data/prices.schema.json), and prints an entry for each price in it that differs from what holds
            (the bundled table, with --config its prices on top), from --from on. Requests before that day keep their price. What the configuration cannot say (prices
            by the hour of the day) is told on standard error.

            Example:
              weir prices import new-prices.json --from 2026-12-01 --provider openai >> weir.yaml
            """)

    @Option(help: ArgumentHelp("A configuration whose prices hold now.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("The first day of the new prices, in UTC; today without it.", valueName: "day"),
        transform: readDay)
    var from: PriceDate?

    @Option(help: ArgumentHelp("Only this provider.", valueName: "name"))
    var provider: String?

    @Option(help: ArgumentHelp("Only these models; * stands for any characters.", valueName: "pattern"))
    var model: String?

    @Argument(help: ArgumentHelp("The price table.", valueName: "file"))
    var file: String

    func run() throws {
        let policy = try config.map(loadPolicy)
        let book = PriceBook(.bundled(), overrides: policy?.prices ?? [])
        let table = try readTable()
        let day = from ?? PriceDate(unixSeconds: Int64(time(nil)))
        var entries: [String] = []
        var isKnown = provider == nil
        for seller in table.providers where provider == nil || seller.id == provider {
            isKnown = true
            let known = Dictionary(grouping: book.models(provider: seller.id), by: \.id)
            for model in table.models(of: seller) where model.isNamed(self.model) {
                entries += PriceDifference(old: known[model.id]?.first, new: model, day).entries
            }
        }
        guard isKnown else { throw failure("\(file) has no provider \(provider ?? "")") }
        if entries.isEmpty { return printError("weir: nothing in \(file) differs from \(day) on") }
        printLine("prices:")
        for entry in entries { printLine("  - \(entry)") }
    }

    private func readTable() throws -> PriceTable {
        var bytes: [UInt8] = []
        do throws(InputLines.Failure) {
            bytes = try InputLines.readAll(path: file, limitBytes: PriceTable.limitBytes)
        } catch { throw failure(error.text) }
        do throws(PriceTableError) {
            return try PriceTable(json: bytes)
        } catch { throw failure("\(file): \(error.description)") }
    }

    private func failure(_ text: String) -> ExitCode {
        printError("weir: \(text)")
        return ExitCode(1)
    }
}

/// What the configuration must say so that a model costs what another table says.
struct PriceDifference {
    private(set) var entries: [String] = []
    private let model: ModelPrices

    init(old: ModelPrices?, new: ModelPrices, _ day: PriceDate) {
        model = new
        if let old, old.prices == new.prices, old.variants == new.variants { return }
        if (new.prices + new.variants).contains(where: { $0.daily != nil }) {
            printError(
                "weir: \(new.provider)/\(new.id) has prices by the hour, which the configuration cannot say: left out")
            return
        }
        let contexts = Set((new.variants + (old?.variants ?? [])).map(\.context)).sorted { $0.rawValue < $1.rawValue }
        let (before, after) = (old.map(Tariff.init), Tariff(new))
        let changes = Set((new.prices + new.variants).compactMap(\.from).filter { $0 > day })
        var last: [RateCard] = []
        for date in [day] + changes.sorted() {
            let cards = ([[]] + contexts).map { after.sheet(at: date.unixSeconds, $0).card }
            let known = ([[]] + contexts).map { before?.sheet(at: date.unixSeconds, $0).card ?? RateCard() }
            // Once an entry is written, the table's prices have ended, and what changes later must be written, too.
            guard last.isEmpty ? cards != known : cards != last else { continue }
            guard !cards[0].isEmpty else { continue }
            last = cards
            entries.append(entry(date, [], cards[0]))
            for (context, card) in zip(contexts, cards.dropFirst()) where card != cards[0] {
                entries.append(entry(date, context, card.differing(from: cards[0])))
            }
        }
    }

    private func entry(_ day: PriceDate, _ context: BillingContext, _ card: RateCard) -> String {
        var members = ["provider: \(quoted(model.provider))", "model: \(quoted(model.id))", "from: \(day)"]
        if !context.isEmpty { members.append(context.text.replacing("=", with: ": ")) }
        for rate in card.rates {
            if let amount = card[rate] {
                members.append("\(rate.name): \(quoted(PriceAmount.text(amount.base, for: rate)))")
            }
        }
        let borders = Set(card.rates.flatMap { card[$0]?.tiers.map(\.above) ?? [] }).sorted()
        if !borders.isEmpty {
            members.append("tiers: [\(borders.map { tier($0, card) }.joined(separator: ", "))]")
        }
        return "{\(members.joined(separator: ", "))}"
    }

    private func tier(_ above: Int64, _ card: RateCard) -> String {
        var members = ["above: \(above)"]
        for rate in card.rates {
            guard let tier = card[rate]?.tiers.first(where: { $0.above == above }) else { continue }
            members.append("\(rate.name): \(quoted(PriceAmount.text(tier.pico, for: rate)))")
        }
        return "{\(members.joined(separator: ", "))}"
    }

    /// In double quotes of YAML, where JSON's escapes mean the same.
    private func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}

extension RateCard {
    /// The rates that are others than those of `other`.
    fileprivate func differing(from other: RateCard) -> RateCard {
        var card = RateCard()
        for rate in rates where self[rate] != other[rate] { card[rate] = self[rate] }
        return card
    }
}
