public import WeirBase

/// What a method and a path of the OpenAI surface lead to.
public enum OpenAIMatch: Equatable, Sendable {
    /// `id` is the range of the first variable segment in the path, if the path has one.
    case endpoint(OpenAIEndpoint, id: ByteRange?)
    /// The path is there, but not for this method; `allow` is the value of the `Allow` field.
    case methodNotAllowed(allow: String)
    case notFound
}

extension OpenAIEndpoint {
    private struct Row: Sendable {
        let methods: [[UInt8]]
        let pattern: [UInt8]
        let endpoint: OpenAIEndpoint

        init(_ methods: String, _ pattern: String, _ endpoint: OpenAIEndpoint) {
            self.methods = methods.utf8.split(separator: UInt8(ascii: " ")).map(Array.init)
            self.pattern = Array(pattern.utf8)
            self.endpoint = endpoint
        }
    }

    /// The most used first. `{}` stands for one segment that is not empty.
    private static let rows: [Row] = [
        Row("POST GET", "/v1/chat/completions", .chatCompletions),
        Row("POST", "/v1/responses", .responses),
        Row("POST", "/v1/embeddings", .embeddings),
        Row("POST", "/v1/completions", .completions),
        Row("POST", "/v1/moderations", .moderations),
        Row("GET", "/v1/models", .models),
        Row("GET", "/v1/models/{}", .model),
        Row("GET POST DELETE", "/v1/chat/completions/{}", .storedChat),
        Row("GET", "/v1/chat/completions/{}/messages", .storedChat),
        Row("POST", "/v1/responses/input_tokens", .responsesInputTokens),
        Row("POST", "/v1/responses/compact", .responsesCompact),
        Row("GET DELETE", "/v1/responses/{}", .storedResponse),
        Row("POST", "/v1/responses/{}/cancel", .storedResponse),
        Row("GET", "/v1/responses/{}/input_items", .storedResponse),
        Row("POST", "/v1/images/generations", .imageGenerations),
        Row("POST", "/v1/images/edits", .imageEdits),
        Row("POST", "/v1/images/variations", .imageVariations),
        Row("POST", "/v1/audio/speech", .speech),
        Row("POST", "/v1/audio/transcriptions", .transcriptions),
        Row("POST", "/v1/audio/translations", .translations),
        Row("GET POST", "/v1/files", .files),
        Row("GET DELETE", "/v1/files/{}", .files),
        Row("GET", "/v1/files/{}/content", .files),
        Row("GET POST", "/v1/batches", .batches),
        Row("GET", "/v1/batches/{}", .batches),
        Row("POST", "/v1/batches/{}/cancel", .batches),
    ]

    /// Every method and path of the table, with `{}` for a variable segment: whoever has to look at all of them cannot forget one.
    public static var routes: [(method: String, path: String, endpoint: OpenAIEndpoint)] {
        rows.flatMap { row in
            row.methods.map { method in
                let method = String(decoding: method, as: UTF8.self)
                let isList = row.endpoint == .chatCompletions && method == "GET"
                return (method, String(decoding: row.pattern, as: UTF8.self), isList ? .storedChat : row.endpoint)
            }
        }
    }

    /// Looks a method and a path (decoded once, without its query) up in the table. Names match exactly: no case folding, no trailing slash.
    ///
    /// `GET /v1/chat/completions` lists stored chats and is `storedChat`. A row of literals wins over one with a variable segment.
    public static func match(method: Span<UInt8>, path: Span<UInt8>) -> OpenAIMatch {
        // Nearly all of the traffic is this one row.
        if path.count == 20, method.count == 4, path.has("/v1/chat/completions", at: 0, before: 20),
            method.has("POST", at: 0, before: 4)
        {
            return .endpoint(.chatCompletions, id: nil)
        }
        var allowed: String?
        for index in rows.indices {
            let row = rows[index]
            guard let id = fits(path, row.pattern.span) else { continue }
            for name in row.methods where name.span.isEqual(to: method) {
                if row.endpoint == .chatCompletions, name.count == 3 { return .endpoint(.storedChat, id: nil) }
                return .endpoint(row.endpoint, id: id.isEmpty ? nil : id)
            }
            // `GET /v1/responses/compact` may be a stored one's id by form, so other rows are still asked.
            let names = row.methods.map { String(decoding: $0, as: UTF8.self) }
            allowed = allowed.map { $0 + ", " + names.joined(separator: ", ") } ?? names.joined(separator: ", ")
        }
        return allowed.map { .methodNotAllowed(allow: $0) } ?? .notFound
    }

    /// The range of the variable segment, empty if the pattern has none; nil if the path does not fit.
    private static func fits(_ path: Span<UInt8>, _ pattern: Span<UInt8>) -> ByteRange? {
        var id = ByteRange(start: 0, end: 0)
        var at = 0
        var place = 0
        while place < pattern.count {
            if pattern[place] == UInt8(ascii: "{") {
                let start = at
                while at < path.count, path[at] != UInt8(ascii: "/") { at += 1 }
                guard at > start else { return nil }
                id = ByteRange(start: start, end: at)
                place += 2
            } else {
                guard at < path.count, path[at] == pattern[place] else { return nil }
                at += 1
                place += 1
            }
        }
        return at == path.count ? id : nil
    }
}
