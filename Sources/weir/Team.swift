import ArgumentParser
import WeirBase
import WeirCommandLine
import WeirControl

/// `weir team`: what teams may spend and have spent.
struct Team: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what teams may spend, have spent and hold.",
        discussion: """
            Examples:
              weir team list
              weir team show search
              weir team show search --json
            """,
        subcommands: [List.self, Show.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all teams with their budgets.")

        @OptionGroup var place: GatewayOption

        func run() throws {
            let teams: [TeamMessage] = try place.get("/teams")
            if place.json { return try printJSON(teams) }
            printTeams(teams)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one team's budgets and limits.")

        @OptionGroup var place: GatewayOption
        @Argument(help: "The team.") var name: String

        func run() throws {
            let team: TeamMessage = try place.get("/teams/\(name)")
            if place.json { return try printJSON(team) }
            printTeams([team])
            let limits = [
                team.limits.requests_per_minute.map { "\($0) requests a minute" },
                team.limits.tokens_per_minute.map { "\($0) tokens a minute" },
                team.limits.concurrent.map { "\($0) requests at once" },
            ].compactMap { $0 }
            if !limits.isEmpty { print("limits: \(limits.joined(separator: ", "))") }
        }
    }
}

/// `weir budget`: changes of budgets that end by themselves.
struct BudgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Raise a team's budget for a time.", subcommands: [Raise.self])

    struct Raise: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Raise a team's budget until a moment; it is in force at once and falls back by itself.",
            discussion: """
                Examples:
                  weir budget raise search '$50' --until 2026-12-01
                  weir budget raise search '$5' --every day --until 2026-11-26T18:00:00Z
                """)

        @OptionGroup var place: GatewayOption
        @Argument(help: "The team.") var team: String
        @Argument(help: "By how much, in dollars.") var amount: String
        @Option(help: ArgumentHelp("A date, or a date and time.", valueName: "moment")) var until: String
        @Option(
            help: ArgumentHelp(
                "Which of the team's budgets: hour, day, week, month, year or life.", valueName: "window"))
        var every: String?

        func run() throws {
            guard let money = Money(amount) else {
                throw ValidationError("\(amount) is no amount: write for example '$50' or 0.01")
            }
            let request = RaiseRequest(nanoUSD: money.nanoUSD, until: until, every: every)
            let answer: TeamMessage = try place.post("/teams/\(team)/raise", request)
            if place.json { return try printJSON(answer) }
            printTeams([answer])
        }
    }
}

/// `weir audit`: who changed what.
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show who changed what, and when.", subcommands: [List.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the newest changes, the newest first.")

        @OptionGroup var place: GatewayOption

        func run() throws {
            let rows: [AuditMessage] = try place.get("/audit")
            if place.json { return try printJSON(rows) }
            var table = TextTable([
                ("at", .left), ("actor", .left), ("action", .left), ("subject", .left), ("details", .left),
            ])
            for row in rows { table.append([row.at, row.actor, row.action, row.subject, row.details]) }
            if table.isEmpty { return printError("nothing was changed yet") }
            for line in table.lines { print(line) }
        }
    }
}

private func printTeams(_ teams: [TeamMessage]) {
    var table = TextTable([
        ("team", .left), ("budget", .left), ("limit", .right), ("spent", .right), ("held", .right), ("left", .right),
        ("until", .left),
    ])
    for team in teams {
        if team.budgets.isEmpty { table.append([team.team, "none", "-", "-", "-", "-", "-"]) }
        for budget in team.budgets {
            let amounts = [
                budget.limit_nano_usd, budget.spent_nano_usd, budget.held_nano_usd, budget.left_nano_usd,
            ].map { Money(nanoUSD: $0).description }
            table.append([team.team, budget.every] + amounts + [budget.until ?? "-"])
        }
    }
    if table.isEmpty { return printError("the configuration has no teams") }
    for line in table.lines { print(line) }
}
