import WeirBase

/// Nine decimals, so that points stand under points.
func alignedMoney(_ money: Money) -> String {
    let text = "\(money)"
    let decimals = text.split(separator: ".").last?.utf8.count ?? 0
    return text + String(repeating: "0", count: 9 - decimals)
}

/// Lines of comma-separated values (RFC 4180).
func csvText(_ lines: [[String]]) -> String {
    lines.map { $0.map(csvField).joined(separator: ",") + "\r\n" }.joined()
}

private func csvField(_ text: String) -> String {
    guard text.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
}
