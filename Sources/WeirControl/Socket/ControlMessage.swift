internal import WeirBase
internal import WeirWire

/// A request to the admin API: what the control socket and, later, the control port carry as HTTP/1.1.
public struct ControlRequest: Sendable {
    /// GET for questions, POST for changes.
    public var method: String
    /// Without `/api/v1`: `/keys`, `/keys/ci/revoke`.
    public var path: String
    /// JSON, or empty.
    public var body: [UInt8]
    /// Who asks, for the audit trail.
    public var actor = "unknown"

    public init(method: String, path: String, body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.body = body
    }
}

/// An answer of the admin API: JSON.
public struct ControlResponse: Sendable {
    public var status: Int
    public var body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why a message could not be exchanged.
enum ControlProblem: Error {
    case socket(UnixSocket.Failure)
    /// What came is no HTTP, ends early or is too large.
    case malformed(String)
}

/// One request and one answer on a connection, as HTTP/1.1 with a length: curl can speak it, too.
extension UnixSocket {
    private static let prefix = "/api/v1"
    static let bodyLimit = 1 << 20

    func readRequest() throws(ControlProblem) -> ControlRequest? {
        var head = RequestHead()
        var bytes: [UInt8] = []
        while true {
            guard try readMore(&bytes) else {
                if bytes.isEmpty { return nil }
                throw .malformed("the request ends early")
            }
            do throws(HTTPError) { if try head.read(bytes.span, limits: HTTPLimits()) != nil { break } } catch {
                throw .malformed(error.message)
            }
        }
        let body = try readBody(&bytes, behind: head.count, head.framing)
        let path = bytes.span.text(head.path)
        guard path.hasPrefix(Self.prefix) else {
            throw .malformed("the paths of the admin API begin with \(Self.prefix)")
        }
        var request = ControlRequest(
            method: bytes.span.text(head.methodName), path: String(path.dropFirst(Self.prefix.utf8.count)), body: body)
        if let peer { request.actor = "uid \(peer)" }
        return request
    }

    func write(_ response: ControlResponse) throws(ControlProblem) {
        try send(
            "HTTP/1.1 \(response.status) \(response.status < 300 ? "OK" : "Failed")\r\ncontent-type: application/json\r\ncontent-length: \(response.body.count)\r\nconnection: close\r\n\r\n",
            response.body)
    }

    func write(_ request: ControlRequest) throws(ControlProblem) {
        try send(
            "\(request.method) \(Self.prefix)\(request.path) HTTP/1.1\r\nhost: weir\r\ncontent-type: application/json\r\n"
                + "content-length: \(request.body.count)\r\nconnection: close\r\n\r\n", request.body)
    }

    func readResponse() throws(ControlProblem) -> ControlResponse {
        var head = ResponseHead()
        var bytes: [UInt8] = []
        while true {
            guard try readMore(&bytes) else { throw .malformed("the answer ends early") }
            do throws(HTTPError) {
                if try head.read(bytes.span, answering: .get, limits: .upstream) != nil { break }
            } catch { throw .malformed(error.message) }
        }
        return ControlResponse(status: head.status, body: try readBody(&bytes, behind: head.count, head.framing))
    }

    // MARK: Parts

    private func send(_ head: String, _ body: [UInt8]) throws(ControlProblem) {
        do throws(Failure) { try write(Array(head.utf8) + body) } catch { throw .socket(error) }
    }

    /// - Returns: false at the end.
    private func readMore(_ bytes: inout [UInt8]) throws(ControlProblem) -> Bool {
        do throws(Failure) {
            let more = try read()
            bytes += more
            return !more.isEmpty
        } catch { throw .socket(error) }
    }

    private func readBody(_ bytes: inout [UInt8], behind start: Int, _ framing: Framing) throws(ControlProblem)
        -> [UInt8]
    {
        switch framing {
        case .none, .untilClose: return []
        case .chunked: throw .malformed("send the body with a content-length")
        case .length(let length):
            guard length <= Self.bodyLimit else { throw .malformed("the body is larger than \(Self.bodyLimit) bytes") }
            while bytes.count < start + length {
                guard try readMore(&bytes) else { throw .malformed("the body ends early") }
            }
            return Array(bytes[start..<start + length])
        }
    }
}
