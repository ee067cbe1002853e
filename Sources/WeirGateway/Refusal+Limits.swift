import WeirBase
import WeirDialects

/// A budget that had no room for a request.
struct BudgetRefusal {
    var scope: String
    var name: String
    var limit: Money
    var spent: Money
    var held: Money
    /// What the request could cost.
    var needed: Money
    /// When the next window begins; nil for a budget for life.
    var resets: WallTime?

    var message: String {
        let reset = resets.map { "the budget begins anew at \($0)" } ?? "it is a budget for life"
        return "the budget \(name) of \(scope) has no room for this request, which can cost \(needed): limit \(limit), "
            + "spent \(spent), held by requests under way \(held); \(reset). Ask for fewer tokens, or for a larger budget"
    }
}

/// A limit that a request would have exceeded.
struct RateRefusal {
    enum Limit {
        case concurrent(Int)
        case requests(Int)
        case tokens(Int, asked: Int)
    }

    var scope: String
    var limit: Limit
    /// How long it lasts until it may be tried again; the end of time where it never may.
    var wait: TimeSpan

    /// Whole seconds, at least one.
    var retryAfter: Int? {
        wait.nanoseconds == .max ? nil : max(1, Int((wait.nanoseconds + 999_999_999) / 1_000_000_000))
    }

    var message: String {
        let again = retryAfter.map { "try again in \($0) s" } ?? "ask for fewer tokens"
        switch limit {
        case .concurrent(let limit): return "\(scope) may have \(limit) requests under way at once; \(again)"
        case .requests(let limit): return "\(scope) may send \(limit) requests a minute; \(again)"
        case .tokens(let limit, let asked):
            return "\(scope) may use \(limit) tokens a minute, and this request can need \(asked); \(again)"
        }
    }
}
