/// An amount of money: whole nano-dollars (10^-9 USD). Bills, budgets, holds and the ledger know no other unit; prices are finer (pico-dollars
/// per token) and are rounded up, once per request, when they become `Money`.
public struct Money: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var nanoUSD: Int64

    @inlinable public init(nanoUSD: Int64) { self.nanoUSD = nanoUSD }

    @inlinable public static var zero: Money { Money(nanoUSD: 0) }
    /// More than any bill: 9.2 billion dollars.
    @inlinable public static var greatest: Money { Money(nanoUSD: .max) }

    @inlinable public static func < (left: Money, right: Money) -> Bool { left.nanoUSD < right.nanoUSD }
    /// Traps where the sum does not fit: money that wraps around is worse than a crash.
    @inlinable public static func + (left: Money, right: Money) -> Money {
        Money(nanoUSD: left.nanoUSD + right.nanoUSD)
    }
    @inlinable public static func - (left: Money, right: Money) -> Money {
        Money(nanoUSD: left.nanoUSD - right.nanoUSD)
    }
    @inlinable public static func += (left: inout Money, right: Money) { left = left + right }
    @inlinable public static func -= (left: inout Money, right: Money) { left = left - right }

    /// Dollars with as many of nine decimals as are needed, at least two: `$0.01`, `$12.50`, `$0.000001375`, `-$3.00`.
    public var description: String {
        let magnitude = nanoUSD.magnitude
        var decimals = String(magnitude % 1_000_000_000)
        decimals = String(repeating: "0", count: 9 - decimals.utf8.count) + decimals
        while decimals.utf8.count > 2, decimals.utf8.last == UInt8(ascii: "0") { decimals.removeLast() }
        return "\(nanoUSD < 0 ? "-" : "")$\(magnitude / 1_000_000_000).\(decimals)"
    }

    /// Reads dollars as people and the configuration write them: `$500`, `0.01`, `$0.000001375`; underscores and commas are not digits.
    /// - Returns: nil for anything else: more than nine decimals, a sign, more than 9.2 billion dollars.
    public init?(_ text: String) {
        var digits = Array(text.utf8)[...]
        if digits.first == UInt8(ascii: "$") { digits = digits.dropFirst() }
        var nano: Int64 = 0
        var decimals: Int?
        var hasDigit = false
        for byte in digits {
            if byte == UInt8(ascii: "."), decimals == nil, hasDigit {
                decimals = 0
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            hasDigit = true
            if let count = decimals {
                guard count < 9 else { return nil }
                decimals = count + 1
            }
            let (tenfold, isTooLarge) = nano.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tenfold.addingReportingOverflow(Int64(digit))
            guard !isTooLarge, !overflows else { return nil }
            nano = sum
        }
        guard hasDigit, decimals != 0 else { return nil }
        for _ in 0..<9 - (decimals ?? 0) {
            let (tenfold, isTooLarge) = nano.multipliedReportingOverflow(by: 10)
            guard !isTooLarge else { return nil }
            nano = tenfold
        }
        nanoUSD = nano
    }
}
