internal import Glibc
import WeirBase
import WeirLedger

/// A loop's table of live requests as a file.
enum LiveFile {
    /// Requests that a loop may have in flight: 1 MiB of file, of which only what is used is touched.
    static let slots = 16_384

    /// Opens or makes a loop's table, to be written.
    static func open(in folder: String, loop: Int) throws(StoreError) -> MappedWords {
        let path = DataFolder.livePath(in: folder, loop: loop)
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: path, call: "open", errno: errno) }
        defer { close(descriptor) }
        let words = LiveTable.words(forSlots: slots)
        // Allocated, for a store into a page that the disk has no room for would end the process.
        let code = posix_fallocate(descriptor, 0, words * 8)
        guard code == 0 else { throw .file(path: path, call: "fallocate", errno: code) }
        do throws(WordMappingError) {
            return try MappedWords(descriptor: descriptor, count: words, isWritable: true)
        } catch { throw .file(path: path, call: "mmap", errno: error.errno) }
    }

    /// What the tables in `folder` say, whoever wrote them. A table that cannot be read says nothing.
    static func metered(in folder: String) -> [RequestID: LiveTable.Metered] {
        var all: [RequestID: LiveTable.Metered] = [:]
        for name in DataFolder.files(in: folder) where name.hasPrefix("live-") && name.hasSuffix(".wl") {
            let descriptor = unsafe Glibc.open(folder + "/" + name, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var facts = stat()
            guard unsafe fstat(descriptor, &facts) == 0, facts.st_size >= 64,
                let words = try? MappedWords(
                    descriptor: descriptor, count: min(Int(facts.st_size) / 8, LiveTable.words(forSlots: slots)),
                    isWritable: false)
            else { continue }
            all.merge(LiveTable.metered(in: words)) { first, _ in first }
        }
        return all
    }

    /// Deletes tables of loops that are no more.
    static func remove(in folder: String, from loop: Int) {
        for name in DataFolder.files(in: folder) where name.hasPrefix("live-") && name.hasSuffix(".wl") {
            if let number = Int(name.dropFirst(5).dropLast(3)), number >= loop { unsafe unlink(folder + "/" + name) }
        }
    }
}
