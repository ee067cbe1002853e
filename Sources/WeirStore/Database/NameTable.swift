internal import GRDB
import WeirLedger

/// The table `name`, whole, in memory: it is small (`LedgerNames.capacity` bounds what a process adds).
struct NameTable {
    struct Name: Hashable {
        let space: NameSpace
        let text: String
    }

    private(set) var numbers: [Name: UInt32] = [:]
    private(set) var names: [UInt32: Name] = [:]

    init() {}

    init(_ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT id, space, text FROM name")
        while let row = try rows.next() {
            guard let space = NameSpace(rawValue: UInt8(truncatingIfNeeded: row[1] as Int)) else { continue }
            add(Name(space: space, text: row[2]), as: UInt32(truncatingIfNeeded: row[0] as Int64))
        }
    }

    mutating func add(_ name: Name, as number: UInt32) {
        numbers[name] = number
        names[number] = name
    }

    /// What a row's number says; empty for 0.
    func text(_ number: UInt32) -> String { names[number]?.text ?? "" }
}
