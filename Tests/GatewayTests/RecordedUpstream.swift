import Foundation
import Synchronization
import WeirBase
import WeirLoop
import WeirMock
import WeirMockScript

/// A provider of any dialect that answers with what the mock has answered once, whole or broken off, or with whatever a test wants to be said.
final class RecordedUpstream: Sendable {
    /// The dialects. OpenAI's other API is recorded as well: who speaks it gets it from a provider of OpenAI's dialect as it is.
    static let dialects = ["openai", "anthropic", "gemini", "bedrock"]

    /// What it does with the next requests.
    enum Act: Sendable {
        /// The recorded answer, its first bytes only, and then the end of the connection.
        case recorded(bytes: Int = .max, resets: Bool = false)
        /// These bytes, and the end of the connection.
        case said(String)
        /// Nothing, until the other side has had enough.
        case silence
    }

    private let answers: [String: [UInt8]]
    private let act = Mutex(Act.recorded())

    /// Asks a mock, once in each dialect.
    static func record(_ question: String, on loop: EventLoop) async throws -> RecordedUpstream {
        let mock = try MockServer(MockOptions()).listen(on: .loopback(port: 0), loop: loop)
        defer { mock.stop() }
        var answers: [String: [UInt8]] = [:]
        for dialect in dialects + ["responses"] {
            for streams in [false, true] {
                let client = Client(try await loop.connect(to: mock.address))
                client.send(request(dialect, question, streams: streams))
                answers["\(dialect) \(streams)"] = await client.everything()
            }
        }
        return RecordedUpstream(answers)
    }

    private init(_ answers: [String: [UInt8]]) { self.answers = answers }

    func play(_ act: Act) { self.act.withLock { $0 = act } }

    /// The whole recorded answer, head and framing included.
    func answer(_ dialect: String, streams: Bool) -> [UInt8] { answers["\(dialect) \(streams)"] ?? [] }

    /// Where its body begins.
    func bodyStart(_ dialect: String, streams: Bool) -> Int {
        answer(dialect, streams: streams).firstRange(of: [13, 10, 13, 10] as [UInt8])?.upperBound ?? 0
    }

    /// Serves a connection of the gateway.
    func serve(_ connection: Connection) async {
        while let request = try? await readRequest(connection) {
            switch act.withLock({ $0 }) {
            case .recorded(let bytes, let resets):
                let path = request.prefix { $0 != "\r" }
                let streams = path.contains("stream") || request.contains(#""stream":true"#)
                let answer = answer(Self.dialect(of: path), streams: streams)
                let sent = Array(answer.prefix(bytes))
                connection.write(sent.span)
                // What the mock has answered says that the connection ends behind it.
                if resets { connection.abort() } else { connection.finish() }
                return
            case .said(let text):
                connection.withOutput { $0.append(text) }
                return connection.finish()
            case .silence: while (try? await connection.fill()) != nil {}
            }
        }
    }

    private static func dialect(of path: Substring) -> String {
        if path.contains("/chat/completions") { return "openai" }
        if path.contains("/v1/responses") { return "responses" }
        if path.contains("/v1/messages") { return "anthropic" }
        return path.contains("/model/") ? "bedrock" : "gemini"
    }

    private static func request(_ dialect: String, _ question: String, streams: Bool) -> String {
        let stream = streams ? #","stream":true"# : ""
        let message = #"{"role":"user","content":"\#(question)"}"#
        let (path, body) =
            switch dialect {
            case "openai":
                (
                    "/v1/chat/completions",
                    #"{"model":"m"\#(stream)\#(streams ? #","stream_options":{"include_usage":true}"# : ""),"messages":[\#(message)]}"#
                )
            case "responses": ("/v1/responses", #"{"model":"m"\#(stream),"input":"\#(question)"}"#)
            case "anthropic":
                (
                    "/v1/messages",
                    #"{"model":"claude-sonnet-4-6","max_tokens":4096\#(stream),"messages":[\#(message)]}"#
                )
            case "gemini":
                (
                    "/v1beta/models/gemini-2.5-pro:" + (streams ? "streamGenerateContent?alt=sse" : "generateContent"),
                    #"{"contents":[{"role":"user","parts":[{"text":"\#(question)"}]}]}"#
                )
            default:
                (
                    "/model/claude/" + (streams ? "converse-stream" : "converse"),
                    #"{"messages":[{"role":"user","content":[{"text":"\#(question)"}]}]}"#
                )
            }
        return Gate.request(
            "POST", path, body, key: "any", fields: "anthropic-version: 2023-06-01\r\nconnection: close\r\n")
    }
}

extension Client {
    /// All bytes until the other side ends the connection.
    func everything() async -> [UInt8] {
        let connection = connection
        var bytes: [UInt8] = []
        while true {
            connection.readDeadline = connection.loop.now + .seconds(20)
            do throws(ConnectionError) { try await connection.fill() } catch { return bytes }
            let unread = connection.unread
            bytes += copied(unread)
            connection.consume(connection.unreadCount)
        }
    }
}
