internal import WeirBase
public import WeirBudget
public import WeirConfig
internal import WeirLedger
public import WeirStore

/// Bills requests of the ledger again: by the prices of a configuration, with the usage, the time and the service tier that the ledger has of them.
///
/// Only attempts whose usage is the provider's own are billed again. What was estimated from the stream, or booked as the bound because nobody
/// knows what the provider bills, has no usage that a price could be applied to: it stays as it is, and is counted with its reason.
public struct Recomputation {
    /// Why a request, or an attempt of it, keeps the cost that it has.
    public enum Reason: String, CaseIterable, Sendable {
        /// The gateway died while it was served.
        case interrupted
        /// Its usage was counted by Weir and not by the provider.
        case estimated
        /// Nobody knows its usage: it cost what it held.
        case unknown
        /// The prices have none for what it used.
        case unpriced
        /// It would cost more than 9 billion dollars.
        case tooLarge = "too_large"

        /// What people read of it.
        public var text: String {
            switch self {
            case .interrupted: "the gateway died while they were served"
            case .estimated: "their usage is Weir's own count"
            case .unknown: "their usage is not known: they cost what they held"
            case .unpriced: "there is no price for what they used"
            case .tooLarge: "they would cost more than 9 billion dollars"
            }
        }
    }

    /// What was found of one request.
    public struct Finding: Hashable, Sendable {
        /// One a provider whose part was billed again, also where it costs what it did.
        public fileprivate(set) var parts: [Correction] = []
        /// Of the first attempt that was left alone; nil without one.
        public fileprivate(set) var reason: Reason?
    }

    private var tariffs: KnownTariffs

    public init(_ policy: Policy, table: PriceTable = .bundled()) {
        tariffs = KnownTariffs(PriceBook(table, overrides: policy.prices), providers: policy.providers)
    }

    public mutating func bill(_ request: LedgerRequest) -> Finding {
        var finding = Finding()
        if request.status == .interrupted { finding.reason = .interrupted }
        var providers: [String] = []
        for attempt in request.attempts {
            switch attempt.status {
            case .exact:
                if attempt.wasBilled, !providers.contains(attempt.provider) { providers.append(attempt.provider) }
            case .estimated: finding.reason = finding.reason ?? .estimated
            case .unknown: finding.reason = finding.reason ?? .unknown
            }
        }
        for provider in providers {
            do throws(Unbillable) {
                finding.parts.append(try bill(provider, of: request))
            } catch { finding.reason = finding.reason ?? error.reason }
        }
        return finding
    }

    private struct Unbillable: Error {
        let reason: Reason
    }

    private mutating func bill(_ provider: String, of request: LedgerRequest) throws(Unbillable) -> Correction {
        var correction = Correction(
            request: request.id, provider: provider, before: .zero, after: .zero, priceVersion: "")
        for attempt in request.attempts where attempt.status == .exact && attempt.provider == provider {
            correction.before = correction.before.adding(attempt.cost)
            guard attempt.wasBilled else { continue }
            let bill = try bill(attempt, at: request.id.unixMilliseconds / 1_000)
            correction.after = correction.after.adding(bill.amount)
            correction.priceVersion = bill.version.description
        }
        for adjustment in request.adjustments where adjustment.provider == provider {
            correction.before = correction.before.adding(adjustment.delta)
        }
        return correction
    }

    private mutating func bill(
        _ attempt: LedgerRequest.Attempt, at seconds: Int64
    ) throws(Unbillable) -> Bill {
        // What a target costs that the configuration has no more is known by its provider's name.
        guard let tariff = tariffs.tariff(provider: attempt.provider, model: attempt.target) else {
            throw Unbillable(reason: .unpriced)
        }
        switch tariff.bill(attempt.usage, at: seconds, BillingContext(rawValue: attempt.context)) {
        case .billed(let bill): return bill
        case .unpriced: throw Unbillable(reason: .unpriced)
        case .tooLarge: throw Unbillable(reason: .tooLarge)
        }
    }
}

extension LedgerRequest.Attempt {
    /// Whether it used anything that a price is for: a refusal has neither usage nor prices.
    fileprivate var wasBilled: Bool { usage != Usage() || !priceVersion.isEmpty }
}
