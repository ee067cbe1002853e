public import WeirBase

/// The fields that Weir knows by name; resolved once, when a head is parsed.
public enum FieldID: UInt8, Sendable {
    case other
    case accept, acceptEncoding, apiKey, authorization, cacheControl, connection, contentLength, contentType, cookie,
        date
    case expect, forwarded, host, keepAlive, openAIOrganization, openAIProject, proxyAuthenticate, proxyAuthorization
    case proxyConnection, rateLimit, requestID, retryAfter, server, serverTiming, setCookie, stainless,
        strictTransportSecurity
    case te, trailer, transferEncoding, upgrade, userAgent, via, weir, weirTags, xAPIKey, xForwarded, xRequestID, altSvc
    case anthropicVersion, contentEncoding, shouldRetry

    /// The field named by the bytes in `name`, whatever their case.
    init(_ bytes: Span<UInt8>, _ name: ByteRange) {
        func named(_ text: StaticString) -> Bool { bytes.equals(name, ignoringCaseOf: text) }
        func begins(_ text: StaticString) -> Bool { bytes.starts(name, withIgnoringCaseOf: text) }
        // The first letter and the length leave one or two candidates to compare.
        guard !name.isEmpty else {
            self = .other
            return
        }
        let length = name.count
        switch bytes[Int(name.start)] | 0x20 {
        case UInt8(ascii: "a"):
            self =
                switch length {
                case 6: named("accept") ? .accept : .other
                case 7: named("api-key") ? .apiKey : named("alt-svc") ? .altSvc : .other
                case 13: named("authorization") ? .authorization : .other
                case 15: named("accept-encoding") ? .acceptEncoding : .other
                case 17: named("anthropic-version") ? .anthropicVersion : .other
                default: begins("anthropic-ratelimit-") ? .rateLimit : .other
                }
        case UInt8(ascii: "c"):
            self =
                switch length {
                case 6: named("cookie") ? .cookie : .other
                case 10: named("connection") ? .connection : .other
                case 12: named("content-type") ? .contentType : .other
                case 13: named("cache-control") ? .cacheControl : .other
                case 14: named("content-length") ? .contentLength : .other
                case 16: named("content-encoding") ? .contentEncoding : .other
                default: .other
                }
        case UInt8(ascii: "d"): self = named("date") ? .date : .other
        case UInt8(ascii: "e"): self = named("expect") ? .expect : .other
        case UInt8(ascii: "f"): self = named("forwarded") ? .forwarded : .other
        case UInt8(ascii: "h"): self = named("host") ? .host : .other
        case UInt8(ascii: "k"): self = named("keep-alive") ? .keepAlive : .other
        case UInt8(ascii: "o"):
            self =
                named("openai-organization") ? .openAIOrganization : named("openai-project") ? .openAIProject : .other
        case UInt8(ascii: "p"):
            self =
                named("proxy-connection")
                ? .proxyConnection
                : named("proxy-authorization")
                    ? .proxyAuthorization : named("proxy-authenticate") ? .proxyAuthenticate : .other
        case UInt8(ascii: "r"): self = named("retry-after") ? .retryAfter : named("request-id") ? .requestID : .other
        case UInt8(ascii: "s"):
            self =
                switch length {
                case 6: named("server") ? .server : .other
                case 10: named("set-cookie") ? .setCookie : .other
                case 13: named("server-timing") ? .serverTiming : .other
                default: named("strict-transport-security") ? .strictTransportSecurity : .other
                }
        case UInt8(ascii: "t"):
            self =
                switch length {
                case 2: named("te") ? .te : .other
                case 7: named("trailer") ? .trailer : .other
                default: named("transfer-encoding") ? .transferEncoding : .other
                }
        case UInt8(ascii: "u"): self = named("user-agent") ? .userAgent : named("upgrade") ? .upgrade : .other
        case UInt8(ascii: "v"): self = named("via") ? .via : .other
        case UInt8(ascii: "x"):
            if named("x-api-key") {
                self = .xAPIKey
            } else if named("x-request-id") {
                self = .xRequestID
            } else if begins("x-stainless-") {
                self = .stainless
            } else if begins("x-ratelimit-") {
                self = .rateLimit
            } else if begins("x-weir-") {
                self = named("x-weir-tags") ? .weirTags : .weir
            } else if begins("x-forwarded-") || named("x-real-ip") {
                self = .xForwarded
            } else {
                self = named("x-should-retry") ? .shouldRetry : .other
            }
        default: self = .other
        }
    }

    /// Whether the field concerns one connection only and never crosses (RFC 9110, section 7.6.1). Fields that Connection names are marked
    /// where the head is parsed.
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .proxyAuthorization, .te, .trailer,
            .transferEncoding,
            .upgrade:
            true
        default: false
        }
    }

    /// Whether a request's field goes on to the provider. Dropped are what concerns one connection, what names or proves the client
    /// (its key, cookies, addresses, organisation), what Weir writes itself, and `accept-encoding`: Weir has to read the answer.
    public var crossesToUpstream: Bool {
        switch self {
        case .host, .authorization, .xAPIKey, .apiKey, .cookie, .stainless, .openAIOrganization, .openAIProject,
            .contentLength,
            .expect, .acceptEncoding, .weir, .weirTags, .forwarded, .xForwarded, .via, .xRequestID, .requestID:
            false
        default: !isHopByHop
        }
    }

    /// Whether a response's field goes on to the client. Dropped are what concerns one connection, what tells of the provider's account
    /// (limits, organisation, cookies, server), and what Weir writes itself.
    public var crossesToClient: Bool {
        switch self {
        case .contentLength, .xRequestID, .requestID, .rateLimit, .openAIOrganization, .openAIProject, .setCookie,
            .server, .altSvc,
            .strictTransportSecurity, .serverTiming, .weir, .weirTags, .via, .date:
            false
        default: !isHopByHop
        }
    }
}

/// One field of a head, as ranges into it.
public struct Field: Sendable {
    public var id: FieldID
    /// Whether the Connection field names it: it does not cross then.
    public var isNominated = false
    public var name: ByteRange
    /// Without white space at its ends.
    public var value: ByteRange
}
