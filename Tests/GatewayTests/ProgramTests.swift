import Foundation
import Testing
import WeirLoop
import WeirTestSupport

@Suite("Programs: exit codes, and where they say what", .timeLimit(.minutes(1))) struct ProgramTests {
    static let wrong: [(name: String, arguments: [String])] = [
        ("weir", ["--nonsense"]), ("weir", ["nonsense"]), ("weir", ["serve", "--nonsense"]),
        ("weir", ["check", "extra"]),
        ("weir", ["serve", "--config"]), ("weir-mock", ["--nonsense"]), ("weir-mock", ["--loops", "0"]),
        ("weir-mock", ["--listen", "nowhere"]), ("weir-load", []), ("weir-load", ["--url", "nonsense"]),
        ("weir-load", ["--url", "http://127.0.0.1:1/", "--loops", "many"]),
    ]

    @Test("a mistake in the arguments ends with 2, and is told on standard error", arguments: wrong)
    func mistakes(name: String, arguments: [String]) throws {
        let ended = try BuiltProgram.run(name, arguments)
        #expect(ended.status == 2, "\(ended.errors)")
        #expect(ended.output.isEmpty && ended.errors.hasPrefix("Error: "), "\(ended)")
        #expect(ended.errors.lowercased().contains("usage: \(name)"), "\(ended.errors)")
    }

    @Test(
        "what was asked for ends with 0, and is told on standard output", arguments: ["weir", "weir-mock", "weir-load"])
    func asked(name: String) throws {
        for argument in ["--help", "--version"] {
            let ended = try BuiltProgram.run(name, [argument])
            #expect(ended.status == 0 && !ended.output.isEmpty && ended.errors.isEmpty, "\(ended)")
        }
    }

    @Test("what fails ends with 1, and says why in one line")
    func failures() throws {
        let (taken, port) = try takenPort()
        defer { close(taken) }
        let commands = [
            ("weir", ["check", "--config", "/nowhere/weir.yaml"]),
            ("weir", ["serve", "--config", "/nowhere/weir.yaml"]),
            ("weir-mock", ["--listen", "127.0.0.1:\(port)"]),
        ]
        for (name, arguments) in commands {
            let ended = try BuiltProgram.run(name, arguments)
            #expect(ended.status == 1 && ended.output.isEmpty, "\(ended)")
            #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
        }
    }

    /// A port on which somebody listens.
    private func takenPort() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listen(descriptor, 1) == 0)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) {
            _ = unsafe getsockname(
                descriptor, UnsafeMutableRawPointer($0).assumingMemoryBound(to: sockaddr.self), &size)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
