/// What a relay must know about a field, found with its name.
public struct FieldTraits: OptionSet, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// For this connection only (RFC 9110, section 7.6.1).
    public static let hopByHop = FieldTraits(rawValue: 1)
    /// Named by the message's Connection field.
    public static let nominated = FieldTraits(rawValue: 2)
    /// Ends at Weir in a request: credentials, accounts, who the client is, what the relay writes itself.
    public static let keptFromUpstream = FieldTraits(rawValue: 4)
    /// Ends at Weir in an answer: ids, accounts and limits of the provider, what the relay writes itself.
    public static let keptFromClient = FieldTraits(rawValue: 8)

    /// The policy: which fields cross the gateway in which direction. Fields that are not listed cross both ways.
    init(of id: FieldID) {
        switch id {
        case .connection, .keepAlive, .proxyConnection, .te, .trailer, .transferEncoding, .upgrade, .http2Settings,
            .proxyAuthenticate, .proxyAuthorization:
            self = .hopByHop
        // A client's credential is for Weir only; the provider gets its own, which an upstream that echoes it must not hand to the client.
        case .authorization, .xAPIKey, .apiKey, .xGoogAPIKey, .xAmzSecurityToken, .cookie:
            self = [.keptFromUpstream, .keptFromClient]
        // `accept-encoding`: Weir must be able to read the answer.
        case .host, .expect, .acceptEncoding, .forwarded, .xRealIP, .via, .xForwardedFamily, .xStainlessFamily:
            self = .keptFromUpstream
        case .contentLength, .xWeirTags, .xWeirFamily, .openAIOrganization, .openAIProject:
            self = [.keptFromUpstream, .keptFromClient]
        case .xRequestID, .requestID, .xRateLimitFamily, .anthropicRateLimitFamily, .anthropicOrganizationID,
            .setCookie,
            .server, .altSvc, .strictTransportSecurity, .serverTiming:
            self = .keptFromClient
        case .other, .contentType, .contentEncoding, .accept, .acceptLanguage, .userAgent, .cacheControl, .date, .vary,
            .etag, .location, .retryAfter, .retryAfterMs, .xShouldRetry, .idempotencyKey, .wwwAuthenticate,
            .xClientRequestID, .openAIProcessingMs, .openAIVersion, .openAIBeta, .anthropicVersion, .anthropicBeta,
            .traceparent, .tracestate:
            self = []
        }
    }
}

/// Decides which fields a relay copies: one test of bits a field.
public struct FieldFilter: Sendable {
    @usableFromInline let dropped: FieldTraits

    @usableFromInline init(dropped: FieldTraits) { self.dropped = dropped }

    /// From the client to an upstream.
    @inlinable public static var request: FieldFilter {
        FieldFilter(dropped: [.hopByHop, .nominated, .keptFromUpstream])
    }
    /// From an upstream to the client.
    @inlinable public static var response: FieldFilter {
        FieldFilter(dropped: [.hopByHop, .nominated, .keptFromClient])
    }

    /// Whether `field` crosses.
    @inlinable public func passes(_ field: Field) -> Bool { field.traits.isDisjoint(with: dropped) }
}
