internal import WeirBase

/// A field name that Weir knows, resolved once while the head is parsed. `other` is any name that is not listed; a name that ends in
/// `Family` stands for all names with a prefix, those that are listed on their own excepted.
public enum FieldID: UInt8, CaseIterable, Sendable {
    case other = 0
    // Framing and connection
    case host, connection, contentLength, transferEncoding, expect, upgrade, keepAlive, proxyConnection, te, trailer
    case http2Settings, proxyAuthenticate, proxyAuthorization
    // Credentials
    case authorization, xAPIKey, apiKey, xGoogAPIKey, xAmzSecurityToken, cookie, setCookie
    // Content
    case contentType, contentEncoding, accept, acceptEncoding, acceptLanguage, userAgent, cacheControl, date, server,
        vary, etag
    case location, retryAfter, retryAfterMs, xShouldRetry, idempotencyKey, wwwAuthenticate
    // Names and accounts
    case xRequestID, requestID, xClientRequestID, xWeirTags, openAIOrganization, openAIProject, openAIProcessingMs,
        openAIVersion
    case openAIBeta, anthropicVersion, anthropicBeta, anthropicOrganizationID, traceparent, tracestate
    // Hops
    case forwarded, xRealIP, via, altSvc, strictTransportSecurity, serverTiming
    // Prefixes
    case xWeirFamily, xStainlessFamily, xRateLimitFamily, anthropicRateLimitFamily, xForwardedFamily

    /// The name in small letters, of a family its prefix; empty for `other`.
    public var name: StaticString {
        switch self {
        case .other: ""
        case .host: "host"
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .expect: "expect"
        case .upgrade: "upgrade"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .te: "te"
        case .trailer: "trailer"
        case .http2Settings: "http2-settings"
        case .proxyAuthenticate: "proxy-authenticate"
        case .proxyAuthorization: "proxy-authorization"
        case .authorization: "authorization"
        case .xAPIKey: "x-api-key"
        case .apiKey: "api-key"
        case .xGoogAPIKey: "x-goog-api-key"
        case .xAmzSecurityToken: "x-amz-security-token"
        case .cookie: "cookie"
        case .setCookie: "set-cookie"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .acceptLanguage: "accept-language"
        case .userAgent: "user-agent"
        case .cacheControl: "cache-control"
        case .date: "date"
        case .server: "server"
        case .vary: "vary"
        case .etag: "etag"
        case .location: "location"
        case .retryAfter: "retry-after"
        case .retryAfterMs: "retry-after-ms"
        case .xShouldRetry: "x-should-retry"
        case .idempotencyKey: "idempotency-key"
        case .wwwAuthenticate: "www-authenticate"
        case .xRequestID: "x-request-id"
        case .requestID: "request-id"
        case .xClientRequestID: "x-client-request-id"
        case .xWeirTags: "x-weir-tags"
        case .openAIOrganization: "openai-organization"
        case .openAIProject: "openai-project"
        case .openAIProcessingMs: "openai-processing-ms"
        case .openAIVersion: "openai-version"
        case .openAIBeta: "openai-beta"
        case .anthropicVersion: "anthropic-version"
        case .anthropicBeta: "anthropic-beta"
        case .anthropicOrganizationID: "anthropic-organization-id"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        case .forwarded: "forwarded"
        case .xRealIP: "x-real-ip"
        case .via: "via"
        case .altSvc: "alt-svc"
        case .strictTransportSecurity: "strict-transport-security"
        case .serverTiming: "server-timing"
        case .xWeirFamily: "x-weir-"
        case .xStainlessFamily: "x-stainless-"
        case .xRateLimitFamily: "x-ratelimit-"
        case .anthropicRateLimitFamily: "anthropic-ratelimit-"
        case .xForwardedFamily: "x-forwarded-"
        }
    }

    /// Whether it stands for a prefix.
    public var isFamily: Bool { rawValue >= FieldID.xWeirFamily.rawValue }
}

/// The table behind the resolution of names: open addressing over the name's first 32 bytes as four words. Built once.
struct FieldNames: Sendable {
    static let table = FieldNames()

    struct Entry: Sendable {
        var key: FieldNameKey
        var id: FieldID
        var traits: FieldTraits
    }
    /// Number of an entry, 255 in an empty slot.
    private var slots = InlineArray<256, UInt8>(repeating: 255)
    private var entries: [Entry] = []
    private let families: [FieldID]

    private init() {
        families = FieldID.allCases.filter { $0.isFamily }
        for id in FieldID.allCases where id != .other && !id.isFamily {
            var text = ByteBuffer()
            text.append(id.name)
            let key = text.span.fieldNameKey(at: 0)
            precondition(key.count == text.count && key.count <= 32, "a known name is a token of at most 32 bytes")
            var slot = FieldNames.slot(key)
            while slots[slot] != 255 { slot = (slot &+ 1) & 255 }
            slots[slot] = UInt8(entries.count)
            entries.append(Entry(key: key, id: id, traits: FieldTraits(of: id)))
        }
    }

    @inline(__always) private static func slot(_ key: FieldNameKey) -> Int {
        var mixed =
            key.words.0 ^ (key.words.1 &<< 23 | key.words.1 &>> 41) ^ key.words.2
            ^ UInt64(truncatingIfNeeded: key.count)
        mixed = mixed &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> 56)
    }

    /// The id and traits of the name with `key`, which starts at `start` of `bytes`.
    @inline(__always) func resolve(_ key: FieldNameKey, in bytes: Span<UInt8>, at start: Int) -> (FieldID, FieldTraits)
    {
        var slot = FieldNames.slot(key)
        while slots[slot] != 255 {
            let entry = entries[Int(slots[slot])]
            if entry.key == key { return (entry.id, entry.traits) }
            slot = (slot &+ 1) & 255
        }
        // Every family begins with `x-` or `an`.
        let pair = key.words.0 & 0xFFFF
        guard pair == 0x2D78 || pair == 0x6E61 else { return (.other, []) }
        return resolveFamily(ByteRange(start: start, end: start &+ key.count), in: bytes)
    }

    @inline(never) private func resolveFamily(_ name: ByteRange, in bytes: Span<UInt8>) -> (FieldID, FieldTraits) {
        for family in families {
            let length = family.name.utf8CodeUnitCount
            guard name.count > length else { continue }
            let prefix = ByteRange(start: Int(name.start), end: Int(name.start) + length)
            if bytes.equals(ignoringCase: family.name, in: prefix) { return (family, FieldTraits(of: family)) }
        }
        return (.other, [])
    }
}
