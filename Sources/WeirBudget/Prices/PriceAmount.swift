/// Reads and writes prices as people do: `$0.10/M`, `$2.50/K`, `$0.01`, `$0.36/h`.
public enum PriceAmount {
    /// What is wrong with a price.
    public enum Problem: Error, Hashable, Sendable {
        /// Not a dollar amount with a known unit.
        case form
        /// The unit says nothing about this rate (`/h` for tokens).
        case unit
        /// A bare amount for tokens, of which nobody knows whether it is meant for one or a million.
        case unitMissing
        /// Finer than a pico-dollar per token, event or hour.
        case tooFine
        /// More than 9,007 dollars per token, event or hour.
        case tooLarge

        /// What is wrong and what to write instead, for `rate`.
        public func text(for rate: Rate) -> (message: String, cure: String) {
            let example = PriceAmount.example(for: rate)
            switch self {
            case .form: return ("is no price", "write for example \(example)")
            case .unit: return ("has a unit that says nothing about \(rate.name)", "write for example \(example)")
            case .unitMissing: return ("does not say for how many tokens", "write for example \(example)")
            case .tooFine: return ("is finer than a pico-dollar per unit", "write fewer decimals")
            case .tooLarge: return ("is over 9007 dollars per unit", "write for example \(example)")
            }
        }
    }

    /// A price of this kind, as it may be written.
    public static func example(for rate: Rate) -> String {
        switch rate.unit {
        case .token: "$2.50/M"
        case .event: "$10/K or $0.01"
        case .hour: "$0.36/h or $0.006/min"
        }
    }

    /// Reads a price of `rate` as whole pico-dollars per token, event or hour.
    public static func read(_ text: String, for rate: Rate) throws(Problem) -> Int64 {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw .form }
        guard let amount = decimal(parts[0]) else { throw .form }
        let (factor, divisor) = try scale(parts.count == 2 ? String(parts[1]) : nil, for: rate)
        // At most 18 digits times 10^12 times 3,600: below 2^127.
        let scaled = UInt128(amount.digits) * 1_000_000_000_000 * UInt128(factor)
        var denominator = UInt128(divisor)
        for _ in 0..<amount.decimals { denominator *= 10 }
        let (pico, rest) = scaled.quotientAndRemainder(dividingBy: denominator)
        guard rest == 0 else { throw .tooFine }
        guard let pico = Int64(exactly: pico), pico <= TieredAmount.limit else { throw .tooLarge }
        return pico
    }

    /// Writes a price so that `read` gives it back: tokens per million, events per thousand, time per hour.
    public static func text(_ pico: Int64, for rate: Rate) -> String {
        let (exponent, unit) =
            switch rate.unit {
            case .token: (6, "/M")
            case .event: (9, "/K")
            case .hour: (12, "/h")
            }
        var power: Int64 = 1
        for _ in 0..<exponent { power *= 10 }
        var decimals = String(pico % power)
        decimals = String(repeating: "0", count: exponent - decimals.utf8.count) + decimals
        while decimals.utf8.count > 2, decimals.utf8.last == UInt8(ascii: "0") { decimals.removeLast() }
        return "$\(pico / power).\(decimals)\(unit)"
    }

    /// Digits of a dollar amount and how many of them are decimals.
    private static func decimal(_ text: Substring) -> (digits: UInt64, decimals: Int)? {
        var digits: UInt64 = 0
        var count = 0
        var decimals: Int?
        for byte in text.utf8.first == UInt8(ascii: "$") ? text.utf8.dropFirst() : text.utf8[...] {
            if byte == UInt8(ascii: "."), decimals == nil, count > 0 {
                decimals = 0
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            count += 1
            guard digit < 10, count <= 18 else { return nil }
            digits = digits * 10 + UInt64(digit)
            decimals = decimals.map { $0 + 1 }
        }
        return count > 0 && decimals != 0 ? (digits, decimals ?? 0) : nil
    }

    private static func scale(_ unit: String?, for rate: Rate) throws(Problem) -> (factor: Int, divisor: Int) {
        switch (rate.unit, unit) {
        case (.token, nil): throw .unitMissing
        case (.token, "token"), (.event, nil), (.hour, "h"): (1, 1)
        case (.token, "K"), (.event, "K"): (1, 1_000)
        case (.token, "M"), (.event, "M"): (1, 1_000_000)
        case (.hour, "min"): (60, 1)
        case (.hour, "s"): (3_600, 1)
        case (_, "K"), (_, "M"), (_, "h"), (_, "min"), (_, "s"), (_, "token"), (.hour, nil): throw .unit
        default: throw .form
        }
    }
}

extension Rate {
    enum Unit { case token, event, hour }

    var unit: Unit {
        switch self {
        case .input, .output, .cacheRead, .cacheWrite, .cacheWrite1h, .inputAudio, .cacheReadAudio, .outputAudio,
            .inputImage, .cacheReadImage, .outputImage, .inputVideo, .outputVideo, .outputReasoning, .outputCitation:
            .token
        case .webSearch, .storageSearch, .request, .inputTextMessage, .documentPage, .annotatedDocumentPage,
            .inputCharacter:
            .event
        case .audioHour, .inputAudioHour: .hour
        }
    }
}
