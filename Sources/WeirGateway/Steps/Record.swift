import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

extension Gateway {
    /// One line of the access log per request.
    func record(_ exchange: Exchange) {
        guard let log else { return }
        log.write { out in
            out.append(#"{"at":"#)
            out.append(decimal: Int(loop.readWallClock() / 1_000_000))
            out.append(#","request":""#)
            exchange.id.append(to: &out)
            out.append(#"","status":"#)
            out.append(decimal: exchange.status)
            out.append(#","ending":""#)
            out.append(exchange.ending.rawValue)
            out.append("\"")
            if let directory = exchange.directory {
                append("key", directory.callers.callers[exchange.key].id, to: &out)
                if let team = directory.teamName(of: exchange.key) { append("team", team, to: &out) }
            }
            if exchange.model >= 0 { append("model", policy.models[exchange.model].name, to: &out) }
            if exchange.provider >= 0 { append("provider", policy.providers[exchange.provider].name, to: &out) }
            if exchange.isStream { out.append(#","stream":true"#) }
            if case .read(let usage) = exchange.usage {
                append("input_tokens", usage.input, to: &out)
                append("cached_tokens", usage.cachedInput, to: &out)
                append("output_tokens", usage.output, to: &out)
            }
            append("sent_bytes", exchange.sentBytes, to: &out)
            append("us", Int((loop.now - exchange.accepted).microseconds), to: &out)
            if exchange.answered != .past {
                append("upstream_us", Int((exchange.answered - exchange.called).microseconds), to: &out)
            }
            out.append("}\n")
        }
    }

    private func append(_ name: StaticString, _ value: Int, to out: inout ByteBuffer) {
        out.append(",\"")
        out.append(name)
        out.append("\":")
        out.append(decimal: value)
    }

    private func append(_ name: StaticString, _ value: String, to out: inout ByteBuffer) {
        out.append(",\"")
        out.append(name)
        out.append("\":")
        out.append(jsonString: value)
    }

    func spinIfAsked() {
        guard spin > .zero else { return }
        let end = loop.readClock() + spin
        while loop.readClock() < end {}
    }
}
