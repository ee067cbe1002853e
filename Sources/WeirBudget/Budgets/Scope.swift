/// Whose limit it is: a key, a team, or all requests with a tag.
public struct Scope: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable { case key, team, tag }

    public let kind: Kind
    /// A key's id, a team's name, a tag as `name=value`.
    public let name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    public var description: String { "\(kind.rawValue) \(name)" }
}
