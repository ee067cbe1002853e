import WeirBase
import WeirConfig
import WeirLoop
import WeirWire

// The list of models, in the shape of the API that the client speaks.
extension Gateway {
    /// The models that the key may use, or one of them.
    func respond(models id: String?, _ exchange: Exchange, on client: Connection) throws(Refusal) -> Outcome {
        scratch.removeAll()
        if let id {
            guard let model = policy.modelIndex(named: id.utf8Span.span) else { throw .unknownModel(Gateway.shown(id)) }
            guard exchange.allows(model: model) else { throw .modelNotAllowed(Gateway.shown(id)) }
            append(model, exchange.surface)
            return respond(200, exchange, on: client)
        }
        let models = policy.models.indices.filter { exchange.allows(model: $0) }
        scratch.append(exchange.surface == .openAI ? #"{"object":"list","data":["# : #"{"data":["#)
        for (place, model) in models.enumerated() {
            if place > 0 { scratch.append(UInt8(ascii: ",")) }
            append(model, exchange.surface)
        }
        scratch.append("]")
        if exchange.surface == .anthropic { appendPage(models) }
        scratch.append("}")
        return respond(200, exchange, on: client)
    }

    private func append(_ index: Int, _ surface: Surface) {
        let model = policy.models[index]
        switch surface {
        case .openAI:
            scratch.append(#"{"id":"#)
            scratch.append(jsonString: model.name)
            scratch.append(#","object":"model","created":0,"owned_by":"#)
            scratch.append(jsonString: policy.providers[model.targets[0].provider].name)
        case .anthropic:
            scratch.append(#"{"type":"model","id":"#)
            scratch.append(jsonString: model.name)
            scratch.append(#","display_name":"#)
            scratch.append(jsonString: model.name)
            scratch.append(#","created_at":"1970-01-01T00:00:00Z""#)
        }
        scratch.append("}")
    }

    /// All models are one page.
    private func appendPage(_ models: [Int]) {
        scratch.append(#","has_more":false,"first_id":"#)
        append(id: models.first)
        scratch.append(#","last_id":"#)
        append(id: models.last)
    }

    private func append(id model: Int?) {
        guard let model else { return scratch.append("null") }
        scratch.append(jsonString: policy.models[model].name)
    }
}
