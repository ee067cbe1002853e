internal import Foundation

/// `openssl s_server`, answering each request with its status page. It shows whatever certificate it is given.
public struct OpenSSLServer {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    public let port: UInt16

    public init(_ identity: Certificates.Identity, on host: String = "127.0.0.1", _ options: String...) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            ["s_server", "-accept", "\(host):0", "-cert", identity.certificate, "-key", identity.key, "-www"] + options
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !(text.contains("ACCEPT") && text.hasSuffix("\n")) {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        let digits = text.split(separator: ":").last.map { $0.prefix { $0.isNumber } } ?? ""
        guard let port = UInt16(digits) else { throw Failure(said: text) }
        self.port = port
    }

    public func stop() {
        kill(process.processIdentifier, SIGKILL)  // SIGTERM is blocked in children of a dispatch thread
        process.waitUntilExit()
    }

    private struct Failure: Error { let said: String }
}
