import WeirBase
import WeirWire

/// A JSON text laid out for reading: what fits into a line is one line. Names, strings and numbers stay as they are spelled, and members in their
/// order.
enum PrettyJSON {
    private indirect enum Node {
        case scalar(String)
        case array([Node])
        case object([(name: String, value: Node)])
    }

    private static let width = 140

    /// - Throws: `JSONError` if `text` is no JSON object.
    static func lines(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        return layout(try object(bytes.span, ByteRange(start: 0, end: bytes.count)), indent: 0, room: width)
    }

    private static func object(_ bytes: Span<UInt8>, _ range: ByteRange) throws -> Node {
        var members: [(name: String, value: Node)] = []
        var walk = try JSONObjectWalk(bytes, in: range)
        while let member = try walk.next(bytes) {
            let name = "\"" + source(bytes, member.name) + "\""
            members.append((name, try node(bytes, member.value, member.kind)))
        }
        return .object(members)
    }

    private static func node(_ bytes: Span<UInt8>, _ range: ByteRange, _ kind: JSONKind) throws -> Node {
        switch kind {
        case .object: return try object(bytes, range)
        case .array:
            var elements: [Node] = []
            var walk = try JSONArrayWalk(bytes, in: range)
            while let element = try walk.next(bytes) {
                elements.append(try node(bytes, element.value, element.kind))
            }
            return .array(elements)
        default: return .scalar(source(bytes, range))
        }
    }

    private static func source(_ bytes: Span<UInt8>, _ range: ByteRange) -> String {
        String(decoding: range.bounds.map { bytes[$0] }, as: UTF8.self)
    }

    private static func compact(_ node: Node) -> String {
        switch node {
        case .scalar(let text): text
        case .array(let elements): "[" + elements.map(compact).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { $0.name + ": " + compact($0.value) }.joined(separator: ", ") + "}"
        }
    }

    private static func layout(_ node: Node, indent: Int, room: Int) -> String {
        let line = compact(node)
        guard line.count > room else { return line }
        let inner = String(repeating: " ", count: indent + 2)
        func block(_ open: String, _ rows: [String], _ close: String) -> String {
            open + "\n" + rows.map { inner + $0 }.joined(separator: ",\n") + "\n" + inner.dropLast(2) + close
        }
        switch node {
        case .scalar: return line
        case .array(let elements):
            return block("[", elements.map { layout($0, indent: indent + 2, room: width - indent - 3) }, "]")
        case .object(let members):
            return block(
                "{",
                members.map {
                    $0.name + ": "
                        + layout($0.value, indent: indent + 2, room: width - indent - 5 - $0.name.count)
                }, "}")
        }
    }
}
