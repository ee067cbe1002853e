internal import WeirBase
internal import WeirWire

/// Google's error object (google.rpc.Status): in an answer, in a stream, and sometimes alone in an array.
extension GeminiAnswerReader {
    public static func problem(status: Int, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem {
        var error: ByteRange?
        let isJSON: Bool
        do throws(JSONError) {
            let root = try JSONPlace.root(body)
            // Of an array, the first element: it has one.
            _ =
                root.kind == .array
                ? try root.elements(body) { (element) throws(JSONError) in try find(body, element, &error) }
                : try find(body, root, &error)
            isJSON = true
        } catch { isJSON = false }
        guard let error, isJSON else {
            var problem = UpstreamProblem(kind(status, nil), "the provider answered with status \(status)")
            problem.retryAfter = ProviderWords.retryAfter(retryAfter)
            return problem
        }
        var problem = Self.problem(status: status, body, error)
        problem.retryAfter = problem.retryAfter ?? ProviderWords.retryAfter(retryAfter)
        return problem
    }

    private static func find(
        _ body: Span<UInt8>, _ object: JSONPlace, _ error: inout ByteRange?
    ) throws(JSONError) -> Int {
        var found: ByteRange?
        let end = try object.members(body) { (name, value) throws(JSONError) in
            let range = try value.range(body)
            if name == Name.error, value.kind == .object { found = range }
            return Int(range.end)
        }
        error = error ?? found
        return end
    }

    /// What the error object in `range`, valid JSON, says.
    /// - Parameter status: of the answer; nil in a stream, where the object's own `code` tells.
    static func problem(status: Int?, _ bytes: Span<UInt8>, _ range: ByteRange) -> UpstreamProblem {
        var facts = Facts()
        do throws(JSONError) {
            try facts.read(bytes.extracting(range.bounds))
        } catch {
            return UpstreamProblem(.malformed, "the provider's error is not valid JSON")
        }
        let status = status ?? facts.code
        var problem = UpstreamProblem(
            kind(status, facts), ProviderWords.clean(facts.message ?? "the provider answered with status \(status)"),
            code: facts.reason ?? facts.status)
        problem.retryAfter = facts.retryDelay
        return problem
    }

    private struct Facts {
        var code = 500
        var message: String?
        var status: String?
        /// Of `ErrorInfo`: `API_KEY_INVALID` and the like.
        var reason: String?
        /// Of `RetryInfo`.
        var retryDelay: TimeSpan?
        /// Of `QuotaFailure`: a quota by the day is among those that were hit.
        var isDaily = false

        mutating func read(_ bytes: Span<UInt8>) throws(JSONError) {
            _ = try JSONPlace.root(bytes).members(bytes) { (name, value) throws(JSONError) in
                switch name {
                case Name.code:
                    let range = try value.range(bytes)
                    code = JSONText.integer(bytes, range).flatMap { Int(exactly: $0) } ?? code
                    return Int(range.end)
                case Name.message: return try value.read(bytes, into: &message)
                case Name.status: return try value.read(bytes, into: &status)
                case Name.details:
                    return try value.elements(bytes) { (detail) throws(JSONError) in try readDetail(bytes, detail) }
                default: return try value.skip(bytes)
                }
            }
        }

        private mutating func readDetail(_ bytes: Span<UInt8>, _ detail: JSONPlace) throws(JSONError) -> Int {
            try detail.members(bytes) { (name, value) throws(JSONError) in
                switch name {
                case Name.reason: return try value.read(bytes, into: &reason)
                case Name.retryDelay:
                    let range = try value.range(bytes)
                    if value.kind == .string, range.count > 3 {
                        // `"46.837s"`, without its quotes and unit.
                        let number = ByteRange(start: Int(range.start) + 1, end: Int(range.end) - 2)
                        retryDelay = UsageReader.milliseconds(bytes, number).map { .milliseconds(Int64($0)) }
                    }
                    return Int(range.end)
                case Name.violations:
                    return try value.elements(bytes) { (violation) throws(JSONError) in
                        var quota: String?
                        let end = try violation.members(bytes) { (name, value) throws(JSONError) in
                            name == Name.quotaId ? try value.read(bytes, into: &quota) : try value.skip(bytes)
                        }
                        if quota?.contains("PerDay") == true { isDaily = true }
                        return end
                    }
                default: return try value.skip(bytes)
                }
            }
        }
    }

    private static func kind(_ status: Int, _ facts: Facts?) -> UpstreamProblem.Kind {
        switch facts?.reason {
        case "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED",
            "API_KEY_IP_ADDRESS_BLOCKED",
            "ACCESS_TOKEN_EXPIRED", "SERVICE_DISABLED", "CONSUMER_INVALID":
            return .credential
        case "BILLING_DISABLED": return .quota
        default: break
        }
        let message = facts?.message ?? ""
        switch status {
        case 400 where message.contains("API key not valid") || message.contains("API key expired"): return .credential
        case 400 where facts?.status == "FAILED_PRECONDITION":
            // The account may not use the model from here, or has no billing: nothing of the request.
            return .credential
        case 400 where message.contains("exceeds the maximum number of tokens"): return .contextLength
        case 401, 403: return .credential
        case 402: return .quota
        case 404: return .modelNotFound
        case 408, 504: return .timeout
        case 429:
            let isLong = facts?.retryDelay.map { $0 >= .seconds(3_600) } ?? false
            return facts?.isDaily == true || isLong ? .quota : .rateLimit
        case 503, 529: return .overloaded
        case 499: return .server
        case 400..<500: return .invalidRequest
        default: return .server
        }
    }

    private enum Name {
        static let error: ShortName = "error"
        static let code: ShortName = "code"
        static let message: ShortName = "message"
        static let status: ShortName = "status"
        static let details: ShortName = "details"
        static let reason: ShortName = "reason"
        static let retryDelay: ShortName = "retryDelay"
        static let violations: ShortName = "violations"
        static let quotaId: ShortName = "quotaId"
    }
}
