import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

/// What is sent to which upstream. Not copied: it lies in its exchange and is read there.
struct Call: ~Copyable {
    var endpoint: OpenAIEndpoint
    var provider: Int
    /// Index of the model, or -1 for what is bound to a provider and not to a model.
    var model: Int
    var splice: OpenAISplice?
    /// A model name in a form's body, to be replaced.
    var formModel: ByteRange?
    var isStream = false
    var usagePlace = OpenAIBody.UsagePlace.top

    /// Whether the upstream is asked for usage that the client did not ask for.
    var injectsUsage: Bool { splice?.injectsUsage == true }

    static var none: Call { Call(endpoint: .models, provider: -1, model: -1) }
}

extension Gateway {
    /// Reads the body's members that matter, finds the model and checks that the key may use it.
    @inline(never)  // see `admit`
    func resolve(_ endpoint: OpenAIEndpoint, _ exchange: Exchange, _ client: Connection) throws(Refusal) {
        exchange.cost = endpoint.cost(exchange.head.method)
        exchange.call = try call(endpoint, exchange, client)
        if exchange.demand == nil, let route = exchange.route { exchange.demand = .unbounded(route.pricing) }
    }

    private func call(_ endpoint: OpenAIEndpoint, _ exchange: Exchange, _ client: Connection) throws(Refusal) -> Call {
        switch endpoint.kind {
        case .json(let body): return try resolveJSON(endpoint, body, exchange, client)
        case .multipart: return try resolveForm(endpoint, exchange, client)
        case .passThrough, .models:
            guard !policy.providers.isEmpty else { throw .noProvider }
            exchange.provider = 0
            return Call(endpoint: endpoint, provider: 0, model: -1)
        }
    }

    private func resolveJSON(
        _ endpoint: OpenAIEndpoint, _ body: OpenAIBody, _ exchange: Exchange, _ client: Connection
    ) throws(Refusal) -> Call {
        let call =
            exchange.hasDecodedBody
            ? try exchange.withDecodedBody { decoded throws(Refusal) in
                try resolveJSON(endpoint, body, decoded.span, exchange)
            }
            : try resolveJSON(endpoint, body, client.unread.extracting(exchange.bodyRange.bounds), exchange)
        exchange.model = call.model
        exchange.provider = call.provider
        exchange.isStream = call.isStream
        return call
    }

    private func resolveJSON(
        _ endpoint: OpenAIEndpoint, _ body: OpenAIBody, _ bytes: Span<UInt8>, _ exchange: Exchange
    ) throws(Refusal) -> Call {
        let request: OpenAIRequest
        let isCosted = exchange.cost == .input || exchange.cost == .inputAndOutput
        do throws(OpenAIRequestError) {
            request = try OpenAIRequest.parse(
                bytes, as: body, looksInside: isCosted && (exchange.caller?.isBounded != false || hasAlternatives))
        } catch { throw .body(error) }
        guard let contents = request.modelContents else { throw .body(.missingModel) }
        var found: Int?
        if request.modelIsPlain {
            found = policy.modelIndex(named: bytes.extracting(contents.bounds))
        } else if let name = request.modelName(in: bytes) {
            found = policy.modelIndex(named: name.utf8Span.span)
        }
        guard let found else { throw .unknownModel(Gateway.shown(request.modelName(in: bytes) ?? "")) }
        let target = try chooseRoute(found, exchange)
        let splice = OpenAISplice(request, body: bytes, model: target.model)
        exchange.isBoundToProvider = request.refersToStored
        if isCosted, let route = exchange.route {
            exchange.demand = Demand(request, exchange.cost, body: bytes, route.pricing)
        }
        return Call(
            endpoint: endpoint, provider: target.provider, model: found, splice: splice, isStream: request.stream,
            usagePlace: body.usagePlace)
    }

    private func resolveForm(
        _ endpoint: OpenAIEndpoint, _ exchange: Exchange, _ client: Connection
    ) throws(Refusal) -> Call {
        let name: String
        let range: ByteRange
        guard let type = exchange.head.fields.value(.contentType) else { throw .missingMultipartModel }
        let typeText = client.unread.text(type)
        if exchange.hasDecodedBody {
            guard let found = FormModel.find(in: exchange.decodedBody.span, contentType: typeText) else {
                throw .missingMultipartModel
            }
            range = found
            name = exchange.decodedBody.span.text(found)
        } else {
            let bytes = client.unread.extracting(exchange.bodyRange.bounds)
            guard let found = FormModel.find(in: bytes, contentType: typeText) else { throw .missingMultipartModel }
            range = found
            name = bytes.text(found)
        }
        guard let model = policy.modelIndex(named: name) else { throw .unknownModel(Gateway.shown(name)) }
        let target = try chooseRoute(model, exchange)
        exchange.model = model
        exchange.provider = target.provider
        return Call(endpoint: endpoint, provider: target.provider, model: model, formModel: range)
    }

    /// Finds the model's targets, and takes the first.
    private func chooseRoute(_ model: Int, _ exchange: Exchange) throws(Refusal) -> RouteTarget {
        guard exchange.allows(model: model) else {
            throw .modelNotAllowed(Gateway.shown(policy.models[model].name))
        }
        let route = routes[model]
        let target = route.targets[0]
        exchange.route = route
        exchange.target = target
        exchange.tried = 1
        return target
    }

    /// A client's text as an error may repeat it: short. Scalars are counted, for a character can be of any length.
    static func shown(_ text: String) -> String {
        text.utf8.count <= 100 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(80))) + "..."
    }
}
