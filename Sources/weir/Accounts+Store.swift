import WeirBase
import WeirBudget
import WeirConfig
import WeirControl
import WeirGateway
import WeirStore

extension Accounts {
    /// Accounts that begin with what a store knows. All that the policy and the keys have are asked for at once: a store whose journal is not folded
    /// yet reads it for every question, and that takes a second for a gigabyte.
    convenience init(_ store: Store, _ policy: Policy, issued: [IssuedKey], at now: WallTime) throws {
        var wanted: [Question] = []
        func want(_ scope: Scope, _ bounds: Policy.Bounds) {
            for budget in bounds.budgets {
                let span = BudgetPeriod(budget.every).window(containing: now, in: budget.zone)
                wanted.append(Question(scope: scope, span: span))
            }
        }
        for team in policy.teams { want(Scope(.team, team.name), team.bounds) }
        for entry in policy.boundTags { want(Scope(.tag, "\(entry.tag)"), entry.bounds) }
        for key in policy.keys { want(Scope(.key, key.id), key.bounds) }
        for key in issued { want(Scope(.key, key.id), key.bounds) }
        let sums = try store.spent(wanted.map(\.query))
        let known = Dictionary(zip(wanted, sums)) { first, _ in first }
        self.init { scope, span in
            let question = Question(scope: scope, span: span)
            // What began after this, a key or a window, is asked for by itself.
            return try known[question] ?? store.spent([question.query])[0]
        }
    }
}

/// What a scope has spent in a window.
private struct Question: Hashable {
    let scope: Scope
    let span: BudgetSpan

    var query: SpentQuestion {
        SpentQuestion(
            SpentScope(scope), from: max(0, span.from.milliseconds), until: span.until.milliseconds)
    }
}
