/// One setting of a section: what the reader accepts, and what docs/configuration.md says about it. Both come from this one row, so
/// they cannot drift apart.
public struct Setting: Sendable {
    public enum Standing: Sendable {
        case required, optional
        /// A name of the contract (DESIGN.md, section 9) that this version does not implement yet.
        case later
    }

    public let name: String
    /// The form of its value, as a reader of the documents understands it.
    public let type: String
    /// What holds when it is not written; empty if it is required.
    public let fallback: String
    /// One sentence.
    public let meaning: String
    public let standing: Standing
    /// Names that other programs use for it and that edit distance would not lead from.
    let aliases: [String]

    static func required(_ name: String, _ type: String, _ meaning: String, aliases: [String] = []) -> Setting {
        Setting(name: name, type: type, fallback: "", meaning: meaning, standing: .required, aliases: aliases)
    }

    static func optional(
        _ name: String, _ type: String, default fallback: String, _ meaning: String, aliases: [String] = []
    ) -> Setting {
        Setting(name: name, type: type, fallback: fallback, meaning: meaning, standing: .optional, aliases: aliases)
    }

    static func later(_ name: String) -> Setting {
        Setting(name: name, type: "", fallback: "", meaning: "", standing: .later, aliases: [])
    }
}
