import WeirBase
import WeirBudget
import WeirConfig
import WeirLedger

/// A target of a model as one loop calls it. A request that uses it takes one reference.
final class RouteTarget: Sendable {
    /// Index of the provider.
    let provider: Int
    /// The provider's name of the model.
    let model: String
    let pricing: TargetPricing
    let names: TargetNames
    /// What stands in every answer of the target: its lines of bytes.
    let fields: [UInt8]

    init(_ target: Policy.Target, of model: Policy.Model, _ policy: Policy, tariff: Tariff?, _ names: LedgerNames) {
        provider = target.provider
        self.model = target.model
        pricing = TargetPricing(target, tariff: tariff, outputTokens: policy.limits.outputTokens)
        self.names = TargetNames(model, target, policy, names)
        let name = policy.providers[target.provider].name
        fields = Array("x-weir-provider: \(name)\r\nx-weir-model: \(model.name)\r\n".utf8)
    }
}

/// The targets of a model, in the order of the configuration.
final class ModelRoute: Sendable {
    let targets: [RouteTarget]
    /// Whether some of them are for some requests only.
    let hasConditions: Bool
    /// Whether it matters which requests belong together.
    let isSticky: Bool
    /// What a request may cost at most, whichever of the targets serves it.
    let pricing: RoutePricing

    /// - Parameter tariffs: of the targets, in their order.
    init(_ model: Policy.Model, _ policy: Policy, tariffs: [Tariff?], _ names: LedgerNames) {
        targets = zip(model.targets, tariffs).map { RouteTarget($0, of: model, policy, tariff: $1, names) }
        hasConditions = model.targets.contains { $0.condition != nil }
        isSticky = model.strategy == "sticky" || model.targets.contains { $0.trialShare != nil }
        pricing = RoutePricing(targets.map(\.pricing))
    }
}
