public import WeirBase
internal import WeirBudget
internal import WeirConfig
public import WeirGateway
public import WeirStore

extension Administration {
    /// Every team with its budgets as they stand.
    public func listTeams() throws(ControlFailure) -> [TeamMessage] {
        var teams: [TeamMessage] = []
        for team in policy.teams { teams.append(message(of: team)) }
        return teams.sorted { $0.team < $1.team }
    }

    public func showTeam(_ name: String) throws(ControlFailure) -> TeamMessage { message(of: try team(name)) }

    private func message(of team: Policy.Team) -> TeamMessage {
        let budgets = accounts.account(of: Scope(.team, team.name))?.budgets ?? []
        return TeamMessage(
            team: team.name, budgets: budgets.map { BudgetStatusMessage($0.status(now: now(), pause: {})) },
            limits: LimitsMessage(team.bounds.limits))
    }

    /// Raises a budget of a team until a moment; it falls back by itself.
    public func raiseBudget(
        _ name: String, _ request: RaiseRequest, by actor: String
    ) throws(ControlFailure) -> TeamMessage {
        let team = try team(name)
        let now = now()
        let budget = try budget(of: team, request.every)
        guard let until = WallTime(request.until) else {
            throw .invalid("\(request.until) is no date: write 2027-01-01 or 2027-01-01T09:00:00Z")
        }
        let amount = Money(nanoUSD: request.nano_usd)
        // Written first: a raise that the books do not know would be gone with the next start.
        guard amount > .zero, amount <= Budget.greatest else { throw .invalid("raise a budget by more than $0") }
        guard until > now else { throw .invalid("\(request.until) is in the past") }
        let raise = RaiseRow(
            team: name, budget: budget.period.rawValue, nanoUSD: amount.nanoUSD, from: now.nanoseconds,
            until: until.nanoseconds)
        let audit = AuditRow(
            at: now.nanoseconds, actor: actor, action: "budget.raise", subject: "team \(name)",
            details: "\(budget.period.rawValue) by \(amount) until \(until)")
        do throws(StoreError) { try store.add(raise, audit: audit) } catch { throw .store(error) }
        do throws(RaiseError) {
            _ = try budget.raise(by: amount, until: until, now: now, pause: {})
        } catch { throw .conflict("the budget cannot be raised so far (\(error))") }
        return message(of: team)
    }

    private func team(_ name: String) throws(ControlFailure) -> Policy.Team {
        if let team = policy.teams.first(where: { $0.name == name }) { return team }
        throw .notFound("there is no team \(name) in the configuration; `weir team list` shows all")
    }

    private func budget(of team: Policy.Team, _ every: String?) throws(ControlFailure) -> Budget {
        let budgets = accounts.account(of: Scope(.team, team.name))?.budgets ?? []
        let matching = budgets.filter { every == nil || $0.period.rawValue == every }
        guard let budget = matching.first else {
            throw .notFound(
                "team \(team.name) has no such budget; it has \(budgets.isEmpty ? "none" : budgets.map(\.period.rawValue).joined(separator: ", "))"
            )
        }
        guard matching.count == 1 else {
            throw .invalid(
                "team \(team.name) has \(matching.count) budgets; say which with --every \(matching.map(\.period.rawValue).joined(separator: "|"))"
            )
        }
        return budget
    }

    /// The newest rows of the audit trail.
    public func listAudit(limit: Int) throws(ControlFailure) -> [AuditMessage] {
        do throws(StoreError) {
            return try store.audit(limit: limit).map { row in
                AuditMessage(
                    at: WallTime(nanoseconds: row.at).description, actor: row.actor, action: row.action,
                    subject: row.subject, details: row.details)
            }
        } catch { throw .store(error) }
    }
}

extension Accounts {
    /// Puts raises in force that an earlier process was told of. Those of budgets that are not there any more are left out.
    public func apply(_ raises: [RaiseRow], at now: WallTime) {
        for raise in raises {
            guard let account = account(of: Scope(.team, raise.team)),
                let budget = account.budgets.first(where: { $0.period.rawValue == raise.budget })
            else { continue }
            do throws(RaiseError) {
                _ = try budget.raise(
                    by: Money(nanoUSD: raise.nanoUSD), until: WallTime(nanoseconds: raise.until), now: now, pause: {})
            } catch { continue }  // it was checked when it was written; the limit it was on has changed since
        }
    }
}
