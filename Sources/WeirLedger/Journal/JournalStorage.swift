public import WeirBase

/// Why bytes did not reach the journal. The writer keeps them and writes them again.
public enum JournalError: Error, Hashable, Sendable {
    /// The segment is not there yet: the disk is full, or the recorder is behind.
    case notPrepared(segment: UInt32)
    /// The system refused: `ENOSPC`, `EIO`, `EROFS` and the like.
    case system(errno: Int32)

    /// The system's error; 0 where it was not asked.
    public var errno: Int32 {
        switch self {
        case .notPrepared: 0
        case .system(let number): number
        }
    }
}

/// Where a loop's journal is kept: files, or memory in the simulator. Called on the loop's thread only; what others must see is behind atomics.
public protocol JournalStorage: AnyObject {
    /// The size of every segment.
    var segmentBytes: Int { get }
    /// The last segment whose space is allocated: writing into it cannot run out of disk.
    var preparedThrough: UInt32 { get }
    /// Writes the bytes of `buffer` in `range` at `offset` of a segment: all, or it throws and the same bytes come again. What has been written
    /// survives the death of this process, not the loss of power.
    func write(
        _ buffer: borrowing ByteBuffer, _ range: ByteRange, segment: UInt32, offset: Int
    ) throws(JournalError)
    /// Everything before it survives the loss of power, too.
    var durable: JournalPosition { get }
    /// Whether what was written can still become durable: false after the system has failed to make it so, for it may have forgotten what was written.
    var canBecomeDurable: Bool { get }
    /// Asks for durability of all that has been written; `durable` moves some time later.
    func makeDurable()
}
