internal import FoundationEssentials

/// Why the admin API refuses, in the shape of its answers: `{"error":{"code","message"}}`. The message says what to do.
public struct ControlFailure: Error, Sendable, CustomStringConvertible {
    public var status: Int
    public var code: String
    public var message: String

    public init(status: Int, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    public var description: String { message }

    static func invalid(_ message: String) -> ControlFailure {
        ControlFailure(status: 400, code: "invalid_request", message: message)
    }
    static func notFound(_ message: String) -> ControlFailure {
        ControlFailure(status: 404, code: "not_found", message: message)
    }
    static func conflict(_ message: String) -> ControlFailure {
        ControlFailure(status: 409, code: "conflict", message: message)
    }
}

private struct FailureBody: Codable {
    struct Error: Codable {
        var code: String
        var message: String
    }
    var error: Error
}

extension ControlResponse {
    init(failure: ControlFailure) {
        status = failure.status
        body = encodeJSON(FailureBody(error: .init(code: failure.code, message: failure.message)))
    }

    /// What an answer that is no success says.
    public var failure: ControlFailure? {
        guard status >= 300 else { return nil }
        do {
            let body = try JSONDecoder().decode(FailureBody.self, from: Data(self.body))
            return ControlFailure(status: status, code: body.error.code, message: body.error.message)
        } catch {
            return ControlFailure(status: status, code: "unknown", message: "the gateway answered \(status)")
        }
    }
}

/// JSON with its members in order, so that two answers can be compared.
func encodeJSON(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(value)) } catch {
        preconditionFailure("a message of the admin API cannot be encoded: \(error)")
    }
}
