public import WeirBase
public import WeirBudget

extension Policy {
    /// A limit on what may be spent in one window of time.
    public struct Budget: Hashable, Sendable {
        public let limit: Money
        /// How long a window lasts.
        public let every: Period
        /// Where its days begin: a name of the time zone database.
        public let timezone: String
        /// The same with its rules.
        public let zone: TimeZoneRules
        /// Shares of the limit, in percent, at which a warning is given, in rising order.
        public let warnings: [Int]

        public init(limit: Money, every: Period, timezone: String, zone: TimeZoneRules, warnings: [Int]) {
            self.limit = limit
            self.every = every
            self.timezone = timezone
            self.zone = zone
            self.warnings = warnings
        }

        public static func == (left: Budget, right: Budget) -> Bool {
            (left.limit, left.every, left.timezone) == (right.limit, right.every, right.timezone)
                && left.warnings == right.warnings
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(limit)
            hasher.combine(every)
            hasher.combine(timezone)
        }

        /// The calendar's windows; a week begins on Monday.
        public enum Period: String, Sendable, CaseIterable {
            case hour, day, week, month, year
            /// From the first request on, without an end.
            case life
        }
    }

    /// What may happen at one time; nil where nothing limits it.
    public struct RateLimits: Hashable, Sendable {
        public var requestsPerMinute: Int?
        public var tokensPerMinute: Int?
        /// Requests under way.
        public var concurrent: Int?

        public init() {}
    }

    /// What bounds a key, a team or a tag.
    public struct Bounds: Hashable, Sendable {
        public var budgets: [Budget] = []
        public var limits = RateLimits()

        public init() {}
    }

    /// What becomes of an answer whose client has gone.
    public enum OnDisconnect: String, Sendable, CaseIterable {
        /// The upstream is told to stop; what had passed is billed as an estimate.
        case cancel
        /// The rest is read for the provider's own count.
        case drain
    }

    /// A label that spend is attributed to: `feature=search`.
    public struct Tag: Hashable, Sendable, CustomStringConvertible {
        public let name: String
        public let value: String

        /// Reads `NAME=VALUE`, each 1 to 64 letters, digits, `-`, `_` and `.`; nil for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            for part in parts {
                guard (1...64).contains(part.utf8.count), part.utf8.allSatisfy(isNameByte) else { return nil }
            }
            name = String(parts[0])
            value = String(parts[1])
        }

        public var description: String { "\(name)=\(value)" }
    }

    /// A tag with what bounds it.
    public struct BoundTag: Hashable, Sendable {
        public let tag: Tag
        public let bounds: Bounds
    }
}
