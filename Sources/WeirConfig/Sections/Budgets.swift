import WeirBase
import WeirBudget

extension Reader {
    static let budgetSettings: [Setting] = [
        .required(
            "limit", "amount", "The most that may be spent in one window.", aliases: ["max", "amount", "max_budget"]),
        .optional(
            "every", "`hour`, `day`, `week`, `month` or `year`", default: "for life",
            "How long a window lasts, by the calendar; a week begins on Monday.",
            aliases: ["period", "window", "duration", "budget_duration"]),
        .optional(
            "timezone", "name", default: "UTC", "Where its days begin: a name such as `Europe/Berlin`.",
            aliases: ["time_zone", "tz", "zone"]),
        .optional(
            "warn", "list of percentages", default: "`[80%]`",
            "Shares of the limit at which a warning is logged, once a window each.", aliases: ["alerts", "warnings"]),
    ]

    static let rateLimitSettings: [Setting] = [
        .optional(
            "requests_per_minute", "1 to 1000000000", default: "none",
            "Requests, spread evenly; a minute's may come at once.",
            aliases: ["rpm", "requests"]),
        .optional(
            "tokens_per_minute", "1 to 1000000000", default: "none",
            "Tokens in and out; the most that a request can need is taken first, and what it did not need comes back.",
            aliases: ["tpm", "tokens"]),
        .optional(
            "concurrent", "1 to 1000000", default: "none", "Requests under way at once.",
            aliases: ["max_parallel_requests", "concurrency", "parallel"]),
    ]

    static let boundSettings: [Setting] = [
        .optional(
            "budgets", "list of maps", default: "none", "Limits on what is spent; all of them hold at once.",
            aliases: ["budget", "max_budget"]),
        .optional(
            "limits", "map of settings", default: "none", "Limits on requests and tokens.", aliases: ["rate_limits"]),
    ]

    func readBounds(_ section: Section?) -> Policy.Bounds {
        var bounds = Policy.Bounds()
        bounds.budgets = readBudgets(section?["budgets"])
        bounds.limits = readRateLimits(section?["limits"])
        return bounds
    }

    private func readBudgets(_ field: Field?) -> [Policy.Budget] {
        let cure = "write \"[{limit: $50, every: month}]\", or remove it"
        guard let field, let entries = field.list(or: cure) else { return [] }
        if entries.count > 4 { field.note("holds \(entries.count) budgets", "write at most 4") }
        return entries.prefix(4).compactMap(readBudget)
    }

    private func readBudget(_ field: Field) -> Policy.Budget? {
        guard let section = Section(field, Self.budgetSettings) else { return nil }
        let limit = section["limit"].flatMap { field in
            field.parsed(as: "an amount in dollars", example: "$500 or $0.01") { Money($0) }
        }
        let words = Policy.Budget.Period.allCases.filter { $0 != .life }.map(\.rawValue)
        let every = section["every"].map { $0.word(of: words, what: "window") }
        let zone = section["timezone"].map(readZone) ?? ("UTC", .utc)
        let warnings = section["warn"].map(readShares) ?? [80]
        guard let limit, let zone, let every = every.map({ $0.flatMap(Policy.Budget.Period.init) }) ?? .life else {
            return nil
        }
        if every == .life, let written = section["timezone"] {
            written.warn("has no effect: the budget has no window", "remove it, or add \"every\"")
        }
        return Policy.Budget(limit: limit, every: every, timezone: zone.name, zone: zone.rules, warnings: warnings)
    }

    private func readZone(_ field: Field) -> (name: String, rules: TimeZoneRules)? {
        guard let name = field.text(or: "write a name such as Europe/Berlin") else { return nil }
        do throws(TimeZoneProblem) {
            return (name, try TimeZoneRules.named(name, files: files))
        } catch {
            field.note(error.message(name), error.cure)
            return nil
        }
    }

    private func readShares(_ field: Field) -> [Int] {
        let cure = "write \"[50%, 80%]\", or remove it"
        guard let entries = field.list(or: cure) else { return [] }
        let shares = entries.compactMap { entry in
            entry.parsed(as: "a percentage from 1% to 100%", example: "80%") { text -> Int? in
                guard text.hasSuffix("%"), let number = decimalNumber(String(text.dropLast())),
                    (1...100).contains(number)
                else { return nil }
                return number
            }
        }
        return Set(shares).sorted()
    }

    private func readRateLimits(_ field: Field?) -> Policy.RateLimits {
        var limits = Policy.RateLimits()
        guard let field, let section = Section(field, Self.rateLimitSettings) else { return limits }
        limits.requestsPerMinute = section["requests_per_minute"]?.number(in: 1...1_000_000_000)
        limits.tokensPerMinute = section["tokens_per_minute"]?.number(in: 1...1_000_000_000)
        limits.concurrent = section["concurrent"]?.number(in: 1...1_000_000)
        return limits
    }

    // MARK: Tags

    /// Tags with what bounds them.
    func readBoundTags(_ field: Field?) -> [Policy.BoundTag] {
        let cure = "write \"{feature=search: {budgets: [{limit: $5, every: day}]}}\", or remove it"
        guard let entries = field?.entries(or: cure) else { return [] }
        return entries.compactMap { name, field in
            guard let tag = Policy.Tag(name) else {
                let cure = "write NAME=VALUE, each 1 to 64 letters, digits, \"-\", \"_\" and \".\""
                mistakes.add(at: field.namePlace, field.path, "\(quoted(name)) is no tag", cure)
                return nil
            }
            return Policy.BoundTag(tag: tag, bounds: readBounds(Section(field, Self.boundSettings)))
        }
    }

    /// The tags of a key: a map of name to value.
    func readTags(_ field: Field?) -> [Policy.Tag] {
        guard let field, let entries = field.entries(or: "write \"{env: prod}\", or remove it") else { return [] }
        if entries.count > 8 { field.note("holds \(entries.count) tags", "write at most 8") }
        return entries.compactMap { name, field in
            guard let value = field.text(or: "write a value") else { return nil }
            if let tag = Policy.Tag("\(name)=\(value)") { return tag }
            field.note(
                "\(quoted("\(name)=\(value)")) is no tag",
                "use 1 to 64 letters, digits, \"-\", \"_\" and \".\" for name and value")
            return nil
        }
    }
}
