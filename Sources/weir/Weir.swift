import ArgumentParser
import WeirCommandLine

/// The program: one file a command.
@main
struct Weir: Program {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "An LLM gateway: one base URL and one key per application, any provider behind it.",
        discussion: """
            Examples:
              weir check --config weir.yaml      say what is wrong with a configuration, and where
              weir serve --config weir.yaml      run the gateway until SIGTERM, which lets requests finish
              weir key create --team search      make a key and print it, once
              weir team show search              say what a team may spend, has spent and holds
              weir spend --by team,model         say what was spent this month
              weir count texts.jsonl             count the tokens of texts
            """,
        version: weirVersion,
        subcommands: [
            Serve.self, Check.self, Key.self, Team.self, BudgetCommand.self, Spend.self, LedgerCommand.self, Audit.self,
            Prices.self, Count.self, Cost.self, Version.self,
        ])
}

/// The version of this build.
let weirVersion = "0.1.0"

/// What every command that reads the configuration takes.
struct ConfigurationOption: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config = "weir.yaml"
}
