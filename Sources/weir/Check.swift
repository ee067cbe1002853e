import ArgumentParser
import WeirCommandLine
import WeirConfig

/// `weir check`: every mistake with file, line, column and cure.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration and say everything that is wrong with it.",
        discussion: """
            Reads the file and the secrets and certificates that it names, and starts nothing.
            Exit code 0: it can be served (warnings may be printed); 1: it has mistakes.

            Example:
              weir check --config weir.yaml
            """)

    @OptionGroup var options: ConfigurationOption

    func run() throws {
        let policy = try loadPolicy(options.config)
        print(
            "\(options.config): fine: \(policy.providers.count) provider(s), \(policy.models.count) model(s), "
                + "\(policy.teams.count) team(s), \(policy.keys.count) key(s)")
    }
}

/// Loads the configuration, prints warnings, and prints mistakes and ends with 1.
func loadPolicy(_ path: String) throws -> Policy {
    do throws(ConfigurationError) {
        let policy = try Policy.load(path: path)
        for warning in policy.warnings { printError("\(warning)") }
        return policy
    } catch {
        printError("\(error)")
        throw ExitCode(1)
    }
}
