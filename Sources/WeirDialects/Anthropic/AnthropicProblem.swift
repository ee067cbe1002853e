internal import WeirBase
internal import WeirWire

/// Reads errors of the Messages API: `{"type":"error","error":{"type","message","details":{"error_code"}}}` (providers.md, sections 0.11 and 4.4).
enum AnthropicProblem {
    /// - Parameter status: the answer's status; nil for an error inside an answer of status 200.
    static func read(status: Int?, retryAfter: String?, _ body: Span<UInt8>) -> UpstreamProblem {
        let error = (try? ErrorBody(body)) ?? ErrorBody()
        let text = error.message ?? ""
        let kind = kind(error, text, status)
        let message = text.isEmpty ? "the provider answered with an error" : cleaned(text)
        return UpstreamProblem(
            kind, message, code: error.code ?? error.type, retryAfter: retryAfter.flatMap(Self.time))
    }

    private struct ErrorBody {
        var type: String?
        var message: String?
        var code: String?

        init() {}

        init(_ bytes: Span<UInt8>) throws(JSONError) {
            let whole = ByteRange(start: 0, end: bytes.count)
            guard let error = try Self.object("error", bytes, whole) else { return }
            var members = try JSONScanner.members(of: bytes, in: error, wanted: ["type", "message"])
            type = Self.text(members.member(0), bytes)
            message = Self.text(members.member(1), bytes)
            guard let details = try Self.object("details", bytes, error) else { return }
            members = try JSONScanner.members(of: bytes, in: details, wanted: ["error_code"])
            code = Self.text(members.member(0), bytes)
        }

        private static func object(
            _ name: ShortName, _ bytes: Span<UInt8>, _ range: ByteRange
        ) throws(JSONError) -> ByteRange? {
            var members = try JSONScanner.members(of: bytes, in: range, wanted: [name])
            guard let member = members.member(0), member.kind == .object else { return nil }
            return member.value
        }

        private static func text(_ member: JSONMember?, _ bytes: Span<UInt8>) -> String? {
            guard let member, member.kind == .string else { return nil }
            return AnthropicValue.string(bytes, member.value)
        }
    }

    private static func kind(_ error: ErrorBody, _ message: String, _ status: Int?) -> UpstreamProblem.Kind {
        if error.code == "enforced_spend_limit_reached" { return .quota }
        return switch error.type {
        case "invalid_request_error": kind(ofInvalid: message)
        case "request_too_large", "conflict_error": kind(ofStatus: status ?? 400)
        case "authentication_error", "permission_error": .credential
        case "billing_error": .quota
        case "not_found_error": .modelNotFound
        case "rate_limit_error": .rateLimit
        case "overloaded_error": .overloaded
        case "timeout_error": .timeout
        case "api_error": status == 503 ? .overloaded : .server
        default: status.map(kind(ofStatus:)) ?? .server
        }
    }

    /// One type for what the client, the account and the content did: the words tell.
    private static func kind(ofInvalid message: String) -> UpstreamProblem.Kind {
        if message.contains("prompt is too long") || message.contains("exceed context limit") { return .contextLength }
        if message.contains("credit balance") || message.contains("usage limits") { return .quota }
        if message.contains("content filtering policy") { return .contentPolicy }
        return .invalidRequest
    }

    private static func kind(ofStatus status: Int) -> UpstreamProblem.Kind {
        switch status {
        case 401, 403: .credential
        case 402: .quota
        case 404: .modelNotFound
        case 408, 504: .timeout
        case 429: .rateLimit
        case 503, 529: .overloaded
        case 409, 500...: .server
        default: .invalidRequest
        }
    }

    /// The provider's words without addresses, keys and ids of accounts and requests, cut at 2,000 characters.
    private static func cleaned(_ message: String) -> String {
        let words = message.prefix(2_000).split(separator: " ", omittingEmptySubsequences: false)
        return words.map { isPrivate($0) ? "[...]" : String($0) }.joined(separator: " ")
    }

    private static func isPrivate(_ word: Substring) -> Bool {
        if word.contains("://") || word.contains("sk-ant-") || word.contains("req_") { return true }
        // A UUID, perhaps in brackets: names of organisations and workspaces.
        let digits = word.utf8.count { hexadecimalDigit($0) != nil }
        return digits >= 32 && word.utf8.count(where: { $0 == UInt8(ascii: "-") }) == 4
    }

    /// Retry-After in seconds, which may have a fraction. A date needs a clock: the caller's own delay stands for it.
    private static func time(_ text: String) -> TimeSpan? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.utf8.allSatisfy(isDigit) else { return nil }
        let seconds = min(Int64(whole) ?? .max, 10_000_000)
        guard parts.count > 1 else { return .seconds(seconds) }
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(isDigit) else { return nil }
        let thousandths = Int64(parts[1].prefix(3)) ?? 0
        let scale: Int64 = [100, 10, 1][min(parts[1].utf8.count, 3) - 1]
        return .milliseconds(seconds * 1_000 + thousandths * scale)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
