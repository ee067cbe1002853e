public import WeirBase

/// AWS Signature Version 4 ("Create a signed AWS API request", IAM User Guide) for requests without a query: a key is derived once a day, then a
/// request takes three short digests. The body is signed by its digest, so that whoever digests fast does that part.
public struct SigV4: Sendable {
    /// What a request must carry beside its own fields.
    public struct Fields: Equatable, Sendable {
        /// `x-amz-date`
        public var date: String
        /// `authorization`
        public var authorization: String
    }

    public let accessKey: String
    /// `x-amz-security-token` of temporary credentials: signed and sent.
    public let sessionToken: Secret?
    public let region: String
    public let service: String
    private let secretKey: Secret
    /// `20261125`, of the key.
    private var day = ""
    private var scope = ""
    private var key: HMAC256?

    public init(
        accessKey: String, secretKey: Secret, sessionToken: Secret? = nil, region: String, service: String = "bedrock"
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.region = region
        self.service = service
    }

    /// Signs a request.
    /// - Parameters:
    ///   - path: as it is sent; Bedrock's rules encode it once more for the signature.
    ///   - host: as in the field `host`, with its port where that is no usual one.
    ///   - contentType: signed where it is given, and then sent exactly so.
    ///   - bodyDigest: SHA-256 of the whole body.
    ///   - now: within five minutes of Amazon's clock.
    public mutating func sign(
        _ method: StaticString = "POST", path: String, host: String, contentType: String? = "application/json",
        bodyDigest: Digest256, at now: WallTime
    ) -> Fields {
        let date = now.description.filter { $0 != "-" && $0 != ":" }
        let key = dayKey(String(date.prefix(8)))
        var names: StaticString {
            switch (contentType, sessionToken) {
            case (nil, nil): "host;x-amz-date"
            case (nil, _?): "host;x-amz-date;x-amz-security-token"
            case (_?, nil): "content-type;host;x-amz-date"
            case (_?, _?): "content-type;host;x-amz-date;x-amz-security-token"
            }
        }
        var text = ByteBuffer(capacity: 1_024)
        text.append(method)
        text.append("\n")
        text.append(percentEncoded: path.utf8Span.span, keepsSlash: true)
        text.append("\n\n")
        if let contentType { Self.append(field: "content-type", contentType, &text) }
        Self.append(field: "host", host, &text)
        Self.append(field: "x-amz-date", date, &text)
        if let sessionToken {
            text.append("x-amz-security-token:")
            sessionToken.reveal { text.append($0) }
            text.append("\n")
        }
        text.append("\n")
        text.append(names)
        text.append("\n")
        text.append(bodyDigest)
        let request = SHA256State.digest(text.span)

        text.removeAll()
        text.append("AWS4-HMAC-SHA256\n")
        text.append(date)
        text.append("\n")
        text.append(scope)
        text.append("\n")
        text.append(request)
        let signature = key.code(text.span)

        text.removeAll()
        text.append("AWS4-HMAC-SHA256 Credential=")
        text.append(accessKey)
        text.append("/")
        text.append(scope)
        text.append(", SignedHeaders=")
        text.append(names)
        text.append(", Signature=")
        text.append(signature)
        return Fields(date: date, authorization: text.text())
    }

    private static func append(field name: StaticString, _ value: String, _ text: inout ByteBuffer) {
        text.append(name)
        text.append(":")
        text.append(value)
        text.append("\n")
    }

    /// The key of the day, region and service.
    private mutating func dayKey(_ today: String) -> HMAC256 {
        if let key, today == day { return key }
        var secret = ByteBuffer(capacity: 64)
        secret.append("AWS4")
        secretKey.reveal { secret.append($0) }
        var chain = HMAC256(key: secret.span)
        for word in [today, region, service, "aws4_request"] { chain = HMAC256(chain.code(word.utf8Span.span)) }
        (day, scope, key) = (today, "\(today)/\(region)/\(service)/aws4_request", chain)
        return chain
    }
}
