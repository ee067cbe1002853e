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
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw .missing
        } catch let error as CocoaError where error.code == .fileReadNoPermission {
            throw .forbidden
        } catch {
            let isFolder = (try? FileManager.default.contentsOfDirectory(atPath: path)) != nil
            throw isFolder ? .folder : .unreadable
        }
    }

    /// Reads a variable of the process.
    public static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}
