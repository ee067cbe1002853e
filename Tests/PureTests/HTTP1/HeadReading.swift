import Testing
import WeirBase
import WeirTestSupport
import WeirWire

/// What a request head says, as text: two are equal when they say the same.
struct RequestSummary: Equatable, CustomStringConvertible {
    var bytes = 0
    var method = ""
    var target = ""
    var path = ""
    var query: String?
    var authority: String?
    var version = HTTPVersion.http11
    var fields: [[String]] = []
    var framing = Framing.none
    var keepsAlive = true
    var expectsContinue = false

    var description: String {
        "\(bytes) \(method) \(target) path \(path) query \(query ?? "-") authority \(authority ?? "-") \(version) \(fields) "
            + "\(framing) keeps \(keepsAlive) expects \(expectsContinue)"
    }

    init(_ head: borrowing RequestHead, bytes: Int, of wire: [UInt8]) {
        self.bytes = bytes
        method = text(head.methodName, of: wire)
        target = text(head.target, of: wire)
        path = text(head.path, of: wire)
        query = head.query.map { text($0, of: wire) }
        authority = head.authority.map { text($0, of: wire) }
        version = head.version
        fields = pairs(head.fields, of: wire)
        framing = head.framing
        keepsAlive = head.keepsAlive
        expectsContinue = head.expectsContinue
    }
}

/// What a response head says.
struct ResponseSummary: Equatable {
    var bytes = 0
    var status = 0
    var reason = ""
    var version = HTTPVersion.http11
    var fields: [[String]] = []
    var framing = Framing.none
    var keepsAlive = true
}

/// A request head that was read, for checks: heads are read in place and are not copied, which `#expect` does.
final class ReadHead {
    private let head: RequestHead

    init(_ head: consuming RequestHead) { self.head = head }

    /// Whole, from `wire`.
    static func read(_ wire: [UInt8]) throws -> ReadHead {
        var head = RequestHead()
        let bytes = try head.read(wire.span, limits: HTTPLimits())
        #expect(bytes == wire.count)
        return ReadHead(head)
    }

    var fields: ReadHead { self }
    var count: Int { head.fields.count }
    var isEmpty: Bool { head.fields.isEmpty }
    var indices: Range<Int> { head.fields.indices }
    subscript(index: Int) -> Field { head.fields[index] }
    func contains(_ id: FieldID) -> Bool { head.fields.contains(id) }
    func isRepeated(_ id: FieldID) -> Bool { head.fields.isRepeated(id) }
    func first(_ id: FieldID) -> Field? { head.fields.first(id) }
    func first(named name: StaticString, in bytes: Span<UInt8>) -> Field? { head.fields.first(named: name, in: bytes) }
    func value(_ id: FieldID) -> ByteRange? { head.fields.value(id) }
    func pathEquals(_ path: StaticString, in bytes: Span<UInt8>) -> Bool { head.pathEquals(path, in: bytes) }
    func pathRest(after prefix: StaticString, in bytes: Span<UInt8>) -> ByteRange? {
        head.pathRest(after: prefix, in: bytes)
    }
}

func text(_ range: ByteRange, of wire: [UInt8]) -> String { String(decoding: wire[range.bounds], as: UTF8.self) }

func pairs(_ fields: borrowing FieldTable, of wire: [UInt8]) -> [[String]] {
    fields.indices.map { [text(fields[$0].name, of: wire), text(fields[$0].value, of: wire)] }
}

/// The same bytes, reached by windows that grow: at once, in two steps with each possible first step, and one byte a step.
func windows(of wire: [UInt8]) -> [[ArraySlice<UInt8>]] {
    guard wire.count > 1 else { return [[wire[...]]] }
    var all: [[ArraySlice<UInt8>]] = [[wire[...]]]
    for cut in 1..<wire.count { all.append([wire[..<cut], wire[...]]) }
    all.append(everyPrefix(of: wire))
    return all
}

/// Reads the request head at the start of `wire` in every way that reads may split it; all must come to the same result.
/// - Returns: `nil` when the head is incomplete.
func readRequest(_ wire: [UInt8], limits: HTTPLimits = HTTPLimits()) throws(HTTPError) -> RequestSummary? {
    var results: [Result<RequestSummary?, HTTPError>] = []
    var head = RequestHead()  // one for all: reuse must leave nothing behind
    for windows in windows(of: wire) {
        head.reset()
        var result = Result<RequestSummary?, HTTPError>.success(nil)
        for window in windows {
            do throws(HTTPError) {
                guard let count = try head.read(window.span, limits: limits) else { continue }
                result = .success(RequestSummary(head, bytes: count, of: wire))
            } catch { result = .failure(error) }
            break
        }
        results.append(result)
    }
    for (index, result) in results.enumerated() where result != results[0] {
        Issue.record("split \(index) gives \(result), the whole \(results[0])")
    }
    return try results[0].get()
}

/// As `readRequest`, for the answer to `method`.
func readResponse(
    _ wire: [UInt8], answering method: HTTPMethod = .post, limits: HTTPLimits = .upstream
) throws(HTTPError) -> ResponseSummary? {
    var results: [Result<ResponseSummary?, HTTPError>] = []
    var head = ResponseHead()
    for windows in windows(of: wire) {
        head.reset()
        var result = Result<ResponseSummary?, HTTPError>.success(nil)
        for window in windows {
            do throws(HTTPError) {
                guard let count = try head.read(window.span, answering: method, limits: limits) else { continue }
                result = .success(
                    ResponseSummary(
                        bytes: count, status: head.status, reason: text(head.reason, of: wire), version: head.version,
                        fields: pairs(head.fields, of: wire), framing: head.framing, keepsAlive: head.keepsAlive))
            } catch { result = .failure(error) }
            break
        }
        results.append(result)
    }
    for (index, result) in results.enumerated() where result != results[0] {
        Issue.record("split \(index) gives \(result), the whole \(results[0])")
    }
    return try results[0].get()
}

/// The error that reading `wire` ends with; `nil` when it is a good head, complete or not.
func requestError(_ wire: String, limits: HTTPLimits = HTTPLimits()) -> HTTPError? {
    do throws(HTTPError) {
        _ = try readRequest(Array(wire.utf8), limits: limits)
        return nil
    } catch { return error }
}

func responseError(_ wire: String, limits: HTTPLimits = .upstream) -> HTTPError? {
    do throws(HTTPError) {
        _ = try readResponse(Array(wire.utf8), limits: limits)
        return nil
    } catch { return error }
}
