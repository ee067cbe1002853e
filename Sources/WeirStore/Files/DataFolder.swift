internal import Glibc

/// The folder that holds everything a gateway keeps. One process owns it: the lock lasts as long as this value and ends with the process, however
/// that dies.
final class DataFolder: Sendable {
    let path: String
    private let lock: Int32

    /// Makes the folder if it is missing, for this user alone, and takes it.
    /// - Throws: `inUse` if another process has it, `file` otherwise.
    init(taking path: String) throws(StoreError) {
        self.path = path
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .file(path: path, call: "mkdir", errno: errno)
        }
        let lockPath = path + "/lock"
        lock = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .file(path: lockPath, call: "open", errno: errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let owner = DataFolder.readProcess(lock)
            close(lock)
            throw number == EWOULDBLOCK
                ? .inUse(folder: path, process: owner) : .file(path: lockPath, call: "flock", errno: number)
        }
        ftruncate(lock, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = unsafe text.withUnsafeBytes { unsafe pwrite(lock, $0.baseAddress, $0.count, 0) }
    }

    deinit { close(lock) }

    private static func readProcess(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count], as: UTF8.self).prefix { $0.isNumber })
    }

    /// The names of the folder's files; empty if it cannot be read.
    static func files(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    static func databasePath(in folder: String) -> String { folder + "/weir.db" }
    static func livePath(in folder: String, loop: Int) -> String { "\(folder)/live-\(loop).wl" }
}
