internal import WeirBase

/// What of a provider's error text may reach a client: its words, without addresses, accounts and keys, which are the gateway's and not the client's.
enum ProviderWords {
    /// Bytes that are looked at; the rest is cut.
    static let limit = 1_000

    /// `text` with `[...]` in place of each word that shows where the gateway's account is.
    static func clean(_ text: String) -> String {
        let cut = String(decoding: text.utf8.prefix(limit), as: UTF8.self)
        let words = cut.split(separator: " ", omittingEmptySubsequences: false)
        return words.map { isRevealing($0) ? "[...]" : String($0) }.joined(separator: " ")
    }

    private static func isRevealing(_ word: Substring) -> Bool {
        if ["://", "arn:aws", "amazonaws.com", "googleapis.com", "azure.com", "projects/", "AIza", "AKIA", "ASIA"]
            .contains(where: word.contains)
        {
            return true
        }
        // Keys, organisations, projects and requests of OpenAI: at a word's start, for "task-" and "disk-" are words.
        let start = word.drop { !$0.isLetter }
        if ["sk-", "org-", "proj_", "req_"].contains(where: start.hasPrefix) { return true }
        // Numbers of accounts and projects have twelve digits; counts of tokens stay far below.
        var digits = 0
        for byte in word.utf8 {
            digits = (0x30...0x39).contains(byte) ? digits + 1 : 0
            if digits == 9 { return true }
        }
        return false
    }

    /// Retry-After as a number of seconds, with a fraction perhaps; nil for a date and whatever else.
    static func retryAfter(_ value: String?) -> TimeSpan? {
        guard let value, !value.isEmpty, value.utf8.count <= 32 else { return nil }
        let bytes = Array(value.utf8)
        return UsageReader.milliseconds(bytes.span, ByteRange(start: 0, end: bytes.count))
            .map { .milliseconds(Int64($0)) }
    }
}
