import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirRouting
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
                    try resolve(endpoint, body, decoded.span, exchange, client)
                }
            } else {
                try resolve(endpoint, body, client.unread.extracting(exchange.bodyRange.bounds), exchange, client)
            }
        case .multipart: try resolveForm(endpoint, exchange, client)
        case .passThrough, .models: try resolvePassThrough(endpoint, exchange)
        }
        if exchange.demand == nil, let route = exchange.route { exchange.demand = .unbounded(route.pricing) }
    }

    private func resolve(
        _ endpoint: Endpoint, _ body: Endpoint.Body, _ bytes: Span<UInt8>, _ exchange: Exchange,
        _ client: Connection
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
        let route = try beginRoute(of: found, exchange, client, bodyBytes: bytes.count)
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
        let route = try beginRoute(of: model, exchange, client, bodyBytes: exchange.bodyRange.count)
        while let place = startNext(exchange, route) {
            guard takes(endpoint, route.targets[place]) else {
                endAttempt(exchange, .abandoned)
                continue
            }
            take(place, of: route, exchange)
            exchange.call = Call(endpoint: endpoint, formModel: range)
            return
        }
        throw .notServed(model: Gateway.shown(name))
    }

    /// What belongs to no model goes to the first provider that has such a path.
    private func resolvePassThrough(_ endpoint: Endpoint, _ exchange: Exchange) throws(Refusal) {
        guard let provider = upstreams.firstIndex(where: { $0.takes(endpoint) }) else { throw .noProvider }
        exchange.provider = provider
        exchange.call = Call(endpoint: endpoint)
    }

    /// A client's text as an error may repeat it: short. Scalars are counted, for a character can be of any length.
    static func shown(_ text: String) -> String {
        text.utf8.count <= 100 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(80))) + "..."
    }
}
