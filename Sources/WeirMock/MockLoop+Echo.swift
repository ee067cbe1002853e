import WeirBase
import WeirLoop
import WeirMockScript
import WeirWire

extension MockLoop {
    /// Answers what makes no content: lists, and endpoints whose answer says what was received, so that a test of a pass-through sees a
    /// changed byte.
    func answerEcho(
        _ route: Route, _ head: borrowing RequestHead, _ headBytes: Span<UInt8>, _ body: Span<UInt8>,
        _ number: AnswerNumber,
        _ connection: Connection
    ) throws(Refusal) {
        var answerBody = ByteBuffer()
        var answerHead = AnswerHead(number: number, closes: !head.keepsAlive)
        switch route {
        case .models: appendModels(to: &answerBody)
        case .model(let name):
            guard server.options.models.contains(name) else {
                throw Refusal(
                    status: 404, code: "model_not_found", param: "model", message: "The model '\(name)' does not exist."
                )
            }
            append(model: name, to: &answerBody)
        case .echo(.speech):
            answerHead.contentType = "audio/mpeg"
            Content(seed: stableHash(body), pieces: 16, bytesPerPiece: 1_024).appendAll(as: .plain, to: &answerBody)
        case .echo(.fileContent(let name)):
            answerHead.contentType = "application/octet-stream"
            let bytes = Array(name.utf8)
            Content(seed: stableHash(bytes.span), pieces: 16, bytesPerPiece: 1_024).appendAll(
                as: .plain, to: &answerBody)
        case .echo(.image):
            let hash = Array(SHA256.hex(body).utf8)
            answerBody.append("{\"created\":1795000000,\"data\":[{\"b64_json\":\"")
            answerBody.append(base64: hash.span)
            answerBody.append("\"}]}")
        case .echo(.files): answerBody.append("{\"object\":\"list\",\"data\":[],\"has_more\":false}")
        case .echo(.fileDeletion(let name)):
            answerBody.append("{\"id\":")
            answerBody.append(jsonString: name)
            answerBody.append(",\"object\":\"file\",\"deleted\":true}")
        case .echo(.file): append(received: "file-mock", "file", head, headBytes, body, number, to: &answerBody)
        case .echo(.batch): append(received: "batch_mock", "batch", head, headBytes, body, number, to: &answerBody)
        case .echo(.transcription):
            answerBody.append("{\"text\":\"")
            answerBody.append(SHA256.hex(body))
            answerBody.append("\"}")
        case .unknown(let method, let path, _):
            throw Refusal(status: 404, message: "Invalid URL (\(method) \(path))")
        case .ask, .control: return assertionFailure("not an echo")
        }
        server.bill.add(
            BilledAnswer(
                number: number, path: route.path, model: [], status: .served, httpStatus: 200, events: 0, usage: Usage()
            ))
        answer(answerHead, answerBody.span, connection)
    }

    private func append(
        received prefix: StaticString, _ object: StaticString, _ head: borrowing RequestHead, _ headBytes: Span<UInt8>,
        _ body: Span<UInt8>, _ number: AnswerNumber, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"id\":\"")
        buffer.append(prefix)
        number.append(to: &buffer)
        buffer.append("\",\"object\":\"")
        buffer.append(object)
        buffer.append("\",\"created_at\":1795000000,\"status\":\"processed\",\"bytes\":")
        buffer.append(decimal: body.count)
        buffer.append(",\"sha256\":\"")
        buffer.append(SHA256.hex(body))
        buffer.append("\",\"content_type\":")
        if let range = head.fields.value(.contentType) {
            buffer.append(jsonString: headBytes.extracting(range.bounds))
        } else {
            buffer.append("null")
        }
        buffer.append("}")
    }

    private func appendModels(to buffer: inout ByteBuffer) {
        buffer.append("{\"object\":\"list\",\"data\":[")
        for (index, name) in server.options.models.enumerated() {
            if index > 0 { buffer.append(",") }
            append(model: name, to: &buffer)
        }
        buffer.append("]}")
    }

    private func append(model name: String, to buffer: inout ByteBuffer) {
        buffer.append("{\"id\":")
        buffer.append(jsonString: name)
        buffer.append(",\"object\":\"model\",\"created\":1795000000,\"owned_by\":\"weir-mock\"}")
    }
}
