import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop

extension Gateway {
    /// Answers `count_tokens` of a model whose provider has no such path: with the gateway's own count, an estimate.
    @inline(never)  // see `admit`
    func respond(count exchange: Exchange, on client: Connection) -> Outcome {
        let tokens = withBody(exchange, client) { body in
            guard case .json(let shape) = exchange.call.endpoint.kind else { return 0 }
            return textCounter.estimate(ScannedRequest.again(body, as: shape), body, exchange.model)
        }
        scratch.removeAll()
        scratch.append(#"{"input_tokens":"#)
        scratch.append(decimal: tokens)
        scratch.append("}")
        return respond(200, exchange, on: client)
    }
}
