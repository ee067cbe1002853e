internal import Glibc
internal import Synchronization
public import WeirBase
public import WeirLedger

/// One loop's journal in segment files. The loop writes; the recorder prepares segments ahead, makes what was written durable, and reads.
// `current` belongs to the loop; the rest is atomic or behind the lock.
public final class JournalFile: JournalStorage, @unchecked Sendable {
    public let loop: Int
    /// The first segment that this process writes.
    public let firstSegment: UInt32
    public let segmentBytes: Int
    let folder: String
    /// The segment that the loop writes into and its descriptor, so that a write takes no lock.
    private var current: (segment: UInt32, descriptor: Int32) = (0, -1)
    private let descriptors = Mutex<[UInt32: Int32]>([:])
    private let prepared: Atomic<UInt32>
    private let preparing = Mutex(())
    private let writtenWord: Atomic<UInt64>
    private let durableWord: Atomic<UInt64>
    /// The error of an fdatasync that failed, else 0. The kernel forgets what it could not write, so a later one that works proves nothing: the
    /// journal takes no more until the process starts anew.
    private let failure = Atomic<Int32>(0)
    private let onSegment: @Sendable () -> Void
    private let onSync: @Sendable () -> Void

    /// - Parameters:
    ///   - onSegment: called on the loop's thread when it begins a segment: the next one is to be prepared.
    ///   - onSync: called on the loop's thread when it waits for durability.
    init(
        folder: String, loop: Int, firstSegment: UInt32, segmentBytes: Int,
        onSegment: @escaping @Sendable () -> Void = {}, onSync: @escaping @Sendable () -> Void = {}
    ) {
        self.folder = folder
        self.loop = loop
        self.firstSegment = firstSegment
        self.segmentBytes = segmentBytes
        self.onSegment = onSegment
        self.onSync = onSync
        prepared = Atomic(firstSegment - 1)
        let start = JournalPosition.start(of: firstSegment).word
        writtenWord = Atomic(start)
        durableWord = Atomic(start)
    }

    deinit {
        descriptors.withLock { for descriptor in $0.values { close(descriptor) } }
    }

    public var preparedThrough: UInt32 { prepared.load(ordering: .acquiring) }
    public var durable: JournalPosition { JournalPosition(word: durableWord.load(ordering: .acquiring)) }
    /// Where the journal ends.
    public var written: JournalPosition { JournalPosition(word: writtenWord.load(ordering: .acquiring)) }

    // MARK: The loop's side

    public func write(
        _ buffer: borrowing ByteBuffer, _ range: ByteRange, segment: UInt32, offset: Int
    ) throws(JournalError) {
        let failed = failure.load(ordering: .relaxed)
        guard failed == 0 else { throw .system(errno: failed) }
        if current.segment != segment {
            guard let descriptor = descriptors.withLock({ $0[segment] }) else {
                throw .notPrepared(segment: segment)
            }
            current = (segment, descriptor)
            onSegment()
        }
        let code = writeAll(current.descriptor, buffer.span.extracting(range.bounds), at: offset)
        guard code == 0 else { throw .system(errno: code) }
        writtenWord.store(
            JournalPosition(segment: segment, offset: offset + range.count).word, ordering: .releasing)
    }

    public var canBecomeDurable: Bool { failure.load(ordering: .relaxed) == 0 }
    public func makeDurable() { onSync() }

    // MARK: The recorder's side

    /// Allocates segments up to the one after `segment`, or, without it, after the one that the loop writes into. From any thread.
    func prepare(after segment: UInt32? = nil) throws(StoreError) {
        let result = preparing.withLock { _ in
            Result { () throws(StoreError) in
                while prepared.load(ordering: .relaxed) <= segment ?? written.segment { try prepareNext() }
            }
        }
        try result.get()
    }

    private func prepareNext() throws(StoreError) {
        let number = prepared.load(ordering: .relaxed) + 1
        let descriptor = try SegmentFile(loop: loop, number: number).create(in: folder, segmentBytes: segmentBytes)
        syncFolder(folder)
        descriptors.withLock { $0[number] = descriptor }
        prepared.store(number, ordering: .releasing)
    }

    /// Makes all that is written so far durable.
    /// - Returns: whether anything was to be done.
    func sync() throws(StoreError) -> Bool {
        let position = written
        let before = durable
        guard position > before else { return false }
        for number in before.segment...position.segment {
            guard let descriptor = descriptors.withLock({ $0[number] }) else { continue }
            guard fdatasync(descriptor) == 0 else {
                failure.store(errno, ordering: .relaxed)
                throw .file(
                    path: SegmentFile(loop: loop, number: number).path(in: folder), call: "fdatasync", errno: errno)
            }
        }
        durableWord.store(position.word, ordering: .releasing)
        return true
    }

    /// Closes segments before `number`, which the loop has left and which are durable.
    func closeSegments(before number: UInt32) {
        descriptors.withLock { descriptors in
            for (segment, descriptor) in descriptors where segment < number {
                close(descriptor)
                descriptors[segment] = nil
            }
        }
    }
}
