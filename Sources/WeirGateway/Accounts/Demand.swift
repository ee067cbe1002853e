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
    /// Whether the client asks for Anthropic's fast speed, which has prices of its own where the target has it.
    var isFast = false
    /// Whether the body's texts can be counted to come to a smaller bound: nothing but texts is in it.
    var isCountable = false

    /// What nothing is known of but the model's limits.
    static func unbounded(_ pricing: RoutePricing) -> Demand {
        Demand(input: pricing.maxInput, output: pricing.maxOutput, isAsked: true, parts: .all)
    }

    /// The least output that is worth a request: a budget with less room refuses. What a client allows for thinking comes on top, for the whole
    /// must be more than that.
    var leastOutput = 16

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
    init(_ request: ScannedRequest, _ cost: OpenAIEndpoint.Cost, body: Span<UInt8>, _ pricing: RoutePricing) {
        switch request {
        case .openAI(let request): self.init(request, cost, body: body, pricing)
        case .messages(let request): self.init(request, body: body, pricing)
        }
    }

    /// What a request of the Messages API may use.
    private init(_ request: AnthropicRequest, body: Span<UInt8>, _ pricing: RoutePricing) {
        var demand = Demand(content: request.content ?? [], body: body, pricing)
        // The provider puts a prompt of its own before the tools.
        if let input = demand.input { demand.input = input + request.toolTokens }
        if request.asksForHourCache { demand.parts.insert(.hourCacheWrites) }
        demand.output = min(request.maxTokens ?? pricing.maxOutput, WorstCase.tokenLimit >> 2)
        demand.isAsked = request.maxTokens != nil
        demand.leastOutput += request.thinkingBudget ?? 0
        demand.isFast = request.speed.map { JSONText.string(body, $0) } == "fast"
        if demand.isFast { demand.context = .fastSpeed }
        self = demand
    }

    /// What the conversation of a request may use, whatever the API.
    private init(content: OpenAIContent, body: Span<UInt8>, _ pricing: RoutePricing) {
        self.init(input: body.count, output: 0)
        isCountable = content.isEmpty
        if !content.isEmpty { input = pricing.maxInput }
        // What a provider's own tools read and do again and again has no bound at all.
        if content.contains(.hostedTools) { input = nil }
        if let most = pricing.maxInput, let input { self.input = min(input, most) }
        if content.contains(.images) { parts.insert(.imageInput) }
        if content.contains(.audio) { parts.insert(.audioInput) }
        if !content.isDisjoint(with: [.documents, .stored, .unknown]) { parts.formUnion(.all) }
    }

    /// What a JSON request of one of OpenAI's endpoints may use.
    /// Where nothing was looked for in the request, because no limit or budget depends on it, bytes stand for tokens.
    private init(_ request: OpenAIRequest, _ cost: OpenAIEndpoint.Cost, body: Span<UInt8>, _ pricing: RoutePricing) {
        var demand = Demand(content: request.content ?? [], body: body, pricing)
        if request.background { demand.input = nil }
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
