import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

extension Gateway {
    /// Reads the body's members that matter, finds the model, checks that the key may use it, and plans the call of its first target.
    @inline(never)  // see `admit`
    func resolve(_ endpoint: Endpoint, _ exchange: Exchange, _ client: Connection) throws(Refusal) {
        exchange.cost = endpoint.cost(exchange.head.method)
        switch endpoint.kind {
        case .json(let body):
            if exchange.hasDecodedBody {
                try exchange.withDecodedBody { decoded throws(Refusal) in
                    try resolve(endpoint, body, decoded.span, exchange)
                }
            } else {
                try resolve(endpoint, body, client.unread.extracting(exchange.bodyRange.bounds), exchange)
            }
        case .multipart: try resolveForm(endpoint, exchange, client)
        case .passThrough, .models: try resolvePassThrough(endpoint, exchange)
        }
        if exchange.demand == nil, let route = exchange.route { exchange.demand = .unbounded(route.pricing) }
    }

    private func resolve(
        _ endpoint: Endpoint, _ body: Endpoint.Body, _ bytes: Span<UInt8>, _ exchange: Exchange
    ) throws(Refusal) {
        let isCosted = exchange.cost == .input || exchange.cost == .inputAndOutput
        let request = try ScannedRequest.parse(
            bytes, as: body, looksInside: isCosted && (exchange.caller?.isBounded != false || hasAlternatives))
        guard let contents = request.modelContents else { throw .body(.missingModel) }
        var found: Int?
        if request.modelIsPlain {
            found = policy.modelIndex(named: bytes.extracting(contents.bounds))
        } else if let name = request.modelName(in: bytes) {
            found = policy.modelIndex(named: name.utf8Span.span)
        }
        guard let found else { throw .unknownModel(Gateway.shown(request.modelName(in: bytes) ?? "")) }
        let route = try takeRoute(of: found, exchange)
        exchange.isStream = request.stream
        exchange.isBoundToProvider = request.refersToStored
        switch exchange.cost {
        case .input, .inputAndOutput:
            exchange.demand = Demand(request, exchange.cost, body: bytes, route.pricing)
        case .nothing: exchange.demand = Demand(input: 0, output: 0)
        case .unbounded: break
        }
        try planCall(of: endpoint, request, bytes, exchange, route)
    }

    private func resolveForm(_ endpoint: Endpoint, _ exchange: Exchange, _ client: Connection) throws(Refusal) {
        guard let type = exchange.head.fields.value(.contentType) else { throw .missingMultipartModel }
        let typeText = client.unread.text(type)
        let found = withBody(exchange, client) { body in
            FormModel.find(in: body, contentType: typeText).map { ($0, body.text($0)) }
        }
        guard let (range, name) = found else { throw .missingMultipartModel }
        guard let model = policy.modelIndex(named: name) else { throw .unknownModel(Gateway.shown(name)) }
        let route = try takeRoute(of: model, exchange)
        guard let place = route.targets.indices.first(where: { takes(endpoint, route.targets[$0]) }) else {
            throw .notServed(model: Gateway.shown(name))
        }
        take(place, of: route, exchange)
        exchange.call = Call(endpoint: endpoint, provider: exchange.provider, formModel: range)
    }

    /// What belongs to no model goes to the first provider that has such a path.
    private func resolvePassThrough(_ endpoint: Endpoint, _ exchange: Exchange) throws(Refusal) {
        guard let provider = upstreams.firstIndex(where: { $0.takes(endpoint) }) else { throw .noProvider }
        exchange.provider = provider
        exchange.call = Call(endpoint: endpoint, provider: provider)
    }

    /// Finds the model's targets, if the key may use it.
    private func takeRoute(of model: Int, _ exchange: Exchange) throws(Refusal) -> ModelRoute {
        guard exchange.allows(model: model) else {
            throw .modelNotAllowed(Gateway.shown(policy.models[model].name))
        }
        exchange.model = model
        exchange.route = routes[model]
        return routes[model]
    }

    /// A client's text as an error may repeat it: short. Scalars are counted, for a character can be of any length.
    static func shown(_ text: String) -> String {
        text.utf8.count <= 100 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(80))) + "..."
    }
}
