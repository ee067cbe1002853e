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

    /// Its bit in a set of ids; 0 for `other` and families, which are not looked up by id.
    var bit: UInt64 {
        guard self != .other, !isFamily else { return 0 }
        precondition(rawValue < 64, "one word holds all single names")
        return 1 &<< UInt64(rawValue)
    }
}

/// The table behind the resolution of names: open addressing over the name's first 32 bytes as four words. Built once; a class, so that no
/// lookup copies it.
final class FieldNames: Sendable {
    static let shared = FieldNames()

    struct Entry: Sendable {
        var key = FieldNameKey()
        var id = FieldID.other
        var traits: FieldTraits = []
        var bit: UInt64 = 0
    }
    /// Empty slots have a key of no bytes.
    private let slots: InlineArray<256, Entry>
    /// Their keys are the prefixes.
    private let families: InlineArray<8, Entry>

    private init() {
        var slots = InlineArray<256, Entry>(repeating: Entry())
        var families = InlineArray<8, Entry>(repeating: Entry())
        var familyCount = 0
        for id in FieldID.allCases where id != .other {
            let key = FieldNames.key(of: id)
            let entry = Entry(key: key, id: id, traits: FieldTraits(of: id), bit: id.bit)
            if id.isFamily {
                families[familyCount] = entry
                familyCount += 1
            } else {
                var slot = FieldNames.slot(key)
                while slots[slot].id != .other { slot = (slot &+ 1) & 255 }
                slots[slot] = entry
            }
        }
        self.slots = slots
        self.families = families
    }

    @inline(__always) private static func slot(_ key: FieldNameKey) -> Int {
        let mixed = key.words.0 ^ (key.words.1 &<< 23 | key.words.1 &>> 41) ^ key.words.2
        return Int(truncatingIfNeeded: (mixed &* 0x9E37_79B9_7F4A_7C15) &>> 56)
    }

    private static func key(of id: FieldID) -> FieldNameKey {
        var text = ByteBuffer()
        text.append(id.name)
        text.append(":")
        guard let key = text.span.fieldNameKey(from: 0, to: text.count), key.count <= 32 else {
            preconditionFailure("a known name has at most 32 bytes")
        }
        for at in 0..<key.count {  // see `FieldNameKey`
            let byte = text.span[at]
            precondition(byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D, "small letters, digits and - only")
        }
        return key
    }

    /// The slot of the name with `key`, which has no control character in it; of an empty slot when it is not listed.
    @inline(__always) func find(_ key: FieldNameKey) -> Int {
        var slot = FieldNames.slot(key)
        while slots[slot].id != .other, !(slots[slot].key == key) { slot = (slot &+ 1) & 255 }
        return slot
    }

    /// What is known about the name in `slot`; its id is `other` when the slot is empty.
    @inline(__always) subscript(slot: Int) -> (id: FieldID, traits: FieldTraits, bit: UInt64) {
        (slots[slot].id, slots[slot].traits, slots[slot].bit)
    }

    /// The family that the name with `key` belongs to, if any.
    @inline(__always) func resolveFamily(_ key: FieldNameKey) -> Entry? {
        // Every family begins with `x-` or `an`.
        let pair = key.words.0 & 0xFFFF
        guard pair == 0x2D78 || pair == 0x6E61 else { return nil }
        for index in families.indices where families[index].id != .other && key.begins(with: families[index].key) {
            return families[index]
        }
        return nil
    }
}
