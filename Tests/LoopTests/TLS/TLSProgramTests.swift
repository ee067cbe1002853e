import Foundation
import Glibc
import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

/// A blocking loopback socket: enough to talk to the `openssl` program.
final class PlainSocket {
    let descriptor: Int32

    struct Failure: Error { let call: String, number: Int32 }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 20, tv_usec: 0)  // a hang of the other program fails the test
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    static func connected(to port: UInt16) throws -> PlainSocket {
        let own = PlainSocket(descriptor: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try unsafe withAddress(port) { unsafe connect(own.descriptor, $0, $1) }
        return own
    }

    /// Listens on a free port.
    static func listening() throws -> (PlainSocket, port: UInt16) {
        let own = PlainSocket(descriptor: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try unsafe withAddress(0) { unsafe bind(own.descriptor, $0, $1) }
        guard listen(own.descriptor, 1) == 0 else { throw Failure(call: "listen", number: errno) }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) {
            _ = unsafe getsockname(
                own.descriptor, UnsafeMutableRawPointer($0).assumingMemoryBound(to: sockaddr.self), &size)
        }
        return (own, UInt16(bigEndian: address.sin_port))
    }

    func accepted() throws -> PlainSocket {
        let other = accept(descriptor, nil, nil)
        guard other >= 0 else { throw Failure(call: "accept", number: errno) }
        return PlainSocket(descriptor: other)
    }

    private static func withAddress(_ port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe call(
                UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        guard result == 0 else { throw Failure(call: "connect or bind", number: errno) }
    }

    func write(_ buffer: inout ByteBuffer) throws {
        let bytes = Array(copying: buffer)
        buffer.removeAll()
        var at = 0
        while at < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress! + at, $0.count - at, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(call: "send", number: errno) }
            at += count
        }
    }

    /// Empty at the end.
    func read() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 5_000)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.recv(descriptor, $0.baseAddress!, $0.count, 0) }
        guard count >= 0 else { throw Failure(call: "recv", number: errno) }
        return Array(bytes[..<count])
    }

    /// Feeds `session` until `isEnough` or the peer's end.
    func pump(
        _ session: TLSSession, into plain: inout ByteBuffer, until isEnough: (borrowing ByteBuffer) -> Bool
    ) throws {
        var out = ByteBuffer()
        try session.start(into: &out)
        try write(&out)
        while !isEnough(plain), session.phase != .peerClosed {
            let bytes = try read()
            if bytes.isEmpty {
                try session.endOfInput()
                return
            }
            do throws(TLSError) {
                _ = try session.receive(bytes.span, plaintext: &plain, out: &out)
            } catch {
                try write(&out)
                throw error
            }
            try write(&out)
        }
    }
}

extension OpenSSLServer {
    /// One connection: sends `request` and reads to the end.
    func request(_ request: String, client: TLSContext) throws -> (answer: String, session: TLSSession) {
        let socket = try PlainSocket.connected(to: port)
        let session = try TLSSession(client: client, serverName: "localhost")
        var plain = ByteBuffer()
        try socket.pump(session, into: &plain) { _ in session.phase == .open }
        var out = ByteBuffer()
        try session.send(Array(request.utf8).span, into: &out)
        try socket.write(&out)
        try socket.pump(session, into: &plain) { _ in false }
        return (String(decoding: Array(copying: plain), as: UTF8.self), session)
    }
}

@Suite("TLS against the openssl programs", .timeLimit(.minutes(1))) struct TLSProgramTests {
    static let versions = [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")]

    @Test("a client talks to s_server and resumes", arguments: versions)
    func client(option: String, version: String) throws {
        let program = try OpenSSLServer(Certificates.shared.server, option)
        defer { program.stop() }
        let context = try testClient()
        for round in 0..<2 {
            let (answer, session) = try program.request("GET / HTTP/1.0\r\n\r\n", client: context)
            #expect(answer.hasPrefix("HTTP/1.0 200 ok"))
            #expect(session.version == version)
            #expect(session.isResumed == (round > 0))
        }
    }

    @Test("s_client talks to a server and verifies it", arguments: versions)
    func server(option: String, version: String) throws {
        let client = OpenSSLClient()
        let session = try TLSSession(server: testServer())
        let socket = try client.start(
            "-servername", "api.example", "-verify_hostname", "api.example", "-alpn", "h2,http/1.1", "-quiet", option)
        client.write("ping\n")
        var plain = ByteBuffer()
        try socket.pump(session, into: &plain) { $0.count >= 5 }
        #expect(String(decoding: Array(copying: plain), as: UTF8.self) == "ping\n")
        #expect(session.version == version)
        #expect(session.requestedName == "api.example")
        #expect(session.selectedProtocol == "http/1.1")
        try answer(session, socket)
        #expect(client.finish() == "pong\n")
    }

    @Test("new keys in the middle of a connection, asked for by the peer (RFC 8446, section 4.6.3)")
    func keyUpdate() throws {
        let client = OpenSSLClient()
        let session = try TLSSession(server: testServer())
        let socket = try client.start("-tls1_3")
        var plain = ByteBuffer()
        try socket.pump(session, into: &plain) { _ in session.phase == .open }
        for round in 1...3 {
            client.write("K\n")  // s_client's command: update, and ask the peer for the same
            var reads = -1
            try socket.pump(session, into: &plain) { _ in
                reads += 1
                return reads == 1
            }
            client.write("ping\n")
            try socket.pump(session, into: &plain) { $0.count >= 5 * round }
        }
        #expect(String(decoding: Array(copying: plain), as: UTF8.self) == "ping\nping\nping\n")
        try answer(session, socket)
        #expect(client.finish().contains("pong\n"))
    }

    @Test("a client that offers h2 only is told so")
    func otherProtocol() throws {
        let client = OpenSSLClient()
        let session = try TLSSession(server: testServer())
        let socket = try client.start("-alpn", "h2", "-quiet")
        var plain = ByteBuffer()
        #expect(throws: TLSError.noCommonProtocol) { try socket.pump(session, into: &plain) { _ in false } }
        _ = client.finish()
    }

    private func answer(_ session: TLSSession, _ socket: PlainSocket) throws {
        var out = ByteBuffer()
        try session.send(Array("pong\n".utf8).span, into: &out)
        session.close(into: &out)
        try socket.write(&out)
    }
}

/// `openssl s_client`, which trusts the tests' authority.
private final class OpenSSLClient {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Starts it and accepts its connection.
    func start(_ options: String...) throws -> PlainSocket {
        let (listener, port) = try PlainSocket.listening()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            [
                "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", Certificates.shared.authority,
                "-verify_return_error",
            ]
            + options
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return try listener.accepted()
    }

    func write(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

    /// What it printed until its connection ended.
    func finish() -> String {
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}
