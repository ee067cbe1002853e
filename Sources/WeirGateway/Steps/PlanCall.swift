import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirRouting
import WeirWire

/// What is sent to the upstream. Not copied: it lies in its exchange and is read there.
struct Call: ~Copyable {
    var endpoint: Endpoint
    /// What changes in a body that passes as it is otherwise.
    var splice: Splice?
    /// A model name in a form's body, to be replaced.
    var formModel: ByteRange?
    /// The request for an upstream of another dialect; nil where it passes as it is.
    var translated: TranslatedCall?
    /// Whether no upstream is asked: the gateway counts the tokens itself.
    var isCountedHere = false

    init(
        endpoint: Endpoint, splice: Splice? = nil, formModel: ByteRange? = nil, translated: TranslatedCall? = nil
    ) {
        self.endpoint = endpoint
        self.splice = splice
        self.formModel = formModel
        self.translated = translated
    }

    /// Whether the upstream is asked for usage that the client did not ask for.
    var injectsUsage: Bool { splice?.injectsUsage == true }

    static var none: Call { Call(endpoint: .openAI(.models)) }
}

// Policy. Targets are looked at in the route's order. One whose provider speaks the client's API gets the request as it is; one that does not gets it
// in its own dialect; one whose dialect cannot say it is passed over, and the client hears why only where no target is left.
extension Gateway {
    /// Plans the call of the first target, of those that were not tried, that can be asked.
    /// - Parameter body: valid JSON, of which `request` has been read.
    /// - Throws: why none can.
    func planCall(
        of endpoint: Endpoint, _ request: ScannedRequest, _ body: Span<UInt8>, _ exchange: Exchange,
        _ route: ModelRoute
    ) throws(Refusal) {
        var reason: Refusal?
        while let place = startNext(exchange, route) {
            let target = route.targets[place]
            if takes(endpoint, target) {
                take(place, of: route, exchange)
                exchange.call = Call(
                    endpoint: endpoint,
                    splice: Splice(request, body: body, model: target.model))
                if let limit = exchange.outputLimit { exchange.call.splice?.limitOutput(of: request, to: limit) }
                return
            }
            if endpoint == .countTokens {
                take(place, of: route, exchange)
                exchange.call = Call(endpoint: endpoint)
                exchange.call.isCountedHere = true
                return
            }
            do throws(Refusal) {
                let call = try translate(endpoint, body, to: target, exchange)
                take(place, of: route, exchange)
                exchange.call = Call(endpoint: endpoint, translated: call)
                return
            } catch {
                endAttempt(exchange, .abandoned)
                if case .untranslatable(let problem, _) = error, problem.isMistake { throw error }
                reason = reason ?? error
            }
        }
        throw reason ?? .notServed(model: Gateway.shown(policy.models[exchange.model].name))
    }

    /// Whether a target's provider speaks the API of an endpoint.
    func takes(_ endpoint: Endpoint, _ target: RouteTarget) -> Bool {
        upstreams[target.provider].takes(endpoint)
    }

    func take(_ place: Int, of route: ModelRoute, _ exchange: Exchange) {
        let target = route.targets[place]
        exchange.target = target
        exchange.provider = target.provider
    }

    /// Says the request in the dialect of `target`.
    private func translate(
        _ endpoint: Endpoint, _ body: Span<UInt8>, to target: RouteTarget, _ exchange: Exchange
    ) throws(Refusal) -> TranslatedCall {
        guard let kind = endpoint.conversation else {
            throw .notServed(model: Gateway.shown(policy.models[exchange.model].name))
        }
        do throws(Untranslatable) {
            let conversation: Conversation
            if let known = exchange.conversation {
                conversation = known
            } else {
                conversation = try Conversation(kind, body)
                exchange.conversation = conversation
            }
            return try translate(conversation, to: target, outputLimit: exchange.outputLimit)
        } catch { throw .untranslatable(error, model: Gateway.shown(policy.models[exchange.model].name)) }
    }

    private func translate(
        _ conversation: Conversation, to target: RouteTarget, outputLimit: Int?
    ) throws(Untranslatable) -> TranslatedCall {
        let upstream = upstreams[target.provider]
        let version = upstream.dialect.apiVersion(for: target.model, configured: upstream.provider.apiVersion)
        let options = TargetOptions(
            model: target.model, maxOutput: target.pricing.isOwnLimit ? target.pricing.maxOutput : nil,
            apiVersion: version, isSelfHosted: upstream.isSelfHosted)
        var request = conversation.request
        if let outputLimit { request.maxTokens = min(request.maxTokens ?? .max, outputLimit) }
        var notes = conversation.notes
        var body = ByteBuffer(capacity: 2_048)
        do throws(Untranslatable) {
            try upstream.dialect.write(request, to: options, &notes, &body)
        } catch {
            throw Untranslatable(conversation.clientName(of: error.param), error.message, isMistake: error.isMistake)
        }
        // Those that were dropped in reading have the client's names already.
        let isRead = conversation.notes.dropped.count
        let dropped = notes.dropped.prefix(isRead) + notes.dropped.dropFirst(isRead).map(conversation.clientName)
        let path = upstream.dialect.path(
            model: target.model, stream: request.stream, apiVersion: upstream.provider.apiVersion)
        return TranslatedCall(body: body, path: path, apiVersion: version, dropped: Array(dropped))
    }

    /// Says the request once more for the same target, with the bound that its output has now.
    /// - Returns: false if the dialect cannot say it so.
    func translateAgain(_ exchange: Exchange) -> Bool {
        guard let conversation = exchange.conversation, let target = exchange.target else { return false }
        do throws(Untranslatable) {
            exchange.call.translated = try translate(conversation, to: target, outputLimit: exchange.outputLimit)
            return true
        } catch { return false }
    }

    /// Plans the call of the next target.
    /// - Returns: false if none is left that can be asked; the call is what it was then.
    func planAgain(_ exchange: Exchange, _ client: Connection) -> Bool {
        guard case .json(let shape) = exchange.call.endpoint.kind, let route = exchange.route else { return false }
        return withBody(exchange, client) { body in
            let request = ScannedRequest.again(body, as: shape)
            do throws(Refusal) {
                try planCall(of: exchange.call.endpoint, request, body, exchange, route)
                return true
            } catch { return false }
        }
    }
}
