internal import Synchronization

/// What a name in the ledger names. The raw values stand in journals and in the database.
public enum NameSpace: UInt8, Sendable, CaseIterable {
    case team = 1
    case key = 2
    /// A model as clients name it.
    case model = 3
    case provider = 4
    /// A model as a provider names it.
    case target = 5
    /// A set of tags: `env=prod,feature=search`.
    case tags = 6
    case priceVersion = 7
}

/// A name's number in this process. Journals carry numbers; each segment declares those that it uses.
public struct NameNumber: Hashable, Sendable {
    public let value: UInt32

    public init(value: UInt32) { self.value = value }

    /// No name: no tags, nothing priced.
    public static let none = NameNumber(value: 0)
}

/// The names of a process, each stored once. Shared by all loops: a policy's names are interned when it is loaded, and only what clients
/// write (tags, models of a pattern) is looked up later, under a lock that is held for one look in a table.
///
/// Bounded: after `capacity` names, further ones become `overflow` (a client that makes up a tag per request fills no memory).
public final class LedgerNames: Sendable {
    /// Names that are told apart.
    public static let capacity = 1 << 17
    /// Bytes of a name; longer ones are cut at a character's border.
    public static let nameBytes = 1_024
    /// What a name beyond `capacity` is called.
    public static let overflow = "(other)"

    private struct Entry: Hashable {
        let space: NameSpace
        let text: String
    }

    private struct State {
        var entries: [Entry] = []
        var numbers: [Entry: UInt32] = [:]
    }

    private let state = Mutex(State())
    private let settleBytes = Atomic(0)

    public init() {
        for space in NameSpace.allCases { _ = number(space, LedgerNames.overflow) }
    }

    /// The number of `text`, which is stored if it is new. Never 0.
    public func number(_ space: NameSpace, _ text: String) -> NameNumber {
        let entry = Entry(space: space, text: LedgerNames.bounded(text))
        return state.withLock { state in
            if let number = state.numbers[entry] { return NameNumber(value: number) }
            guard state.entries.count < LedgerNames.capacity else {
                let other = Entry(space: space, text: LedgerNames.overflow)
                return NameNumber(value: state.numbers[other] ?? 0)
            }
            state.entries.append(entry)
            let number = UInt32(state.entries.count)
            state.numbers[entry] = number
            switch space {
            case .provider, .target, .priceVersion:
                settleBytes.add(NameRecord.bytes(of: entry.text), ordering: .relaxed)
            case .team, .key, .model, .tags: break
            }
            return NameNumber(value: number)
        }
    }

    /// The number of a set of tags, in whatever order they come: `none` without tags. Names and values hold neither `,` nor `=`.
    public func tags(_ tags: [(name: String, value: String)]) -> NameNumber {
        guard !tags.isEmpty else { return .none }
        let parts = tags.map { "\($0.name)=\($0.value)" }.sorted()
        return number(.tags, parts.joined(separator: ","))
    }

    /// What `number` names; nil for `none` and for numbers that were never given out.
    public func name(_ number: NameNumber) -> (space: NameSpace, text: String)? {
        state.withLock { state in
            guard number.value > 0, number.value <= UInt32(state.entries.count) else { return nil }
            let entry = state.entries[Int(number.value) - 1]
            return (entry.space, entry.text)
        }
    }

    /// What it takes to declare, in a fresh segment, every name that a settle may carry.
    var settleNameBytes: Int { settleBytes.load(ordering: .relaxed) }

    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > nameBytes else { return text }
        var cut = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            guard bytes <= nameBytes else { break }
            cut.append(character)
        }
        return cut
    }
}
