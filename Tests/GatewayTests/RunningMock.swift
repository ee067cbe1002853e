import WeirBase
import WeirLoop
import WeirMock
import WeirTestSupport

/// A mock on a loop of its own.
struct RunningMock {
    let thread: LoopThread
    let address: SocketAddress

    init(_ options: MockOptions = MockOptions(), _ backend: Backend = .automatic) async throws {
        let server = MockServer(options)
        var thread: LoopThread?
        address = try await withCheckedThrowingContinuation { (done: CheckedContinuation<SocketAddress, any Error>) in
            do {
                thread = try LoopThread.start(name: "mock", backend: backend) { loop in
                    done.resume(with: Result { try server.listen(on: .loopback(port: 0), loop: loop).address })
                }
            } catch { done.resume(throwing: error) }
        }
        self.thread = thread!
    }

    func stop() {
        thread.loop.stop()
        thread.join()
    }

    /// Sends `request` on a connection of its own; all that comes until the mock closes, invalid UTF-8 repaired.
    func exchange(_ request: String, patience: TimeSpan = .seconds(5)) async throws -> String {
        let address = address
        let answer = Answer()
        try await onLoop(.epoll) { loop in
            do throws(ConnectionError) {
                let connection = try await loop.connect(to: address, deadline: loop.now + .seconds(5))
                connection.readDeadline = loop.now + patience
                connection.withOutput { $0.append(request) }
                while true {
                    try await connection.fill()
                    let unread = connection.unread
                    answer.bytes += unread.indices.map { unread[$0] }
                    connection.consume(unread.count)
                }
            } catch { answer.ending = error }
        }
        return String(decoding: answer.bytes, as: UTF8.self)
    }

    func get(_ path: String) async throws -> String {
        try await exchange("GET \(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    }

    /// - Parameter fields: further fields of the head, each ended by CR LF.
    func post(_ path: String, _ body: String, fields: String = "") async throws -> String {
        try await exchange(
            "POST \(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\(fields)"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func chat(_ body: String, fields: String = "") async throws -> String {
        try await post("/v1/chat/completions", body, fields: fields)
    }

    private final class Answer: @unchecked Sendable {  // written on the loop, read when it has ended
        var bytes: [UInt8] = []
        var ending: ConnectionError?
    }
}
