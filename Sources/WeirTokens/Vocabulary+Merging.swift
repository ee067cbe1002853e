import WeirBase

/// What merging needs to know of tokens: by which bytes they begin, of which two they are made, and which may stand next to each other.
extension Vocabulary {
    /// A node of the trie of all tokens, as it lies in the file: 21 bits where its children begin, 21 bits its parent, 20 bits the token that ends here.
    struct Node {
        var bits: UInt64

        @inline(__always) var firstChild: Int { Int(truncatingIfNeeded: bits & 0x1F_FFFF) }
        @inline(__always) var parent: Int { Int(truncatingIfNeeded: bits &>> 21 & 0x1F_FFFF) }
        /// The token that is the text up to here; `noToken` where there is none.
        @inline(__always) var token: UInt32 { UInt32(truncatingIfNeeded: bits &>> 42 & 0xF_FFFF) }
        /// Merging never makes this token; only a piece that is it whole becomes it.
        @inline(__always) var isWholeOnly: Bool { bits &>> 62 & 1 != 0 }
        /// The token that merging makes of the text up to here; above `noToken` where a token is here that it never makes.
        @inline(__always) var mergedToken: UInt32 { UInt32(truncatingIfNeeded: bits &>> 42) }
    }

    /// One side of a token: the part that it is made of there, and what it merges with on this side.
    struct Side {
        var bits: UInt32

        /// The token's own part on this side; the token itself where it is made of none.
        @inline(__always) var part: UInt32 { bits & 0xF_FFFF }

        /// One of twelve bits above the part: where a token merges with another on this side, it has the other's.
        @inline(__always)
        static func partnerBit(_ token: UInt32) -> UInt32 {
            1 &<< (20 &+ ((token &* Vocabulary.Layout.partnerFactor) &>> 16 &* 12) &>> 16)
        }
    }

    @inline(__always)
    func node(_ index: Int) -> Node { Node(bits: memory.load64(at: tables.trie &+ 8 &* index)) }

    /// The right side of a token, which a token behind it meets.
    @inline(__always)
    func rightSide(_ rank: UInt32) -> Side { Side(bits: memory.load32(at: tables.rights &+ 4 &* Int(rank))) }

    /// The left side of a token.
    @inline(__always)
    func leftSide(_ rank: UInt32) -> Side { Side(bits: memory.load32(at: tables.lefts &+ 4 &* Int(rank))) }

    /// The bytes of a token.
    @inline(__always)
    func length(_ rank: UInt32) -> Int { Int(memory.byte(at: tables.lengths &+ Int(rank))) }

    /// The longest token that `rank` begins with and is not; `noToken` if there is none.
    @inline(__always)
    func shorterPrefix(of rank: UInt32) -> UInt32 { memory.load32(at: tables.begins &+ 4 &* Int(rank)) }

    /// The longest token that `rank` ends with and is not; `noToken` if there is none.
    @inline(__always)
    func shorterSuffix(of rank: UInt32) -> UInt32 { memory.load32(at: tables.ends &+ 4 &* Int(rank)) }

    /// The longest token that merging can make and that `bytes` begins with from `start`, and where it ends. There is always one: every byte is a token.
    @inline(__always)
    func longestToken(in bytes: Span<UInt8>, from start: Int, to end: Int) -> (rank: UInt32, end: Int) {
        var best = (rank: Layout.noToken, end: start)
        var index = 0
        var node = node(0)
        var at = start
        while at < end {
            // Families do not cross multiples of 256, so that the child's place is one of the trie's.
            let child = node.firstChild ^ Int(bytes[at])
            node = self.node(child)
            guard node.parent == index else { break }
            index = child
            at &+= 1
            let token = node.mergedToken
            if token < Layout.noToken { best = (token, at) }
        }
        return best
    }

    /// The node of the text of node `index` and `byte`; nil if no token begins with it.
    @inline(__always)
    func child(of index: Int, _ byte: UInt8) -> Int? {
        let child = node(index).firstChild ^ Int(byte)
        return node(child).parent == index ? child : nil
    }

    /// The token that merging makes of the text of node `index`; `noToken` if there is none.
    @inline(__always)
    func mergedToken(at index: Int) -> UInt32 {
        let node = node(index)
        return node.isWholeOnly ? Layout.noToken : node.token
    }

    /// The node of the longest text in the trie that ends with `byte`, after the one whose node is `index`: a step of the Aho-Corasick automaton.
    @inline(__always)
    func step(from index: Int, _ byte: UInt8) -> Int {
        var index = index
        while true {
            if let child = child(of: index, byte) { return child }
            // Every byte is a token, so that the root has a child for it.
            if index == 0 { return 0 }
            index = Int(memory.load32(at: tables.fallback &+ 8 &* index))
        }
    }

    /// The longest token that merging can make and that ends the text of a node; `noToken` for the root.
    @inline(__always)
    func longestEnding(_ index: Int) -> UInt32 { memory.load32(at: tables.fallback &+ 8 &* index &+ 4) }

    /// The token that the bytes in `start..<end` are whole; nil if they are none. For pieces that are too long for the perfect hash.
    func wholeToken(in bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt32? {
        guard end &- start <= longestToken else { return nil }
        var index = 0
        var node = node(0)
        for at in start..<end {
            let child = node.firstChild ^ Int(bytes[at])
            node = self.node(child)
            guard node.parent == index else { return nil }
            index = child
        }
        return node.token == Layout.noToken ? nil : node.token
    }

    /// The token that `left` and `right` merge into; `noToken` if they do not merge.
    @inline(__always)
    func merged(_ left: UInt32, _ right: UInt32) -> UInt32 {
        let key = UInt64(left) &<< 20 | UInt64(right)
        let hash = key &* Layout.pairFactor
        let bit = Int(truncatingIfNeeded: hash &>> tables.filterShift)
        guard memory.byte(at: tables.filter &+ bit &>> 3) &>> UInt8(truncatingIfNeeded: bit & 7) & 1 != 0 else {
            return Layout.noToken
        }
        var slot = Int(truncatingIfNeeded: hash &>> tables.pairShift)
        while true {
            let entry = memory.load64(at: tables.pairs &+ 8 &* slot)
            if entry &>> 20 == key, entry != 0 { return UInt32(truncatingIfNeeded: entry & 0xF_FFFF) }
            if entry == 0 { return Layout.noToken }
            slot = (slot &+ 1) & tables.pairMask
        }
    }

    /// Whether merging leaves the border between two tokens that were made next to each other.
    ///
    /// Merges happen in the order of their ranks, from left to right where ranks are equal. Unmaking both tokens from their last merge on gives every
    /// pair that ever met at the border; the border falls if one of them would have merged before the merge that took it away.
    @inline(__always)
    func stayApart(_ first: UInt32, _ second: UInt32) -> Bool {
        var (left, right) = (first, second)
        var (leftSide, rightSide) = (rightSide(left), leftSide(right))
        var (leftBit, rightBit) = (Side.partnerBit(left), Side.partnerBit(right))
        var limit = Layout.noToken
        while true {
            // One test of both, for neither can be foreseen.
            if Swift.min(leftSide.bits & rightBit, rightSide.bits & leftBit) != 0 {
                let merged = merged(left, right)
                if merged != Layout.noToken, merged < limit { return false }
            }
            // A token that is made of none is its own part: then the other one is taken apart, and where that cannot be either, nothing is left.
            let leftAge = leftSide.part == left ? 0 : left &+ 1
            let rightAge = rightSide.part == right ? 0 : right &+ 1
            if leftAge | rightAge == 0 { return true }
            let takesLeft = leftAge > rightAge
            let part = takesLeft ? leftSide.part : rightSide.part
            let side = Side(bits: memory.load32(at: (takesLeft ? tables.rights : tables.lefts) &+ 4 &* Int(part)))
            let bit = Side.partnerBit(part)
            limit = takesLeft ? left : right &+ 1
            (left, leftSide, leftBit) = takesLeft ? (part, side, bit) : (left, leftSide, leftBit)
            (right, rightSide, rightBit) = takesLeft ? (right, rightSide, rightBit) : (part, side, bit)
        }
    }
}
