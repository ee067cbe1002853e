import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

extension Gateway {
    /// Writes the head of an answer that passes as it is: the fields of the upstream's that cross, and the gateway's own.
    func writeHead(
        _ exchange: Exchange, _ upstream: Connection, isStream: Bool, isChunked: Bool, keepsAlive: Bool,
        to client: Connection
    ) {
        client.withOutput(reserving: exchange.answer.count + 512 + min(upstream.unreadCount, 32_768)) { out in
            let bytes = upstream.unread
            out.appendStatusLine(exchange.answer.status)
            var hasCacheControl = false
            for index in exchange.answer.fields.indices {
                let field = exchange.answer.fields[index]
                guard FieldFilter.response.passes(field) else { continue }
                if field.id == .cacheControl { hasCacheControl = true }
                out.appendField(copying: field, of: bytes)
            }
            if isStream {
                if !hasCacheControl { out.append("cache-control: no-cache\r\n") }
                out.append("x-accel-buffering: no\r\n")
            }
            appendOwnFields(exchange, to: &out)
            if let target = exchange.target {
                out.append(target.fields)
                out.appendField("x-weir-attempts", decimal: exchange.attempts)
            }
            appendCost(exchange, to: &out)
            if let id = exchange.upstreamID(in: bytes) {
                out.append("x-weir-upstream-request-id: ")
                out.append(bytes, id)
                out.append("\r\n")
            }
            if isChunked {
                if exchange.head.version != .http10 { out.append("transfer-encoding: chunked\r\n") }
            } else {
                switch exchange.answer.framing {
                case .length(let length): out.appendField("content-length", decimal: length)
                case .none where exchange.answer.status != 204 && exchange.answer.status != 304:
                    appendLengthOfNothing(exchange, bytes, &out)
                default: break
                }
            }
            appendConnection(keepsAlive, exchange.head, to: &out)
            out.append("\r\n")
        }
    }

    /// The answer to HEAD has the length that GET would have had; another answer without a body has 0.
    private func appendLengthOfNothing(
        _ exchange: Exchange, _ bytes: Span<UInt8>, _ out: inout ByteBuffer
    ) {
        if exchange.head.method == .head {
            guard let length = exchange.answer.fields.value(.contentLength) else { return }
            out.append("content-length: ")
            out.append(bytes, length)
            out.append("\r\n")
        } else {
            out.append("content-length: 0\r\n")
        }
    }
}
