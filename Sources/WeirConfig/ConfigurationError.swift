/// One mistake in a configuration: where it stands, what is wrong, and what to write instead. No text of it ever holds a secret.
public struct ConfigurationMistake: Hashable, Sendable, CustomStringConvertible {
    public enum Severity: Hashable, Sendable {
        /// The configuration cannot be used.
        case error
        /// The configuration can be used, but hardly means what it says.
        case warning
    }

    /// The file's path as it was given to `Policy.load`.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// The setting: `providers.openai.timeouts.idle`, `keys[3].sha256`; empty for the file as a whole.
    public let path: String
    /// What is wrong.
    public let message: String
    /// What to write instead; empty if the message says it all.
    public let cure: String
    public let severity: Severity

    /// `weir.yaml:12:5: providers.openai.dialect: "opnai" is no dialect of this version; write "openai"`.
    public var description: String {
        var text = "\(file):\(line):\(column): "
        if severity == .warning { text += "warning: " }
        if !path.isEmpty { text += "\(path): " }
        text += message
        if !cure.isEmpty { text += "; \(cure)" }
        return text
    }
}

/// Why a configuration was not taken. The description has one line per mistake.
public enum ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// The file itself could not be read.
    case unreadable(path: String, FileProblem)
    /// At least one mistake is an error; warnings are listed with them. Sorted by position.
    case invalid([ConfigurationMistake])

    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path): \(problem.description); write --config FILE, or make the file readable"
        case .invalid(let mistakes): mistakes.map(\.description).joined(separator: "\n")
        }
    }
}
