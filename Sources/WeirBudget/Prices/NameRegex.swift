internal import WeirBase

/// A regular expression over the bytes of a name or URL, of the few forms that price tables use: literals, `.`, `\d`, classes, groups, `|`, `*`, `+`,
/// `?`, `{n}`, `{n,m}`, `^`, `$` and negative look-ahead `(?!...)`. It backtracks; a name that takes over `stepLimit` steps does not match.
struct NameRegex: Sendable {
    static let stepLimit = 20_000
    private static let depthLimit = 16
    private static let repeatLimit = 64

    private indirect enum Node: Sendable {
        case set(ByteSet)
        case start, end
        case sequence([Node])
        case choice([Node])
        case repeated(Node, ClosedRange<Int>)
        case notAhead(Node)
    }

    private let root: Node

    /// Nil for a pattern that has another form.
    init?(_ pattern: [UInt8]) {
        var parser = Parser(pattern: pattern)
        guard let root = parser.choice(depth: 0), parser.isAtEnd else { return nil }
        self.root = root
    }

    /// Whether it matches somewhere in `text`.
    func isFound(in text: [UInt8]) -> Bool { (0...text.count).contains { matches(text, from: $0) } }

    /// Whether it matches `text` from its beginning on.
    func isPrefix(of text: [UInt8]) -> Bool { matches(text, from: 0) }

    private func matches(_ text: [UInt8], from start: Int) -> Bool {
        var matcher = Matcher(text: text)
        return matcher.match(root, start) { _, _ in true }
    }

    private struct Matcher {
        let text: [UInt8]
        var steps = 0

        typealias Rest = (inout Matcher, Int) -> Bool

        mutating func match(_ node: Node, _ at: Int, _ rest: Rest) -> Bool {
            steps += 1
            guard steps < NameRegex.stepLimit else { return false }
            switch node {
            case .set(let set): return at < text.count && set.contains(text[at]) && rest(&self, at + 1)
            case .start: return at == 0 && rest(&self, at)
            case .end: return at == text.count && rest(&self, at)
            case .sequence(let nodes): return match(nodes[...], at, rest)
            case .choice(let nodes):
                for node in nodes where match(node, at, rest) { return true }
                return false
            case .repeated(let node, let counts): return match(node, counts, 0, at, rest)
            case .notAhead(let node): return !match(node, at) { _, _ in true } && rest(&self, at)
            }
        }

        private mutating func match(_ nodes: ArraySlice<Node>, _ at: Int, _ rest: Rest) -> Bool {
            guard let first = nodes.first else { return rest(&self, at) }
            return match(first, at) { $0.match(nodes.dropFirst(), $1, rest) }
        }

        private mutating func match(
            _ node: Node, _ counts: ClosedRange<Int>, _ count: Int, _ at: Int, _ rest: Rest
        ) -> Bool {
            if count < counts.upperBound {
                // As often as possible first; a round that takes nothing would go on for ever.
                let again = match(node, at) { $1 > at && $0.match(node, counts, count + 1, $1, rest) }
                if again { return true }
            }
            return count >= counts.lowerBound && rest(&self, at)
        }
    }

    /// A set of byte values.
    private struct ByteSet: Sendable {
        private var words = SIMD4<UInt64>.zero

        func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 != 0 }

        mutating func insert(_ bytes: ClosedRange<UInt8>) {
            for byte in bytes { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
        }

        mutating func invert() { words = ~words }

        static let digits: ClosedRange<UInt8> = UInt8(ascii: "0")...UInt8(ascii: "9")
    }

    private struct Parser {
        let pattern: [UInt8]
        var at = 0

        var isAtEnd: Bool { at == pattern.count }

        mutating func choice(depth: Int) -> Node? {
            guard depth < NameRegex.depthLimit else { return nil }
            var nodes: [Node] = []
            repeat {
                guard let node = sequence(depth: depth) else { return nil }
                nodes.append(node)
            } while take("|")
            return nodes.count == 1 ? nodes[0] : .choice(nodes)
        }

        private mutating func sequence(depth: Int) -> Node? {
            var nodes: [Node] = []
            while !isAtEnd, pattern[at] != UInt8(ascii: "|"), pattern[at] != UInt8(ascii: ")") {
                guard let atom = atom(depth: depth), let node = repeated(atom) else { return nil }
                nodes.append(node)
            }
            return .sequence(nodes)
        }

        private mutating func atom(depth: Int) -> Node? {
            if take("^") { return .start }
            if take("$") { return .end }
            if take("(?!") { return group(depth: depth).map(Node.notAhead) }
            if take("(?:") { return group(depth: depth) }
            if take("(") { return group(depth: depth) }
            var set = ByteSet()
            if take("[") {
                guard readClass(&set) else { return nil }
            } else if take(".") {
                set.insert(0...255)
            } else if take("\\") {
                guard readEscape(&set) else { return nil }
            } else {
                guard !"*+?{}]".utf8.contains(pattern[at]) else { return nil }
                set.insert(pattern[at]...pattern[at])
                at += 1
            }
            return .set(set)
        }

        private mutating func group(depth: Int) -> Node? {
            guard !take("?"), let node = choice(depth: depth + 1), take(")") else { return nil }
            return node
        }

        private mutating func repeated(_ node: Node) -> Node? {
            if take("*") { return .repeated(node, 0...Int.max) }
            if take("+") { return .repeated(node, 1...Int.max) }
            if take("?") { return .repeated(node, 0...1) }
            guard take("{") else { return node }
            guard let low = number() else { return nil }
            guard take(",") else { return take("}") ? .repeated(node, low...low) : nil }
            guard let high = number(), low <= high, take("}") else { return nil }
            return .repeated(node, low...high)
        }

        private mutating func number() -> Int? {
            var value: Int?
            while !isAtEnd, ByteSet.digits.contains(pattern[at]), value ?? 0 <= NameRegex.repeatLimit {
                value = (value ?? 0) * 10 + Int(pattern[at] - UInt8(ascii: "0"))
                at += 1
            }
            return value.flatMap { $0 <= NameRegex.repeatLimit ? $0 : nil }
        }

        private mutating func readClass(_ set: inout ByteSet) -> Bool {
            let isInverted = take("^")
            while !isAtEnd, pattern[at] != UInt8(ascii: "]") {
                if take("\\") {
                    guard readEscape(&set) else { return false }
                    continue
                }
                let low = pattern[at]
                at += 1
                var high = low
                if at + 1 < pattern.count, pattern[at] == UInt8(ascii: "-"), pattern[at + 1] != UInt8(ascii: "]") {
                    high = pattern[at + 1]
                    at += 2
                }
                guard low <= high else { return false }
                set.insert(low...high)
            }
            if isInverted { set.invert() }
            return take("]")
        }

        /// What follows a backslash: `d`, or a character that is none of a word's.
        private mutating func readEscape(_ set: inout ByteSet) -> Bool {
            if take("d") {
                set.insert(ByteSet.digits)
                return true
            }
            guard !isAtEnd, (0x21...0x7E).contains(pattern[at]) else { return false }
            let byte = pattern[at]
            let letter = byte | 0x20
            let isWord = ByteSet.digits.contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
            guard !isWord else { return false }
            set.insert(byte...byte)
            at += 1
            return true
        }

        private mutating func take(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard pattern.span.has(text, at: at, before: pattern.count) else { return false }
            at += count
            return true
        }
    }
}
