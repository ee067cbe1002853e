public import WeirBase

/// Reads a whole number: decimal digits only, at most 15, so that no later product overflows.
func decimalNumber(_ text: String) -> Int? {
    guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
}

extension TimeSpan {
    /// Reads a duration as the configuration writes it, such as `250ms` or `24h`; nil for anything else.
    public init?(text: String) {
        guard let span = parseDuration(text) else { return nil }
        self = span
    }
}

/// Reads a duration: a whole number and `ms`, `s`, `m`, `h` or `d`, without a space. At most 10 years.
func parseDuration(_ text: String) -> TimeSpan? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = decimalNumber(String(digits)) else { return nil }
    let unit: TimeSpan
    switch text.dropFirst(digits.count) {
    case "ms": unit = .milliseconds(1)
    case "s": unit = .seconds(1)
    case "m": unit = .seconds(60)
    case "h": unit = .seconds(3600)
    case "d": unit = .seconds(86400)
    default: return nil
    }
    let (span, overflow) = unit.nanoseconds.multipliedReportingOverflow(by: Int64(number))
    guard !overflow, span <= 3_650 * 86_400 * 1_000_000_000 else { return nil }
    return TimeSpan(nanoseconds: span)
}

/// Writes a duration in the largest unit that keeps it whole.
func durationText(_ span: TimeSpan) -> String {
    let units: [(Int64, String)] = [(3_600_000, "h"), (60_000, "m"), (1000, "s")]
    let milliseconds = span.milliseconds
    for (unit, name) in units where milliseconds > 0 && milliseconds % unit == 0 {
        return "\(milliseconds / unit)\(name)"
    }
    return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
}

/// Reads a size in bytes: a whole number, alone or with `B`, `KiB`, `MiB` or `GiB`. Decimal units (KB) are refused: they are read both ways.
func parseSize(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = decimalNumber(String(digits)) else { return nil }
    let shift: Int
    switch text.dropFirst(digits.count) {
    case "", "B": shift = 0
    case "KiB": shift = 10
    case "MiB": shift = 20
    case "GiB": shift = 30
    default: return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : bytes
}

/// Writes a size in the largest unit that keeps it whole.
func sizeText(_ bytes: Int) -> String {
    for (shift, name) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes > 0 && bytes % (1 << shift) == 0 {
        return "\(bytes >> shift)\(name)"
    }
    return "\(bytes)"
}
