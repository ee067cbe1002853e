/// Whether `text` is an IPv4 address in dotted form: four numbers without leading zeros (RFC 3986, section 3.2.2).
func isIPv4(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return false }
    return parts.allSatisfy { part in
        guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return (part == "0" || !part.hasPrefix("0")) && Int(part) ?? 256 < 256
    }
}

/// Whether `text` is an IPv6 address in the forms of RFC 4291, section 2.2, without brackets and zone.
func isIPv6(_ text: some StringProtocol) -> Bool {
    let halves = String(text).components(separatedByDoubleColon: ())
    guard (1...2).contains(halves.count) else { return false }
    var groups = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
        guard let count = groupCount(half, mayEndInIPv4: index == halves.count - 1) else { return false }
        groups += count
    }
    return halves.count == 2 ? groups <= 7 : groups == 8
}

private func groupCount(_ half: String, mayEndInIPv4: Bool) -> Int? {
    let groups = half.split(separator: ":", omittingEmptySubsequences: false)
    var count = 0
    for (index, group) in groups.enumerated() {
        if mayEndInIPv4, index == groups.count - 1, isIPv4(group) {
            count += 2
        } else if (1...4).contains(group.utf8.count), group.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
            count += 1
        } else {
            return nil
        }
    }
    return count
}

extension String {
    /// Its parts between `::`; three or more are no address.
    fileprivate func components(separatedByDoubleColon _: Void) -> [String] {
        var parts = [""]
        var rest = Substring(self)
        while !rest.isEmpty {
            if rest.hasPrefix("::") {
                parts.append("")
                rest = rest.dropFirst(2)
            } else {
                parts[parts.count - 1].append(rest.removeFirst())
            }
        }
        return parts
    }
}
