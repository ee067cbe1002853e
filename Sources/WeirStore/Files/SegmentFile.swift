internal import CLinux
internal import Glibc
import WeirBase
import WeirLedger

/// A segment of a loop's journal as a file: `journal-<loop>-<number>.wj`.
struct SegmentFile: Hashable, Comparable, Sendable {
    let loop: Int
    let number: UInt32

    static func < (left: SegmentFile, right: SegmentFile) -> Bool {
        (left.loop, left.number) < (right.loop, right.number)
    }

    func path(in folder: String) -> String {
        let digits = String(number)
        return "\(folder)/journal-\(loop)-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).wj"
    }

    /// Reads a file's name; nil if it is not a segment's.
    init?(name: String) {
        guard name.hasPrefix("journal-"), name.hasSuffix(".wj") else { return nil }
        let parts = name.dropFirst(8).dropLast(3).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let loop = Int(parts[0]), loop >= 0, loop < 1 << 16, let number = UInt32(parts[1])
        else { return nil }
        self.init(loop: loop, number: number)
    }

    init(loop: Int, number: UInt32) {
        self.loop = loop
        self.number = number
    }

    /// Every segment in `folder`, by loop and number.
    static func all(in folder: String) -> [SegmentFile] {
        DataFolder.files(in: folder).compactMap { SegmentFile(name: $0) }.sorted()
    }

    /// Makes the file with all its space and its header, durably, so that writing into it cannot run out of disk and no loss of power takes it
    /// away. Under another name first: a file of this name is whole.
    /// - Returns: its descriptor, open for writing.
    func create(in folder: String, segmentBytes: Int) throws(StoreError) -> Int32 {
        let final = path(in: folder)
        let draft = final + ".new"
        let descriptor = unsafe open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: draft, call: "open", errno: errno) }
        func failed(_ call: String, _ number: Int32) -> StoreError {
            close(descriptor)
            unsafe unlink(draft)
            return .file(path: draft, call: call, errno: number)
        }
        let allocated = posix_fallocate(descriptor, 0, segmentBytes)
        guard allocated == 0 else { throw failed("fallocate", allocated) }
        var header = ByteBuffer(capacity: SegmentHeader.bytes)
        SegmentHeader(loop: loop, number: number, segmentBytes: segmentBytes).append(to: &header)
        let code = writeAll(descriptor, header.span, at: 0)
        guard code == 0 else { throw failed("write", code) }
        guard fdatasync(descriptor) == 0 else { throw failed("fdatasync", errno) }
        guard unsafe rename(draft, final) == 0 else { throw failed("rename", errno) }
        return descriptor
    }

    /// Opens the file to be read; it is mapped whole, and stays readable when it is deleted.
    func mapped(in folder: String) throws(StoreError) -> MappedWords {
        let path = path(in: folder)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, call: "open", errno: errno) }
        defer { close(descriptor) }
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0 else { throw .file(path: path, call: "stat", errno: errno) }
        let words = Int(facts.st_size) / 8
        guard words > 0, facts.st_size <= SegmentHeader.largestSegment else {
            throw .file(path: path, call: "map", errno: EINVAL)
        }
        do throws(WordMappingError) {
            return try MappedWords(descriptor: descriptor, count: words, isWritable: false)
        } catch { throw .file(path: path, call: "mmap", errno: error.errno) }
    }
}

/// Writes all of `bytes` at `offset`.
/// - Returns: 0, or the system's error.
func writeAll(_ descriptor: Int32, _ bytes: Span<UInt8>, at offset: Int) -> Int32 {
    unsafe bytes.withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
            let count = unsafe pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            // A regular file that takes nothing is full.
            if count == 0 { return ENOSPC }
            done += count
        }
        return 0
    }
}

/// Makes the folder's entries durable: what was created, renamed or deleted in it.
func syncFolder(_ path: String) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
}
