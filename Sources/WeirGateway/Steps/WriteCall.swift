import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

// What goes to the upstream: the provider's own fields, those of the client that cross, and the body. One that passes as it is has its splices, one for
// another dialect was written when the call was planned.
extension Gateway {
    @inline(never)  // see `Upstream.pickCredential`
    func write(_ exchange: Exchange, _ client: Connection, to connection: Connection, _ upstream: Upstream) {
        if let call = exchange.call.translated {
            write(call, exchange, client, to: connection, upstream)
        } else {
            writePassed(exchange, client, to: connection, upstream)
        }
    }

    // MARK: As it is

    private func writePassed(
        _ exchange: Exchange, _ client: Connection, to connection: Connection, _ upstream: Upstream
    ) {
        let bodyCount = exchange.hasDecodedBody ? exchange.decodedBody.count : exchange.bodyRange.count
        let model = exchange.target?.model ?? ""
        var length = bodyCount
        if let growth = exchange.call.splice?.growth {
            length += growth
        } else if let form = exchange.call.formModel {
            length += model.utf8.count - form.count
        }
        connection.withOutput(reserving: exchange.head.count + 512 + length) { out in
            let bytes = client.unread
            out.append(bytes, exchange.head.methodName)
            out.append(UInt8(ascii: " "))
            out.append(upstream.pathPrefix)
            appendPath(exchange, bytes, model, upstream, &out)
            out.append(" HTTP/1.1\r\n")
            upstream.appendFixedFields(exchange.credential, to: &out)
            if exchange.surface == .anthropic, !exchange.head.fields.contains(.anthropicVersion) {
                appendVersion(upstream.provider.apiVersion ?? AnthropicRequestWriter.olderVersion, &out)
            }
            for index in exchange.head.fields.indices {
                let field = exchange.head.fields[index]
                if FieldFilter.request.passes(field) { out.appendField(copying: field, of: bytes) }
            }
            if length > 0 || exchange.head.method == .post { out.appendField("content-length", decimal: length) }
            out.append("\r\n")
            if exchange.hasDecodedBody {
                exchange.withDecodedBody { appendBody($0.span, exchange.call, model, &out) }
            } else {
                appendBody(bytes.extracting(exchange.bodyRange.bounds), exchange.call, model, &out)
            }
        }
    }

    /// Clients' paths begin with /v1, for which each dialect has its own beginning.
    private func appendPath(
        _ exchange: Exchange, _ bytes: Span<UInt8>, _ model: String, _ upstream: Upstream, _ out: inout ByteBuffer
    ) {
        var hasQuery = false
        if let rest = exchange.head.pathRest(after: "/v1", in: bytes) {
            hasQuery = upstream.dialect.append(
                path: exchange.call.endpoint, rest: bytes.extracting(rest.bounds), model: model,
                apiVersion: upstream.provider.apiVersion, to: &out)
        }
        if let query = exchange.head.query {
            out.append(hasQuery ? UInt8(ascii: "&") : UInt8(ascii: "?"))
            out.append(bytes, query)
        }
    }

    private func appendBody(
        _ body: Span<UInt8>, _ call: borrowing Call, _ model: String, _ out: inout ByteBuffer
    ) {
        if call.splice?.isEmpty == false {
            call.splice?.appendSpliced(body, to: &out)
        } else if let form = call.formModel {
            out.append(body.extracting(0..<Int(form.start)))
            out.append(model)
            out.append(body.extracting(Int(form.end)..<body.count))
        } else {
            out.append(body)
        }
    }

    // MARK: In another dialect

    private func write(
        _ call: TranslatedCall, _ exchange: Exchange, _ client: Connection, to connection: Connection,
        _ upstream: Upstream
    ) {
        let now = exchange.at.nanoseconds + (loop.now - exchange.accepted).nanoseconds
        let prefix = upstream.pathPrefix
        connection.withOutput(reserving: 1_024 + call.bodyCount) { out in
            out.append("POST ")
            let start = out.count
            out.append(prefix)
            out.append(call.path)
            let path = out.span.text(ByteRange(start: start, end: out.count))
            out.append(" HTTP/1.1\r\n")
            upstream.appendFixedFields(exchange.credential, to: &out)
            call.withBody {
                upstream.appendSignature(
                    exchange.credential, path: path, body: $0.span, at: WallTime(nanoseconds: now), to: &out)
            }
            if let version = call.apiVersion { appendVersion(version, &out) }
            // Of the client's fields, those that belong to no API.
            for id in [FieldID.userAgent, .traceparent, .tracestate] {
                if let field = exchange.head.fields.first(id), FieldFilter.request.passes(field) {
                    out.appendField(copying: field, of: client.unread)
                }
            }
            out.append("content-type: application/json\r\n")
            out.appendField("content-length", decimal: call.bodyCount)
            out.append("\r\n")
            call.withBody { out.append($0.span) }
        }
    }

    private func appendVersion(_ version: String, _ out: inout ByteBuffer) {
        out.append("anthropic-version: ")
        out.append(version)
        out.append("\r\n")
    }
}
