import WeirBase
import WeirMockScript
import WeirWire

/// The paths of the providers beside OpenAI.
extension Route {
    /// The endpoint at `path`; nil if it is not one of these providers'.
    init?(elsewhere method: String, _ path: String, query: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard let first = parts.first else { return nil }
        let isPost = method == "POST"
        switch (first, parts.count) {
        case ("v1", 3) where isPost && parts[1] == "messages" && parts[2] == "count_tokens":
            self = .ask(Call(.messageTokens))
        case ("v1", 3...), ("v1beta", 3...):
            guard parts[1] == "models", isPost,
                let call = Route.gemini(parts.dropFirst(2).joined(separator: "/"), query)
            else { return nil }
            self = .ask(call)
        case ("model", _):
            guard isPost, let call = Route.bedrock(parts) else {
                self = .unknown(method: method, path: path, .bedrock)
                return
            }
            self = .ask(call)
        case ("openai", _):
            guard isPost, let call = Route.azure(parts, query) else {
                self = .unknown(method: method, path: path, .azure)
                return
            }
            self = .ask(call)
        default: return nil
        }
    }

    /// `{model}:generateContent` and its siblings.
    private static func gemini(_ name: String, _ query: String) -> Call? {
        let name = decoded(name)
        guard let colon = name.lastIndex(of: ":") else { return nil }
        var call: Call
        switch name[name.index(after: colon)...] {
        case "generateContent": call = Call(.generate)
        case "streamGenerateContent":
            call = Call(.generate)
            call.streams = true
            call.isArray = !query.split(separator: "&").contains("alt=sse")
        case "countTokens": call = Call(.generateTokens)
        default: return nil
        }
        call.model = String(name[..<colon])
        return call.model.isEmpty ? nil : call
    }

    /// `model/{id}/converse` and `converse-stream`.
    private static func bedrock(_ parts: [String]) -> Call? {
        guard parts.count == 3, !parts[1].isEmpty, ["converse", "converse-stream"].contains(parts[2]) else {
            return nil
        }
        var call = Call(.converse)
        call.model = decoded(parts[1])
        call.streams = parts[2] == "converse-stream"
        return call
    }

    /// `openai/deployments/{deployment}/...?api-version=` and `openai/v1/...`.
    private static func azure(_ parts: [String], _ query: String) -> Call? {
        guard parts.count >= 3 else { return nil }
        let isDeployment = parts[1] == "deployments"
        guard isDeployment || parts[1] == "v1" else { return nil }
        let endpoint: Ask.Endpoint
        switch parts.dropFirst(isDeployment ? 3 : 2).joined(separator: "/") {
        case "chat/completions": endpoint = .chat
        case "completions": endpoint = .completions
        case "embeddings": endpoint = .embeddings
        case "responses" where !isDeployment: endpoint = .responses
        default: return nil
        }
        var call = Call(endpoint, .azure)
        if isDeployment { call.model = decoded(parts[2]) }
        call.version = query.split(separator: "&").first { $0.hasPrefix("api-version=") }.map {
            String($0.dropFirst(12))
        }
        return isDeployment && call.model.isEmpty ? nil : call
    }

    /// `text` without its percent signs (RFC 3986, section 2.1); a sign without two digits stays.
    private static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var plain: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
            {
                plain.append(byte)
                at += 3
            } else {
                plain.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// Whose errors it gets.
    var service: Service {
        switch self {
        case .ask(let call): call.service
        case .unknown(_, _, let service): service
        case .models, .model, .echo, .control: .openAI
        }
    }

    /// Takes over the fields of the head that the answer depends on.
    mutating func takeFields(of head: borrowing RequestHead, _ headBytes: Span<UInt8>) {
        guard case .ask(var call) = self, call.service == .anthropic else { return }
        call.version = head.fields.value(.anthropicVersion).map { Route.string(headBytes.extracting($0.bounds)) }
        call.isBeta = head.fields.value(.anthropicBeta).map { !$0.isEmpty } ?? false
        self = .ask(call)
    }
}
