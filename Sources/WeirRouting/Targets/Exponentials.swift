// Logarithm and power of two, since an engine imports no C library. Both are accurate to nine digits, which is more than estimates need, and the same
// on every machine: nothing but additions and multiplications.

/// 2 to the power of `-exponent`.
/// - Precondition: `exponent` is not negative; infinity gives 0.
func powerOfHalf(_ exponent: Double) -> Double {
    precondition(exponent >= 0)
    guard exponent < 1_000 else { return 0 }
    let whole = exponent.rounded(.down)
    // The series of e^x for x in (-ln 2, 0].
    let power = (whole - exponent) * 0.693_147_180_559_945_3
    var term = 1.0
    var sum = 1.0
    for divisor in 1...12 {
        term *= power / Double(divisor)
        sum += term
    }
    return Double(sign: .plus, exponent: -Int(whole), significand: sum)
}

/// The natural logarithm.
/// - Precondition: `value` is positive, normal and finite.
func naturalLogarithm(_ value: Double) -> Double {
    precondition(value.isNormal && value > 0)
    var significand = value.significand
    var exponent = Double(value.exponent)
    if significand > 1.414_213_562_373_095 {
        significand /= 2
        exponent += 1
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); the argument is at most 0.172, so the eighth term is below 1e-12.
    let argument = (significand - 1) / (significand + 1)
    let square = argument * argument
    var power = argument
    var sum = 0.0
    for odd in stride(from: 1.0, through: 15, by: 2) {
        sum += power / odd
        power *= square
    }
    return 2 * sum + exponent * 0.693_147_180_559_945_3
}
