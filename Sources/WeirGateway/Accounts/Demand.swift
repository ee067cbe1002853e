import WeirBase
import WeirBudget
import WeirDialects
import WeirWire

/// The most that a request may use, before anybody has counted: a token is at least one byte, so the body's size bounds what stands in it; what
/// does not, the model's own limit bounds.
struct Demand {
    /// Tokens of the input; nil where nothing bounds them.
    var input: Int?
    /// Output tokens of each choice.
    var output: Int
    var choices = 1
    /// Whether the client itself set the bound on the output.
    var isAsked = false
    var parts = WorstCase.Parts.text
    /// nil: any that the provider may choose.
    var context: BillingContext?
    /// What a bound is to be computed for: only who asks for the default tier is sure to get it, or nothing dearer.
    var contextOfBound: BillingContext? { context == .defaultTier ? context : nil }
    /// Whether the body's texts can be counted to come to a smaller bound: nothing but texts is in it.
    var isCountable = false

    /// What nothing is known of but the model's limits.
    static func unbounded(_ pricing: RoutePricing) -> Demand {
        Demand(input: pricing.maxInput, output: pricing.maxOutput, isAsked: true, parts: .all)
    }

    /// The least output that is worth a request: a budget with less room refuses.
    static let leastOutput = 16

    /// nil where nothing bounds the input.
    var worst: WorstCase? {
        input.map { WorstCase(inputTokens: $0, outputTokens: output, requests: choices, parts: parts) }
    }

    /// Tokens in and out, for limits on tokens; what has no bound counts as its bytes.
    func tokens(bodyBytes: Int) -> Int {
        let (sum, overflows) = output.multipliedReportingOverflow(by: choices)
        return min(1_000_000_000, overflows ? .max : (input ?? bodyBytes) &+ min(sum, 1 << 40))
    }
}

extension Demand {
    /// What a JSON request of an endpoint may use.
    /// Where nothing was looked for in the request, because no limit or budget depends on it, bytes stand for tokens.
    init(_ request: OpenAIRequest, _ cost: OpenAIEndpoint.Cost, body: Span<UInt8>, _ pricing: RoutePricing) {
        let content = request.content ?? []
        var demand = Demand(input: body.count, output: 0)
        demand.isCountable = content.isEmpty
        if !content.isEmpty { demand.input = pricing.maxInput }
        // What a provider's own tools read and do again and again has no bound at all.
        if content.contains(.hostedTools) || request.background { demand.input = nil }
        if let most = pricing.maxInput, let input = demand.input { demand.input = min(input, most) }
        if content.contains(.images) { demand.parts.insert(.imageInput) }
        if content.contains(.audio) { demand.parts.insert(.audioInput) }
        if !content.isDisjoint(with: [.documents, .stored, .unknown]) { demand.parts.formUnion(.all) }
        if cost == .inputAndOutput {
            let asked = [request.maxTokens, request.maxCompletionTokens, request.maxOutputTokens].compactMap { $0 }
                .max()
            // What the client predicts and the model does not say is billed as output on top.
            demand.output =
                min(asked ?? pricing.maxOutput, WorstCase.tokenLimit >> 2) + (request.prediction?.count ?? 0)
            demand.isAsked = asked != nil
            demand.choices = max(request.n ?? 1, request.bestOf ?? 1)
            if request.mayAnswerInAudio { demand.parts.insert(.audioOutput) }
        }
        demand.context = request.billingContext(in: body)
        self = demand
    }
}

extension OpenAIRequest {
    /// What the request's service tier does to its price; nil where the provider chooses the tier.
    fileprivate func billingContext(in body: Span<UInt8>) -> BillingContext? {
        guard let serviceTier else { return nil }
        return BillingContext(property: "service_tier", value: JSONText.string(body, serviceTier))
    }
}
