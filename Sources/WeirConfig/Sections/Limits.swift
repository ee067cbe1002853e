import WeirBase

extension Reader {
    static let limitSettings: [Setting] = [
        .optional(
            "head_bytes", "1KiB to 1MiB", default: "64KiB", "Bytes of a request's head: request line and fields."),
        .optional("headers", "8 to 1024", default: "128", "Fields of a request's head."),
        .optional(
            "body_bytes", "1KiB to 1GiB", default: "32MiB", "Bytes of a request's body.",
            aliases: ["max_body", "body", "body_size"]),
        .optional("head_timeout", "100ms to 5m", default: "10s", "From a connection's first byte to its head's last."),
        .optional(
            "idle_timeout", "1s to 1h", default: "75s", "How long a connection is kept alive between two requests.",
            aliases: ["keep_alive", "keepalive"]),
        .optional("connections", "1 to 1000000", default: "16384", "Client connections of the whole process."),
        .optional(
            "output_tokens", "1 to 100000000", default: "32768",
            "Tokens of one answer, at most, of a model whose limit the price table does not know: what a budget is held for when a request does not limit its output.",
            aliases: ["max_output_tokens", "max_tokens"]),
        .optional(
            "drain", "0s to 1h", default: "30s", "How long streams may go on after SIGTERM.",
            aliases: ["grace", "shutdown_timeout"]),
    ]

    func readLimits(_ field: Field?) -> Policy.Limits {
        var limits = Policy.Limits()
        guard let field, let section = Section(field, Self.limitSettings) else { return limits }
        limits.headBytes = section["head_bytes"]?.size(in: 1 << 10...1 << 20) ?? limits.headBytes
        limits.headers = section["headers"]?.number(in: 8...1024) ?? limits.headers
        limits.bodyBytes = section["body_bytes"]?.size(in: 1 << 10...1 << 30) ?? limits.bodyBytes
        limits.headTimeout =
            section["head_timeout"]?.duration(in: .milliseconds(100) ... .seconds(300)) ?? limits.headTimeout
        limits.idleTimeout = section["idle_timeout"]?.duration(in: .seconds(1) ... .seconds(3600)) ?? limits.idleTimeout
        limits.connections = section["connections"]?.number(in: 1...1_000_000) ?? limits.connections
        limits.outputTokens = section["output_tokens"]?.number(in: 1...100_000_000) ?? limits.outputTokens
        limits.drain = section["drain"]?.duration(in: .zero ... .seconds(3600)) ?? limits.drain
        return limits
    }
}
