import Foundation

/// Reads a whole file. Tests and the simulator pass their own and touch no disk.
public typealias FileReader = (_ path: String) throws(FileProblem) -> [UInt8]
/// Gives the value of an environment variable, `nil` if there is none.
public typealias EnvironmentReader = (_ name: String) -> String?

/// Why a file could not be read.
public enum FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case missing, forbidden, folder, unreadable

    public var description: String {
        switch self {
        case .missing: "there is no such file"
        case .forbidden: "permission to read the file is denied"
        case .folder: "this is a folder, not a file"
        case .unreadable: "the file cannot be read"
        }
    }
}

/// The machine's own files and variables, for the programs.
public enum Machine {
    /// Reads a file of the machine.
    public static func readFile(_ path: String) throws(FileProblem) -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .missing }
        guard !isFolder.boolValue else { throw .folder }
        guard FileManager.default.isReadableFile(atPath: path) else { throw .forbidden }
        guard let content = FileManager.default.contents(atPath: path) else { throw .unreadable }
        return [UInt8](content)
    }

    /// Reads a variable of the process.
    public static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}
