import WeirBase
import WeirDialects
import WeirLoop
import WeirWire

/// Where a method and a path lead.
enum Route {
    case health
    /// The list of models, or one of them: the range of its name in the path.
    case models(id: String?)
    case call(Endpoint)
}

extension Gateway {
    /// Looks the path up, decoded once. What is not in the table is 404, whoever asks.
    func findRoute(_ exchange: Exchange, _ client: Connection) throws(Refusal) -> Route {
        let bytes = client.unread
        // Where both surfaces have a path, and where none has it, this field tells whose client it is.
        if exchange.head.fields.contains(.anthropicVersion) { exchange.surface = .anthropic }
        let route = try find(exchange.head, bytes)
        if case .call(let endpoint) = route { exchange.surface = endpoint.surface }
        return route
    }

    private func find(_ head: borrowing RequestHead, _ bytes: Span<UInt8>) throws(Refusal) -> Route {
        let method = bytes.extracting(head.methodName.bounds)
        let path = bytes.extracting(head.path.bounds)
        if let decoded = decodedIfEncoded(path) {
            return try match(method, decoded.span, isHead: head.method == .head)
        }
        return try match(method, path, isHead: head.method == .head)
    }

    private func match(_ method: Span<UInt8>, _ path: Span<UInt8>, isHead: Bool) throws(Refusal) -> Route {
        if path.count == 7, path.has("/health", at: 0, before: 7) {
            guard isHead || (method.count == 3 && method.has("GET", at: 0, before: 3)) else {
                throw .methodNotAllowed(allow: "GET, HEAD")
            }
            return .health
        }
        switch Endpoint.match(method: method, path: path) {
        case .endpoint(let endpoint, let id):
            // A segment that an upstream would resolve to another path is no id.
            if let id, path.equals(id, ".") || path.equals(id, "..") { throw .unknownPath }
            if case .models = endpoint.kind { return .models(id: id.map { path.text($0) }) }
            return .call(endpoint)
        case .methodNotAllowed(let allow): throw .methodNotAllowed(allow: allow)
        case .notFound: throw .unknownPath
        }
    }

    /// The path with its percent escapes decoded, once; nil where it has none. A malformed escape stays, and matches nothing.
    private func decodedIfEncoded(_ path: Span<UInt8>) -> [UInt8]? {
        var hasEscape = false
        for at in path.indices where path[at] == UInt8(ascii: "%") { hasEscape = true }
        guard hasEscape else { return nil }
        var decoded: [UInt8] = []
        var at = 0
        while at < path.count {
            if path[at] == UInt8(ascii: "%"), at + 2 < path.count, let high = hexadecimal(path[at + 1]),
                let low = hexadecimal(path[at + 2])
            {
                decoded.append(high << 4 | low)
                at += 3
            } else {
                decoded.append(path[at])
                at += 1
            }
        }
        return decoded
    }

    private func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
