/// How a text of the file is shown in a mistake: in quotes, shortened, control characters escaped; and not at all if it may be a secret
/// that somebody pasted into the wrong place.
func quoted(_ text: String) -> String {
    mayBeSecret(text) ? "this value (not shown: it may be a secret)" : "\"\(shown(text))\""
}

/// The same without quotes, for paths of settings and files.
func shown(_ text: String) -> String {
    if mayBeSecret(text) { return "[not shown]" }
    var result = ""
    for scalar in text.unicodeScalars.prefix(64) {
        let isPlain = scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
        result += isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return text.unicodeScalars.count > 64 ? result + "..." : result
}

/// Whether a text looks like a credential: a prefix that providers use, or 20 letters and digits in one run with both in it.
func mayBeSecret(_ text: String) -> Bool {
    let lowered = text.lowercased()
    if secretMarks.contains(where: lowered.contains) { return true }
    var run = 0
    var hasLetter = false
    var hasDigit = false
    for byte in lowered.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): hasLetter = true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigit = true
        default:
            run = 0
            hasLetter = false
            hasDigit = false
            continue
        }
        run += 1
        if run >= 20, hasLetter, hasDigit { return true }
    }
    return false
}

private let secretMarks = ["sk-", "sk_", "aiza", "ghp_", "gsk_", "xai-", "hf_", "bearer ", "password", "-----begin"]
