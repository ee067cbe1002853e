/// Yams refuses a map that has a name twice, and then shows nothing else of the file. So that a person still sees every mistake at once,
/// the name's first character is replaced by a private one where it stands first, and the text is read again: positions stay as they
/// are. The original name comes back in `original(of:)`, and `Document` reports the repetition. Beyond `limit` the first mistake must do.
struct Namesakes {
    private static let limit = 32
    private static let firstMark: UInt32 = 0xE000

    private var scalars: [Unicode.Scalar]
    private var replaced: [Unicode.Scalar] = []

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    var text: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    /// Marks the name that stands at `place`. Returns false if it cannot be found there or there are too many.
    mutating func setAside(_ name: String, at place: Place) -> Bool {
        guard replaced.count < Self.limit, let first = name.unicodeScalars.first, var offset = offset(of: place),
            let mark = Unicode.Scalar(Self.firstMark + UInt32(replaced.count))
        else { return false }
        if scalars[offset] == "\"" || scalars[offset] == "'" { offset += 1 }
        guard offset < scalars.count, scalars[offset] == first else { return false }
        scalars[offset] = mark
        replaced.append(first)
        return true
    }

    /// The name as the file has it.
    func original(of name: String) -> String {
        guard let mark = name.unicodeScalars.first, mark.value >= Self.firstMark,
            mark.value - Self.firstMark < replaced.count
        else { return name }
        var original = String.UnicodeScalarView([replaced[Int(mark.value - Self.firstMark)]])
        original.append(contentsOf: name.unicodeScalars.dropFirst())
        return String(original)
    }

    private func offset(of place: Place) -> Int? {
        var line = 1
        var column = 1
        for offset in scalars.indices {
            if line == place.line, column == place.column { return offset }
            if endsLine(offset) {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return nil
    }

    /// The line ends of YAML 1.1, as libyaml counts them.
    private func endsLine(_ offset: Int) -> Bool {
        switch scalars[offset] {
        case "\n", "\u{85}", "\u{2028}", "\u{2029}": true
        case "\r": offset + 1 == scalars.count || scalars[offset + 1] != "\n"
        default: false
        }
    }
}
