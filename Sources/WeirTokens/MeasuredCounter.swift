import WeirBase

/// Counts texts with measured pieces (`MeasuredPattern`): the fewest pieces that a text can be laid out with. Its counts are estimates.
///
/// It is for whole texts, and takes about 16 times their size while it counts. Time is linear in the text, but a tenth as fast as `TokenCounter`: 4 to 50 MB/s,
/// 12 for prose.
public struct MeasuredCounter {
    private let vocabulary: Vocabulary
    private let pattern: MeasuredPattern

    /// Nil where the vocabulary is none of measured pieces; then `TokenCounter` is the right one.
    public init?(_ vocabulary: Vocabulary) {
        guard let pattern = MeasuredPattern(vocabulary.pattern) else { return nil }
        self.vocabulary = vocabulary
        self.pattern = pattern
    }

    /// The number of tokens of a whole text, without those that a message adds. Bytes that are no UTF-8 count as U+FFFD.
    public func count(_ bytes: Span<UInt8>) -> Int {
        let text = MarkedText(bytes.text(ByteRange(start: 0, end: bytes.count)), pattern)
        // Two line ends that the message adds are one token with those before them.
        let lineEnds = text.finalLineEnds
        let final = lineEnds == 0 ? 0 : fewest(Array(repeating: UInt8(ascii: "\n"), count: lineEnds + 2)) - 1
        return fewest(text.bytes) + final
    }

    /// The fewest pieces that `bytes` are.
    private func fewest(_ bytes: [UInt8]) -> Int {
        var costs = [Int](repeating: .max, count: bytes.count + 1)
        costs[0] = 0
        var at = 0
        while at < bytes.count {
            let length = characterLength(bytes[at])
            let cost = costs[at] + 1
            var node = 0
            var end = at
            while end < bytes.count, let child = vocabulary.child(of: node, bytes[end]) {
                node = child
                end += 1
                if vocabulary.node(node).token != Vocabulary.Layout.noToken, cost < costs[end] { costs[end] = cost }
            }
            let next = at + length
            if costs[next] > cost { costs[next] = min(costs[next], costs[at] + partsCost(bytes[at..<next])) }
            at = next
        }
        return costs[bytes.count]
    }

    /// Of a character in the text, or a mark.
    private func characterLength(_ lead: UInt8) -> Int {
        switch lead {
        case 0xC0..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0..<0xF8: 4
        default: 1
        }
    }

    /// The tokens of a character that is no piece: the fewest parts that are some, each byte being one.
    private func partsCost(_ bytes: ArraySlice<UInt8>) -> Int {
        var costs = [0, Int.max, .max, .max, .max]
        for start in bytes.indices {
            let offset = start - bytes.startIndex
            costs[offset + 1] = min(costs[offset + 1], costs[offset] + 1)
            var node = vocabulary.child(of: 0, PieceMark.part)
            for end in start..<bytes.endIndex {
                node = node.flatMap { vocabulary.child(of: $0, bytes[end]) }
                guard let node else { break }
                guard vocabulary.node(node).token != Vocabulary.Layout.noToken else { continue }
                let until = end + 1 - bytes.startIndex
                costs[until] = min(costs[until], costs[offset] + 1)
            }
        }
        return costs[bytes.count]
    }
}
