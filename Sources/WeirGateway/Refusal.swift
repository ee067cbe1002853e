import WeirBase
import WeirBudget
import WeirDialects
import WeirLedger
import WeirLoop
import WeirWire

/// Why a request gets no answer of a provider. The one table from a reason to status, code and text is `shape`. Indirect, for the frames of all
/// async steps would keep room for the largest reason as long as a stream lasts.
indirect enum Refusal: Error {
    case http(HTTPError)
    case body(OpenAIRequestError)
    case messagesBody(AnthropicRequestError)
    /// No target of the model can be asked so.
    case untranslatable(Untranslatable, model: String)
    /// No target of the model has such a path.
    case notServed(model: String)
    case missingKey
    case twoKeys
    case invalidKey
    case keyExpired
    case keyRevoked
    case unknownPath
    case methodNotAllowed(allow: String)
    case unknownModel(String)
    case modelNotAllowed(String)
    case noProvider
    case badTags(String)
    case ledgerUnavailable
    /// No price is known, and a budget asks for one.
    case unpriced(model: String)
    /// A price is known, but not how much the request can use.
    case unbounded(model: String)
    /// A path that belongs to no model, whose price nobody knows.
    case unpricedPath
    /// A limit or a budget has no room.
    case notAdmitted(AdmissionRefusal)
    case missingMultipartModel
    case headTimedOut
    case bodyTimedOut
    case bodyCut
    case shuttingDown
    case upstreamStatus(Int, retryAfter: [UInt8]?)
    /// The same, of an upstream whose words were read.
    case upstreamProblem(UpstreamProblem)
    case upstreamFailed(UpstreamFailure)
    /// The same, after the answer had begun.
    case upstreamBroke(UpstreamFailure)

    /// How a call of an upstream failed before its answer began.
    enum UpstreamFailure {
        case connection(ConnectionError)
        case noFirstByte
        case badAnswer
        case tooSlow
    }

    /// Whether the connection has to close because its framing is lost or the body was not read.
    var closes: Bool {
        switch self {
        case .http, .headTimedOut, .bodyTimedOut, .bodyCut, .shuttingDown: true
        default: false
        }
    }

    /// The status as the OpenAI surface has it.
    private var status: Int {
        switch self {
        case .http(let error): error.status
        case .body, .messagesBody, .untranslatable, .notServed, .missingMultipartModel, .bodyCut, .badTags: 400
        case .missingKey, .invalidKey, .twoKeys, .keyExpired, .keyRevoked: 401
        case .unknownPath, .unknownModel: 404
        case .methodNotAllowed: 405
        case .modelNotAllowed: 403
        case .unpriced, .unbounded, .unpricedPath: 400
        case .notAdmitted: 429
        case .noProvider, .ledgerUnavailable: 503
        case .headTimedOut, .bodyTimedOut: 408
        case .shuttingDown: 503
        case .upstreamStatus(let status, _):
            switch status {
            case 401, 403: 502
            case 429: 429
            case 408, 504: 504
            case 503, 529: 503
            case 400..<500 where status != 409: status
            default: 502
            }
        case .upstreamProblem(let problem):
            switch problem.kind {
            case .invalidRequest, .contextLength, .contentPolicy: 400
            case .modelNotFound: 404
            case .rateLimit, .quota: 429
            case .overloaded: 503
            case .timeout: 504
            case .credential, .server, .malformed: 502
            }
        case .upstreamFailed(let failure), .upstreamBroke(let failure):
            switch failure {
            case .connection(.timedOut), .noFirstByte, .tooSlow: 504
            case .connection(.exhausted): 503
            case .connection(.refused), .connection(.unreachable), .connection(.unresolved): 503
            case .connection, .badAnswer: 502
            }
        }
    }

    /// The status of the answer.
    func status(on surface: Surface) -> Int {
        guard surface == .anthropic else { return status }
        return switch self {
        case .upstreamStatus(529, _): 529
        case .upstreamProblem(let problem) where problem.kind == .overloaded: 529
        default: status
        }
    }

    /// How the ledger calls a request that ended so after its hold.
    var requestStatus: RequestStatus {
        switch self {
        case .upstreamStatus, .upstreamProblem: .upstreamRefused
        case .upstreamFailed(.noFirstByte), .upstreamFailed(.tooSlow), .upstreamFailed(.connection(.timedOut)):
            .upstreamTimedOut
        case .ledgerUnavailable: .cut
        default: .upstreamUnavailable
        }
    }

    /// The same in no dialect, for an answer that has begun in another one than the upstream's.
    var problem: UpstreamProblem {
        let isTooSlow = if case .upstreamBroke(.tooSlow) = self { true } else { false }
        return UpstreamProblem(isTooSlow ? .timeout : .server, shape.message)
    }

    /// The answer in Anthropic's shape.
    private func anthropicShape(_ id: RequestID) -> AnthropicErrorShape {
        let status = status(on: .anthropic)
        let (shape, type) = (shape, AnthropicErrorShape.type(ofStatus: status))
        return switch self {
        case .messagesBody(let error):
            AnthropicErrorShape(message: error.message, type: type, requestID: id.description)
        case .untranslatable(let problem, _):
            AnthropicErrorShape(
                message: "\(problem.param): \(shape.message)", type: type, requestID: id.description)
        default:
            AnthropicErrorShape(message: shape.message, type: type, code: shape.code, requestID: id.description)
        }
    }

    /// Appends the body of the answer.
    func append(to out: inout ByteBuffer, on surface: Surface, _ id: RequestID) {
        switch surface {
        case .openAI: shape.append(to: &out)
        case .anthropic: anthropicShape(id).append(to: &out)
        }
    }

    /// Appends the event that ends a stream which has begun.
    /// - Parameter events: how many events the stream had.
    func appendEvent(to out: inout ByteBuffer, of endpoint: Endpoint, _ id: RequestID, after events: Int) {
        switch endpoint {
        case .openAI(.responses): shape.appendResponsesEvent(sequence: events, to: &out)
        case .openAI: shape.appendEvent(to: &out)
        case .messages, .countTokens: anthropicShape(id).appendEvent(to: &out)
        }
    }

    /// The answer in the shape of the OpenAI surface (DESIGN.md, section 9).
    private var shape: OpenAIErrorShape {
        switch self {
        case .http(let error):
            OpenAIErrorShape(
                message: error.message,
                code: error.status == 413 ? "request_too_large" : error.status == 400 ? "bad_request" : nil)
        case .body(let error): OpenAIErrorShape(error)
        case .messagesBody(let error):
            OpenAIErrorShape(message: error.message, param: error.param, code: "invalid_value")
        case .untranslatable(let problem, let model):
            OpenAIErrorShape(
                message: problem.isMistake
                    ? problem.message
                    : "\(problem.message) (the model `\(model)` is served in another API than this one)",
                param: problem.param, code: problem.isMistake ? "invalid_value" : "unsupported_parameter")
        case .notServed(let model):
            OpenAIErrorShape(
                message:
                    "no provider of the model `\(model)` can serve this request: its API has no such path or bound",
                param: "model", code: "unsupported_endpoint")
        case .missingKey:
            OpenAIErrorShape(
                message: "no API key: send your Weir key as `Authorization: Bearer KEY` or `x-api-key: KEY`",
                code: "invalid_api_key")
        case .twoKeys:
            OpenAIErrorShape(
                message: "`Authorization` and `x-api-key` hold different keys; send one of them",
                code: "invalid_api_key")
        case .invalidKey:
            OpenAIErrorShape(
                message: "unknown API key; use a key of this gateway, not a provider's", code: "invalid_api_key")
        case .keyExpired:
            OpenAIErrorShape(
                message: "this API key has expired; ask for a new one, or use the one that took its place",
                code: "key_expired")
        case .keyRevoked:
            OpenAIErrorShape(message: "this API key was revoked; ask for a new one", code: "key_revoked")
        case .unknownPath:
            OpenAIErrorShape(
                message: "unknown path; the paths of the OpenAI API and Anthropic's /v1/messages are served here",
                code: "not_found")
        case .methodNotAllowed(let allow):
            OpenAIErrorShape(message: "this path takes \(allow)", code: "method_not_allowed")
        case .unknownModel(let name):
            OpenAIErrorShape(
                message: "the model `\(name)` is not configured here; GET /v1/models lists those that are",
                param: "model",
                code: "model_not_found")
        case .modelNotAllowed(let name):
            OpenAIErrorShape(
                message: "this key may not use the model `\(name)`; GET /v1/models lists those that it may",
                param: "model",
                code: "model_not_allowed")
        case .noProvider:
            OpenAIErrorShape(
                message: "no provider serves this path", type: "server_error", code: "upstream_unavailable")
        case .badTags(let problem):
            OpenAIErrorShape(
                message: "`x-weir-tags` is not a list of NAME=VALUE: \(problem)", param: "x-weir-tags",
                code: "invalid_value")
        case .unpriced(let name):
            OpenAIErrorShape(
                message:
                    "no price is known for the model `\(name)`, and this key has a budget; add it under `prices` in the configuration",
                param: "model", code: "model_unpriced")
        case .unbounded(let name):
            OpenAIErrorShape(
                message:
                    "nothing bounds what this request to `\(name)` can cost, and this key has a budget: leave out hosted tools and background work, or set max_input_tokens of the model's target",
                param: "model", code: "model_unpriced")
        case .unpricedPath:
            OpenAIErrorShape(
                message: "what this path starts cannot be priced, and this key has a budget; use a key without one",
                code: "model_unpriced")
        case .notAdmitted(.budget(let refusal)):
            OpenAIErrorShape(message: refusal.message, type: "insufficient_quota", code: "budget_exceeded")
        case .notAdmitted(let refusal):
            OpenAIErrorShape(message: refusal.limitMessage, type: "requests", code: "rate_limit_exceeded")
        case .ledgerUnavailable:
            OpenAIErrorShape(
                message:
                    "the gateway cannot record what this request would cost, so it is not made; the gateway's log says why",
                type: "server_error", code: "ledger_unavailable")
        case .missingMultipartModel:
            OpenAIErrorShape(
                message: "the form has no field `model`, or not exactly one", param: "model",
                code: "missing_required_parameter")
        case .headTimedOut:
            OpenAIErrorShape(message: "the request's head did not come in time", code: "request_timeout")
        case .bodyTimedOut:
            OpenAIErrorShape(message: "the request's body did not come in time", code: "request_timeout")
        case .bodyCut:
            OpenAIErrorShape(message: "the connection ended before the request's body did", code: "bad_request")
        case .shuttingDown:
            OpenAIErrorShape(
                message: "the gateway is shutting down; try again", type: "server_error", code: "upstream_unavailable")
        case .upstreamStatus(let status, _): Refusal.shape(ofUpstream: status)
        case .upstreamProblem(let problem):
            problem.kind == .credential ? Refusal.shape(ofUpstream: 401) : OpenAIErrorShape(problem)
        case .upstreamFailed(let failure): Refusal.shape(of: failure)
        case .upstreamBroke(.tooSlow): Refusal.shape(of: .tooSlow)
        case .upstreamBroke:
            OpenAIErrorShape(
                message: "the provider broke off in the middle of its answer", type: "server_error",
                code: "upstream_error")
        }
    }

    private static func shape(ofUpstream status: Int) -> OpenAIErrorShape {
        switch status {
        case 401, 403:
            OpenAIErrorShape(
                message: "the provider does not accept the gateway's credential", type: "server_error",
                code: "upstream_auth_error")
        case 429:
            OpenAIErrorShape(
                message: "the provider is limiting requests; try again later", type: "requests",
                code: "rate_limit_exceeded")
        case 408, 504:
            OpenAIErrorShape(
                message: "the provider timed out (\(status))", type: "server_error", code: "upstream_timeout")
        case 503, 529:
            OpenAIErrorShape(
                message: "the provider is not available (\(status))", type: "server_error", code: "upstream_unavailable"
            )
        case 400..<500 where status != 409:
            OpenAIErrorShape(message: "the provider refused the request (\(status))")
        default:
            OpenAIErrorShape(message: "the provider failed (\(status))", type: "server_error", code: "upstream_error")
        }
    }

    private static func shape(of failure: UpstreamFailure) -> OpenAIErrorShape {
        switch failure {
        case .connection(.timedOut):
            OpenAIErrorShape(
                message: "no connection to the provider in time", type: "server_error", code: "upstream_timeout")
        case .connection(.exhausted):
            OpenAIErrorShape(
                message: "all connections to the provider are in use", type: "server_error",
                code: "upstream_unavailable")
        case .connection(.refused), .connection(.unreachable), .connection(.unresolved):
            OpenAIErrorShape(
                message: "the provider cannot be reached", type: "server_error", code: "upstream_unavailable")
        case .connection(.tls):
            OpenAIErrorShape(
                message: "no secure connection to the provider; the gateway's log says why", type: "server_error",
                code: "upstream_error")
        case .connection:
            OpenAIErrorShape(
                message: "the provider closed the connection before it answered", type: "server_error",
                code: "upstream_error")
        case .noFirstByte:
            OpenAIErrorShape(
                message: "the provider did not answer in time", type: "server_error", code: "upstream_timeout")
        case .tooSlow:
            OpenAIErrorShape(
                message: "the provider stopped in the middle of its answer", type: "server_error",
                code: "upstream_timeout")
        case .badAnswer:
            OpenAIErrorShape(
                message: "the provider's answer is malformed", type: "server_error", code: "upstream_error")
        }
    }
}
