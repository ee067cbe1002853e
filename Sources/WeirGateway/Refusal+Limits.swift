import WeirBase
import WeirBudget

extension BudgetRefusal {
    /// Which budget it is, and its figures.
    var message: String {
        let name = budget.period == .life ? "\(budget.limit) for life" : "\(budget.limit) a \(budget.period.rawValue)"
        let reset =
            budget.span.until == .never ? "it is a budget for life" : "it begins anew at \(budget.span.until)"
        return "the budget of \(budget.scope), \(name), has no room for this request, which can cost \(asked): limit "
            + "\(budget.limit), spent \(budget.spent), held by requests under way \(budget.held); \(reset). "
            + "Ask for fewer tokens, or have the budget raised"
    }
}

extension AdmissionRefusal {
    /// Which limit it is, and when to try again.
    var limitMessage: String {
        let again = retryAfterSeconds.map { "try again in \($0) s" } ?? "ask for fewer tokens"
        switch self {
        case .concurrency(let scope, let limit):
            return "\(scope) may have \(limit) requests under way at once; \(again)"
        case .rate(let refusal):
            let asked = refusal.unit == .tokens ? ", and this request can need \(refusal.asked)" : ""
            return
                "\(refusal.scope) may use \(refusal.rate.limit) \(refusal.unit.rawValue) a minute\(asked); \(again)"
        case .budget(let refusal): return refusal.message
        }
    }

    /// The value of `retry-after`; nil where no time helps: a budget, or more tokens than a minute gives.
    var retryAfterSeconds: Int? {
        switch self {
        case .concurrency: 1
        case .rate(let refusal): refusal.retryAfterSeconds
        case .budget: nil
        }
    }
}
