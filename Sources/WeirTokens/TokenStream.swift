import WeirBase

/// Counts the tokens of a text that comes in parts, wherever they are cut: in the end what `TokenCounter.count` says of the whole.
///
/// It keeps the bytes of the piece that is still open, a few as a rule.
public struct TokenStream: Sendable {
    /// The tokens of all pieces that nothing can change any more.
    public private(set) var settled = 0
    private var pending: [UInt8] = []

    public init() {}

    /// The most tokens that the text so far can have: a token is at least a byte.
    public var upperBound: Int { settled + pending.count }

    /// Takes the next part of the text.
    public mutating func feed(_ bytes: Span<UInt8>, _ counter: inout TokenCounter) {
        guard !pending.isEmpty else {
            let (count, end) = counter.countClosed(bytes)
            settled += count
            for at in end..<bytes.count { pending.append(bytes[at]) }
            return
        }
        for at in bytes.indices { pending.append(bytes[at]) }
        let (count, end) = counter.countClosed(pending.span)
        settled += count
        pending.removeFirst(end)
    }

    /// Ends the text.
    /// - Returns: its number of tokens.
    public mutating func finish(_ counter: inout TokenCounter) -> Int {
        settled += counter.count(pending.span)
        pending.removeAll()
        return settled
    }
}
