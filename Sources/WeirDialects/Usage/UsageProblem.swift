/// Why a usage object cannot be billed from.
public enum UsageProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case notAnObject
    case badJSON
    /// A member that counts has a value that is no whole number from 0 to 10^9 (or seconds, no number).
    case badCount(name: String)
    /// A member that should hold an object or a list holds something else.
    case badDetails(name: String)
    case repeated(name: String)
    /// What is needed most, the input, is not there.
    case missing(name: String)
    /// A part is larger than its whole.
    case excess(part: String, of: String)

    public var description: String {
        switch self {
        case .notAnObject: "usage is not an object"
        case .badJSON: "usage is not valid JSON"
        case .badCount(let name): "\(name) is not a whole number from 0 to 1000000000"
        case .badDetails(let name): "\(name) has another form than this API gives it"
        case .repeated(let name): "\(name) is there twice"
        case .missing(let name): "\(name) is missing"
        case .excess(let part, let whole): "\(part) is more than \(whole)"
        }
    }
}
