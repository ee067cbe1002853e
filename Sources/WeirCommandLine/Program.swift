public import ArgumentParser
internal import Glibc

/// A program of Weir. Its `main` is ArgumentParser's, but that a mistake in the arguments ends with 2 and not with 64 (DESIGN, section 9).
public protocol Program: ParsableCommand {}

extension Program {
    /// Runs what the arguments ask for and ends: with 0, with 1 where that failed, with 2 where the arguments are wrong.
    public static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            printError(fullMessage(for: error))
            Glibc.exit(2)
        }
    }
}
