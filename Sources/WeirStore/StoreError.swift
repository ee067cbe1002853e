internal import Glibc

/// Why the data folder could not be used. The description has the cure.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process owns the folder.
    case inUse(folder: String, process: Int32?)
    /// A system call failed on a file.
    case file(path: String, call: String, errno: Int32)
    /// SQLite said no.
    case database(path: String, message: String)
    /// The database was written by a later version.
    case tooNew(path: String)
    /// There is no ledger.
    case missing(folder: String)

    public var description: String {
        switch self {
        case .inUse(let folder, let process):
            "\(folder): in use by another weir" + (process.map { " (process \($0))" } ?? "")
                + "; stop it, or write another folder at data:"
        case .file(let path, let call, let number):
            "\(path): \(call): \(unsafe String(cString: strerror(number)))"
        case .database(let path, let message): "\(path): \(message)"
        case .tooNew(let path): "\(path): written by a later version of weir; use that one"
        case .missing(let folder): "\(folder): no ledger here; run weir serve first, or write the folder at data:"
        }
    }
}
