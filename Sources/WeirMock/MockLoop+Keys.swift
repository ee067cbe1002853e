import WeirBase
import WeirMockScript
import WeirWire

extension MockLoop {
    /// Looks for the key where each provider's clients put it. Azure and Bedrock want to see one even where none is set.
    func checkKey(
        _ service: Service, _ head: borrowing RequestHead, _ headBytes: Span<UInt8>, _ body: Span<UInt8>
    ) throws(Refusal) {
        if service == .bedrock { return try checkAmazonKey(head, headBytes, body) }
        if server.options.key == nil, service != .azure { return }
        var shown: [ByteRange] = []
        if let range = bearer(head, headBytes) { shown.append(range) }
        let field: FieldID? =
            switch service {
            case .openAI, .bedrock: nil
            case .anthropic: .xAPIKey
            case .gemini: .xGoogAPIKey
            case .azure: .apiKey
            }
        if let field, let range = head.fields.value(field) { shown.append(range) }
        if service == .gemini, let range = queryKey(head, headBytes) { shown.append(range) }
        guard service != .azure || !shown.isEmpty else { throw .invalidKey(service) }
        guard let key = server.options.key else { return }
        let isRight = key.reveal { key in shown.contains { isEqual(key, headBytes.extracting($0.bounds)) } }
        guard isRight else { throw .invalidKey(service) }
    }

    /// A bearer token, or a signature: of the secret where one is set, else anybody's.
    private func checkAmazonKey(
        _ head: borrowing RequestHead, _ headBytes: Span<UInt8>, _ body: Span<UInt8>
    ) throws(Refusal) {
        guard let field = head.fields.value(.authorization) else {
            throw Refusal(
                status: 403, code: "MissingAuthenticationTokenException", message: "Missing Authentication Token")
        }
        let options = server.options
        if let token = bearer(head, headBytes) {
            guard options.key != nil || options.secretAccessKey == nil else { throw .invalidKey(.bedrock) }
            guard let key = options.key else { return }
            guard key.reveal({ isEqual($0, headBytes.extracting(token.bounds)) }) else { throw .invalidKey(.bedrock) }
            return
        }
        let signature = try RequestSignature(field, headBytes)
        guard let secret = options.secretAccessKey else {
            guard options.key == nil else { throw .invalidKey(.bedrock) }
            return
        }
        guard signature.accessKey == options.accessKey else { throw .invalidKey(.bedrock) }
        try signature.check(secret, head, headBytes, body)
    }

    private func bearer(_ head: borrowing RequestHead, _ headBytes: Span<UInt8>) -> ByteRange? {
        guard let range = head.fields.value(.authorization) else { return nil }
        let scheme = Array("Bearer ".utf8)
        let value = headBytes.extracting(range.bounds)
        guard value.count >= scheme.count, isEqual(scheme.span, value.extracting(0..<scheme.count)) else { return nil }
        return ByteRange(start: Int(range.start) + scheme.count, end: Int(range.end))
    }

    /// The value of `key=` in the query.
    private func queryKey(_ head: borrowing RequestHead, _ headBytes: Span<UInt8>) -> ByteRange? {
        guard let query = head.query else { return nil }
        var start = Int(query.start)
        while start < query.end {
            var end = start
            while end < query.end, headBytes[end] != UInt8(ascii: "&") { end += 1 }
            if end - start >= 4, headBytes[start] == UInt8(ascii: "k"), headBytes[start + 1] == UInt8(ascii: "e"),
                headBytes[start + 2] == UInt8(ascii: "y"), headBytes[start + 3] == UInt8(ascii: "=")
            {
                return ByteRange(start: start + 4, end: end)
            }
            start = end + 1
        }
        return nil
    }
}
