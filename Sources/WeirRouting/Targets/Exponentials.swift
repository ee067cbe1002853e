// Logarithm and power of two, since an engine imports no C library. Both are accurate to nine digits and more, which is more than estimates need, and the
// same on every machine: additions, multiplications and divisions, which IEEE 754 defines to the last bit.

/// 2 to the power of `-exponent`.
/// - Precondition: `exponent` is 0 to 1,000.
func powerOfHalf(_ exponent: Double) -> Double {
    precondition(exponent >= 0 && exponent <= 1_000)
    let whole = Int(exponent)
    // The series of e^x for x in (-ln 2, 0], with the reciprocals of the factorials; the first term left out is below 2e-12.
    let x = (Double(whole) - exponent) * 0.693_147_180_559_945_3
    let fifth =
        1.0 / 120 + x * (1.0 / 720 + x * (1.0 / 5_040 + x * (1.0 / 40_320 + x * (1.0 / 362_880 + x / 3_628_800))))
    let series = 1 + x * (1 + x * (0.5 + x * (1.0 / 6 + x * (1.0 / 24 + x * fifth))))
    return series * Double(bitPattern: UInt64(1_023 - whole) << 52)
}

/// The natural logarithm.
/// - Precondition: `value` is positive, normal and finite.
func naturalLogarithm(_ value: Double) -> Double {
    precondition(value.isNormal && value > 0)
    let bits = value.bitPattern
    var exponent = Int(bits >> 52) - 1_023
    var significand = Double(bitPattern: bits & (1 << 52 - 1) | 1_023 << 52)
    if significand > 1.414_213_562_373_095 {
        significand /= 2
        exponent += 1
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); the argument is at most 0.172, so the first term left out is below 1e-14.
    let x = (significand - 1) / (significand + 1)
    let square = x * x
    let eleventh = 1.0 / 11 + square * (1.0 / 13 + square * (1.0 / 15))
    let series =
        1 + square * (1.0 / 3 + square * (1.0 / 5 + square * (1.0 / 7 + square * (1.0 / 9 + square * eleventh))))
    return 2 * x * series + Double(exponent) * 0.693_147_180_559_945_3
}
