internal import Foundation
internal import GRDB
import WeirBase
import WeirLedger

/// What the tables say of how far they are: names, each loop's position and open requests.
struct FoldState {
    var names: NameTable
    var folds: [Int: JournalFold] = [:]
    /// What `open_request` holds of each loop, so that only what changes is written.
    var stored: [RequestID: StoredHold] = [:]

    /// What an open request's records depend on.
    struct StoredHold: Equatable {
        let held: Money
        let attempts: Int
        let provider: NameNumber
        let target: NameNumber

        init(_ open: OpenRequest) {
            held = open.hold.held
            attempts = open.attempts.count
            provider = open.hold.provider
            target = open.hold.target
        }
    }

    init(_ db: Database) throws {
        names = try NameTable(db)
        var open: [Int: [OpenRequest]] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT loop, records FROM open_request") {
            let bytes: Data = row[1]
            guard let request = OpenRequest(Array(bytes).span) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "open_request holds no records")
            }
            open[row[0], default: []].append(request)
            stored[request.hold.request] = StoredHold(request)
        }
        for row in try Row.fetchAll(db, sql: "SELECT loop, segment, offset FROM journal") {
            let position = JournalPosition(segment: UInt32(truncatingIfNeeded: row[1] as Int64), offset: row[2])
            let loop: Int = row[0]
            folds[loop] = JournalFold(loop: loop, at: position, open: open[loop] ?? [])
        }
    }

    /// Writes positions and open requests, as they differ from what is there.
    mutating func save(_ db: Database) throws {
        for (loop, fold) in folds {
            try db.execute(
                sql: "INSERT OR REPLACE INTO journal VALUES (?, ?, ?)",
                arguments: [loop, fold.position.segment, fold.position.offset])
        }
        let insert = try db.cachedStatement(sql: "INSERT OR REPLACE INTO open_request VALUES (?, ?, ?)")
        var seen = 0
        for (loop, fold) in folds {
            for (id, request) in fold.open {
                seen += 1
                let now = StoredHold(request)
                guard stored[id] != now else { continue }
                var records = ByteBuffer(capacity: 128)
                request.append(to: &records)
                try insert.execute(arguments: [id.value, loop, records.data])
                stored[id] = now
            }
        }
        guard stored.count > seen else { return }
        let delete = try db.cachedStatement(sql: "DELETE FROM open_request WHERE id = ?")
        let gone = stored.keys.filter { id in !folds.values.contains { $0.open[id] != nil } }
        for id in gone {
            try delete.execute(arguments: [id.value])
            stored[id] = nil
        }
    }
}

extension ByteBuffer {
    /// A copy of the bytes, for GRDB.
    var data: Data {
        var copy = Data(capacity: count)
        for index in 0..<count { copy.append(span[index]) }
        return copy
    }
}
