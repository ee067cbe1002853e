// Heads of both roles. The first byte chooses the role, limits and the method that an answer belongs to, the rest is the message.
// Checked: splits give the same result; ranges lie inside the head, names and values hold what they may; what is accepted and written again
// reads the same.

import WeirBase
import WeirWire

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHead(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let wire = Array(input.dropFirst())
    var limits = HTTPLimits()
    if choice & 2 != 0 { (limits.headBytes, limits.fields, limits.targetBytes) = (96, 3, 20) }
    if choice & 4 != 0 { limits.bodyBytes = .max }
    let method = HTTPMethod.allCases[Int(choice >> 3) % HTTPMethod.allCases.count]
    func read(_ wire: [UInt8], _ split: Split, _ limits: HTTPLimits) -> Outcome {
        choice & 1 == 0 ? readRequest(wire, split, limits) : readResponse(wire, split, method, limits)
    }

    let whole = read(wire, .whole, limits)
    precondition(whole == read(wire, .bytes, limits), "byte by byte")
    precondition(whole == read(wire, .twoParts(wire.count / 2), limits), "two halves")
    precondition(whole == read(wire, .twoParts(Int(choice)), limits), "two parts")
    precondition(whole == read(wire + [0x0A, 0x00], .whole, limits) || whole == .incomplete, "more bytes")
    guard case .head(let head) = whole else { return 0 }
    check(head, wire)
    let written = choice & 1 == 0 ? write(head) : writeResponse(head)
    limits = .upstream
    guard case .head(var again) = read(written, .whole, limits) else {
        preconditionFailure("written head does not parse")
    }
    again.bytes = head.bytes
    precondition(again == head, "written and read again")
    return 0
}

struct Head: Equatable {
    var bytes = 0
    var start: [[UInt8]] = []  // method, target; or status
    var fields: [[[UInt8]]] = []
    var framing = Framing.none
    var keepsAlive = false
    var isHTTP10 = false
}

enum Outcome: Equatable {
    case head(Head)
    case error(HTTPError)
    case incomplete
}

enum Split { case whole, bytes, twoParts(Int) }

func ends(_ split: Split, _ count: Int) -> [Int] {
    switch split {
    case .whole: [count]
    case .bytes: Array(0...count)
    case .twoParts(let cut): [min(cut, count), count]
    }
}

func slice(_ wire: [UInt8], _ range: ByteRange) -> [UInt8] { Array(wire[range.bounds]) }

func list(_ fields: borrowing FieldTable, _ wire: [UInt8]) -> [[[UInt8]]] {
    fields.indices.map { [slice(wire, fields[$0].name), slice(wire, fields[$0].value)] }
}

func readRequest(_ wire: [UInt8], _ split: Split, _ limits: HTTPLimits) -> Outcome {
    var head = RequestHead()
    do throws(HTTPError) {
        for end in ends(split, wire.count) {
            guard let bytes = try head.read(wire.span.extracting(0..<end), limits: limits) else { continue }
            precondition(head.path.start >= head.target.start && head.path.end <= head.target.end)
            if let query = head.query { precondition(query.start > head.path.end - 1 && query.end == head.target.end) }
            return .head(
                Head(
                    bytes: bytes, start: [slice(wire, head.methodName), slice(wire, head.target)],
                    fields: list(head.fields, wire),
                    framing: head.framing, keepsAlive: head.keepsAlive, isHTTP10: head.version == .http10))
        }
        return .incomplete
    } catch { return .error(error) }
}

func readResponse(_ wire: [UInt8], _ split: Split, _ method: HTTPMethod, _ limits: HTTPLimits) -> Outcome {
    var head = ResponseHead()
    do throws(HTTPError) {
        for end in ends(split, wire.count) {
            guard let bytes = try head.read(wire.span.extracting(0..<end), answering: method, limits: limits) else {
                continue
            }
            precondition(head.status >= 100 && head.status <= 999 && head.status != 101)
            return .head(
                Head(
                    bytes: bytes, start: [Array(String(head.status).utf8)], fields: list(head.fields, wire),
                    framing: head.framing, keepsAlive: head.keepsAlive, isHTTP10: head.version == .http10))
        }
        return .incomplete
    } catch { return .error(error) }
}

func check(_ head: Head, _ wire: [UInt8]) {
    precondition(head.bytes <= wire.count && Array(wire[..<head.bytes].suffix(2)) == [0x0D, 0x0A])
    for at in 0..<head.bytes {
        precondition(
            (wire[at] == 0x0A) == (at > 0 && wire[at - 1] == 0x0D), "a CR without LF or LF without CR was accepted")
        precondition(wire[at] != 0 && wire[at] != 0x7F)
    }
    var lengths = 0
    var codings = 0
    for field in head.fields {
        let token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8
        precondition(!field[0].isEmpty && field[0].allSatisfy { token.contains($0) }, "a name that is no token")
        precondition(field[1].allSatisfy { $0 == 9 || $0 >= 32 && $0 != 127 }, "a control character in a value")
        precondition(field[1].first != 32 && field[1].last != 32 && field[1].first != 9 && field[1].last != 9)
        let name = String(decoding: field[0], as: UTF8.self).lowercased()
        lengths += name == "content-length" ? 1 : 0
        codings += name == "transfer-encoding" ? 1 : 0
        if name == "content-length" { precondition(Int(String(decoding: field[1], as: UTF8.self)) != nil) }
    }
    precondition(lengths + codings <= 1, "framed twice")
    if case .length = head.framing { precondition(lengths == 1) }
    if head.framing == .chunked { precondition(codings == 1) }
}

func write(_ head: Head) -> [UInt8] {
    bytes(of: "\(String(decoding: head.start[0], as: UTF8.self)) ") + head.start[1]
        + bytes(of: head.isHTTP10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n") + writeFields(head)
}

func writeResponse(_ head: Head) -> [UInt8] {
    bytes(of: head.isHTTP10 ? "HTTP/1.0 " : "HTTP/1.1 ") + head.start[0] + bytes(of: " \r\n") + writeFields(head)
}

func writeFields(_ head: Head) -> [UInt8] {
    var buffer = ByteBuffer()
    for field in head.fields {
        // A name that is only known at run time: written with the field writer of a relay, which takes a parsed field.
        var line = RequestHead()
        let wire = bytes(of: "GET / HTTP/1.0\r\n") + field[0] + bytes(of: ": ") + field[1] + bytes(of: "\r\n")
        _ = try? line.read(wire.span, limits: HTTPLimits())
        precondition(line.fields.count == 1)
        buffer.appendField(copying: line.fields[0], of: wire.span)
    }
    buffer.appendEndOfHead()
    return (0..<buffer.count).map { buffer.span[$0] }
}

func bytes(of text: String) -> [UInt8] { Array(text.utf8) }
