public import WeirBase

/// Finds the field `model` in a `multipart/form-data` body (RFC 7578), without decoding the rest: files may be large.
public enum FormModel {
    /// The range of the value of the one field `model`.
    /// - Returns: nil where the boundary is missing, or there is not exactly one such field, or its value is not a short line.
    public static func find(in body: Span<UInt8>, contentType: String) -> ByteRange? {
        guard let boundary = boundary(of: contentType) else { return nil }
        let mark = Array("--\(boundary)".utf8)
        var found: ByteRange?
        var at = 0
        while let start = next(mark, in: body, from: at) {
            let headStart = start + mark.count + 2
            guard headStart <= body.count, let headEnd = next([13, 10, 13, 10], in: body, from: headStart - 2) else {
                break
            }
            let valueStart = headEnd + 4
            guard let valueEnd = next([13, 10] + mark, in: body, from: valueStart) else { break }
            if valueStart >= headStart, names("model", body, headStart, headEnd) {
                guard found == nil, valueEnd > valueStart, valueEnd - valueStart <= 256 else { return nil }
                found = ByteRange(start: valueStart, end: valueEnd)
            }
            at = valueEnd + 2
        }
        return found
    }

    private static func boundary(of contentType: String) -> String? {
        guard contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
        for part in contentType.split(separator: ";") {
            let trimmed = part.drop { $0 == " " || $0 == "\t" }
            guard trimmed.lowercased().hasPrefix("boundary=") else { continue }
            var value = trimmed.dropFirst(9)
            if value.hasPrefix("\""), value.hasSuffix("\""), value.count >= 2 { value = value.dropFirst().dropLast() }
            return value.isEmpty || value.count > 70 ? nil : String(value)
        }
        return nil
    }

    /// Whether a part's head has `name="NAME"`.
    private static func names(_ name: String, _ body: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end > start else { return false }
        let head = body.text(ByteRange(start: start, end: end)).lowercased()
        return head.contains(" name=\"\(name)\"") || head.contains(";name=\"\(name)\"")
    }

    private static func next(_ mark: [UInt8], in body: Span<UInt8>, from start: Int) -> Int? {
        guard start >= 0, body.count >= mark.count else { return nil }
        var at = start
        let last = body.count - mark.count
        while at <= last {
            if body[at] == mark[0] {
                var same = 1
                while same < mark.count, body[at + same] == mark[same] { same += 1 }
                if same == mark.count { return at }
            }
            at += 1
        }
        return nil
    }
}
