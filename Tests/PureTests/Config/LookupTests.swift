import Testing
import WeirBase

@testable import WeirConfig

@Suite("look-ups of a policy") struct LookupTests {
    @Test("every key is found by its digest, and no other digest is")
    func keys() {
        var random = SplitMix(seed: 7)
        for count in [0, 1, 2, 7, 100, 3000] {
            let digests = (0..<count).map { _ in random.digest() }
            let table = KeyTable(digests)
            for (index, digest) in digests.enumerated() { #expect(table.index(of: digest) == index) }
            for _ in 0..<100 { #expect(table.index(of: random.digest()) == nil) }
        }
    }

    @Test("digests that share the bits of the table are told apart")
    func collisions() {
        let digests = (0..<50).compactMap {
            KeyDigest(hex: String(repeating: "0", count: 30) + String(10 + $0) + String(repeating: "a", count: 32))
        }
        #expect(digests.count == 50)
        let table = KeyTable(digests)
        for (index, digest) in digests.enumerated() { #expect(table.index(of: digest) == index) }
    }

    @Test("a digest is the same from bytes and from digits of either case")
    func digest() {
        let bytes = (0..<32).map { UInt8($0 * 7 + 3) }
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(KeyDigest(hex: hex) == KeyDigest(bytes.span))
        #expect(KeyDigest(hex: hex.uppercased()) == KeyDigest(bytes.span))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(KeyDigest(other.span) != KeyDigest(bytes.span))
        }
        #expect(KeyDigest(hex: String(hex.dropLast())) == nil)
        #expect(KeyDigest(hex: String(hex.dropLast()) + "g") == nil)
    }

    @Test("every name is found by its bytes, and no prefix or longer one is")
    func names() {
        for count in [0, 1, 2, 60, 2000] {
            let names = (0..<count).map { "model-\($0)" }
            let table = NameTable(names)
            for (index, name) in names.enumerated() { #expect(find(name, in: table) == index) }
            for other in ["", "model-", "model-x", "Model-0", "model-0\0", String(repeating: "m", count: 10_000)] {
                #expect(find(other, in: table) == nil)
            }
        }
    }

    private func find(_ name: String, in table: NameTable) -> Int? {
        let bytes = Array(name.utf8)
        return table.index(of: bytes.span)
    }

    @Test("a key may use what its own list and its team's allow")
    func allowed() throws {
        let digest = { (digit: Int) in String(repeating: String(digit), count: 64) }
        let names = (0..<130).map { "m\($0)" }  // more than two words of bits
        let text = """
            version: 1
            listen: :0
            providers: {p: {dialect: openai, base_url: "http://127.0.0.1:9"}}
            models: {\(names.map { "\($0): p/x" }.joined(separator: ", ")), gpt-4o: p/x, gpt-4o-mini: p/x}
            teams: {all: , gpt: {models: ["gpt-*"]}, one: {models: [m129]}}
            keys:
              - {id: free, sha256: \(digest(1))}
              - {id: all, team: all, sha256: \(digest(2))}
              - {id: gpt, team: gpt, sha256: \(digest(3))}
              - {id: mini, team: gpt, models: ["*mini", m0], sha256: \(digest(4))}
              - {id: one, team: one, sha256: \(digest(5))}
              - {id: none, team: one, models: [m0], sha256: \(digest(6))}
            """
        let policy = try ConfigFixture.read(text)
        let callers = CallerTable(policy)
        let expected: [(digit: Int, allowed: [String])] = [
            (1, names + ["gpt-4o", "gpt-4o-mini"]), (2, names + ["gpt-4o", "gpt-4o-mini"]),
            (3, ["gpt-4o", "gpt-4o-mini"]),
            (4, ["gpt-4o-mini"]), (5, ["m129"]), (6, []),
        ]
        for (digit, allowed) in expected {
            let digest = try #require(KeyDigest(hex: digest(digit)))
            guard case .caller(let caller) = callers.find(digest, at: WallTime(seconds: 0)) else {
                Issue.record("no key with \(digest)")
                continue
            }
            let found = policy.models.indices.filter { callers.allows(caller: caller, model: $0) }.map {
                policy.models[$0].name
            }
            #expect(found == allowed)
        }
        for (index, model) in policy.models.enumerated() {
            let name = Array(model.name.utf8)
            #expect(policy.modelIndex(named: name.span) == index)
        }
    }
}

/// A small seeded generator: the same seed gives the same run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func digest() -> KeyDigest {
        let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: next()) }
        return KeyDigest(bytes.span)
    }
}
