public import WeirWire

/// Why a Messages body is refused; the client's mistake in every case.
public enum AnthropicRequestError: Error, Equatable, Sendable {
    case notJSON(JSONError)
    case wrongType(AnthropicRequest.Field)
    /// A member that is there twice; one in another with the other's name, as `metadata.user_id`.
    case repeated(String)
    case missingModel

    /// The member at fault.
    public var param: String? {
        switch self {
        case .notJSON: nil
        case .wrongType(let field): field.name
        case .repeated(let name): name
        case .missingModel: "model"
        }
    }

    /// What is wrong and what to write instead.
    public var message: String {
        switch self {
        case .notJSON(let error): error.description
        case .wrongType(let field): "\(field.name): has the wrong type: write \(field.expected)"
        case .repeated(let name): "\(name): is in the body more than once: write it once"
        case .missingModel: "model: is missing: write the name of a configured model, as \"model\": \"NAME\""
        }
    }
}
