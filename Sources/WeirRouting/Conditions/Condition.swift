/// Which requests a target is for, as the configuration says it.
public indirect enum Condition: Hashable, Sendable {
    /// The client's key of this name.
    case key(String)
    case team(String)
    /// A tag of the request or of its key.
    case tag(name: String, value: String)
    /// The request's body has so many bytes.
    case bodyBytes(ClosedRange<Int>)
    /// Holds for no request if it is empty.
    case any([Condition])
    /// Holds for every request if it is empty.
    case all([Condition])
    case not(Condition)
}
