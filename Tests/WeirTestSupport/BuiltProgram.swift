internal import Foundation
internal import Glibc

/// A program of this package, built beside the tests and run as its users run it.
public final class BuiltProgram: @unchecked Sendable {  // `Process` and pipes are used by one task at a time
    private let process = Process()
    private let output = Pipe()
    /// A file, for a pipe that nobody reads would stop a program that says much.
    private let errors = FileManager.default.temporaryDirectory.appending(path: "weir-errors-\(UUID().uuidString)")
    private var read = Data()

    /// What a program that has ended said.
    public struct Ended: Sendable {
        public let status: Int32
        public let output: String
        public let errors: String
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Starts `name` with `arguments`.
    /// - Parameter environment: on top of this process's.
    public init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let folder = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let file = URL(fileURLWithPath: folder).deletingLastPathComponent().appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: file.path) else {
            throw Failure(description: "\(file.path) is not built: run swift build --build-tests")
        }
        process.executableURL = file
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
    }

    /// Runs a program to its end.
    public static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Ended {
        try BuiltProgram(name, arguments, environment: environment).ended()
    }

    public var id: Int32 { process.processIdentifier }

    /// The next line that it prints. Throws what it said on standard error if it ends instead.
    public func line() throws -> String {
        while true {
            if let end = read.firstIndex(of: UInt8(ascii: "\n")) {
                defer { read = Data(read[(end + 1)...]) }
                return String(decoding: read[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "it ended: \(ended().errors)") }
            read += more
        }
    }

    /// Asks it to end, and waits for that.
    public func stop() -> Ended {
        kill(id, SIGTERM)
        return ended()
    }

    private func ended() -> Ended {
        let text = read + output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let problems = (try? Data(contentsOf: errors)) ?? Data()
        try? FileManager.default.removeItem(at: errors)
        return Ended(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: problems, as: UTF8.self))
    }

    // MARK: What the system knows of it

    /// Bytes of memory that are resident now.
    public var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (Int(line.filter { $0.isNumber }) ?? 0) * 1_024
    }

    /// Descriptors that are open now.
    public var descriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count) ?? 0 }
}

/// Whether this run is under a sanitizer, whose own bookkeeping makes figures of memory meaningless.
public let isSanitized = ["__asan_init", "__tsan_init"].contains { (name: String) in unsafe dlsym(nil, name) != nil }
