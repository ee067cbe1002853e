import Foundation
import WeirBase
import WeirLoop

/// What a client has read of one answer. It has a reader of its own, so that a mistake of Weir's is not made twice.
struct Answer: Sendable {
    var status = 0
    /// Names in small letters, in the order in which they came.
    var fields: [(name: String, value: String)] = []
    var head = ""
    var body: [UInt8] = []
    /// Whether the body came to its announced end; a close-delimited one never does.
    var isWhole = false
    /// The pieces of a chunked body.
    var chunks = 0

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:] }
    var error: [String: Any] { json["error"] as? [String: Any] ?? [:] }
    var code: String? { error["code"] as? String }

    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    subscript(name: String) -> String? { all(name).first }

    /// Whether this is an error of the OpenAI surface with both ids: an object with message, type, param and code, and nothing else.
    var isOpenAIError: Bool {
        let ids = all("x-request-id") + all("request-id")
        let message = error["message"] as? String ?? ""
        return json.count == 1 && Set(error.keys) == ["message", "type", "param", "code"] && !message.isEmpty
            && error["type"] is String && self["content-type"] == "application/json"
            && ids.count == 2 && ids[0] == ids[1] && ids[0].count == 13
    }

    /// The data lines of an event stream.
    var events: [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
    }
}

/// A client on one connection.
final class Client: @unchecked Sendable {  // confined to the loop, as its connection is
    let connection: Connection
    private var bytes: [UInt8] = []
    private(set) var hasEnded = false
    /// How long it waits for the next bytes.
    var patience = TimeSpan.seconds(15)

    init(_ connection: Connection) { self.connection = connection }

    func send(_ text: String) { connection.withOutput { $0.append(text) } }
    func send(_ bytes: [UInt8]) { connection.write(bytes.span) }

    /// Reads one answer.
    /// - Parameter isHead: whether it answers HEAD, and so has no body.
    /// - Throws: how the connection ended, if that was before the answer's head was whole; `timedOut` after `patience`.
    func answer(isHead: Bool = false) async throws(ConnectionError) -> Answer {
        var answer = Answer()
        while true {
            let end = try await readHead()
            parse(head: Array(bytes[..<end]), into: &answer)
            bytes.removeFirst(end)
            if answer.status != 100 { break }
            answer.fields = []
        }
        if isHead || answer.status == 204 || answer.status == 304 {
            answer.isWhole = true
        } else if answer["transfer-encoding"] == "chunked" {
            while let size = await readChunkSize() {
                guard await fill(to: size + 2) else { break }
                answer.body += bytes[..<size]
                bytes.removeFirst(size + 2)
                if size == 0 { answer.isWhole = true }
                guard size > 0 else { break }
                answer.chunks += 1
            }
        } else if let length = answer["content-length"].flatMap({ Int($0) }) {
            answer.isWhole = await fill(to: length)
            let count = min(length, bytes.count)
            answer.body = Array(bytes[..<count])
            bytes.removeFirst(count)
        } else {
            while await fill(to: bytes.count + 1) {}
            answer.body = bytes
            bytes = []
        }
        return answer
    }

    /// Waits until `text` has come, on its way to an answer.
    func await(_ text: String) async -> Bool {
        while String(decoding: bytes, as: UTF8.self).ranges(of: text).isEmpty {
            guard await fill(to: bytes.count + 1) else { return false }
        }
        return true
    }

    /// Reads `count` bytes of whatever comes and forgets them.
    func take(_ count: Int) async throws(ConnectionError) {
        var left = count
        while left > 0 {
            if connection.unreadCount == 0 {
                connection.readDeadline = connection.loop.now + .seconds(60)
                try await connection.fill()
            }
            let piece = min(left, connection.unreadCount)
            connection.consume(piece)
            left -= piece
        }
    }

    /// Waits for the end of the connection.
    /// - Returns: bytes that came before it and were not read; nil if there was no end within `patience`.
    func end() async -> Int? {
        while await fill(to: bytes.count + 1) {}
        return hasEnded ? bytes.count : nil
    }

    private func readHead() async throws(ConnectionError) -> Int {
        let mark: [UInt8] = [13, 10, 13, 10]
        while true {
            if let at = bytes.firstRange(of: mark) { return at.upperBound }
            if await !fill(to: bytes.count + 1) { throw connection.ending ?? .timedOut }
        }
    }

    private func parse(head: [UInt8], into answer: inout Answer) {
        answer.head = String(decoding: head, as: UTF8.self)
        let lines = answer.head.components(separatedBy: "\r\n")
        answer.status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst() where !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            answer.fields.append((parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces)))
        }
    }

    private func readChunkSize() async -> Int? {
        while true {
            if let at = bytes.firstRange(of: [13, 10] as [UInt8]) {
                let size = Int(String(decoding: bytes[..<at.lowerBound], as: UTF8.self), radix: 16)
                bytes.removeFirst(at.upperBound)
                return size
            }
            guard await fill(to: bytes.count + 1) else { return nil }
        }
    }

    private func fill(to count: Int) async -> Bool {
        let connection = connection
        while bytes.count < count {
            if connection.unreadCount == 0 {
                connection.readDeadline = connection.loop.now + patience
                do throws(ConnectionError) { try await connection.fill() } catch {
                    hasEnded = error != .timedOut
                    return false
                }
            }
            let unread = connection.unread
            bytes += copied(unread)
            connection.consume(connection.unreadCount)
        }
        return true
    }
}

/// The bytes of a span, for comparing.
func copied(_ bytes: Span<UInt8>) -> [UInt8] { unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) } }
