import Yams

extension Document {
    /// The text of a file: UTF-8 without control characters (which libyaml would refuse without telling the place).
    static func decode(_ bytes: [UInt8], noting mistakes: Mistakes) -> String? {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let cure = "save the file as UTF-8"
            mistakes.add(at: firstReplacement(in: bytes), "", "this is not UTF-8", cure)
            return nil
        }
        var place = Place.start
        for scalar in text.unicodeScalars {
            guard isPrintable(scalar) else {
                let code = String(scalar.value, radix: 16, uppercase: true)
                mistakes.add(at: place, "", "the control character U+\(code) is not allowed", "remove it")
                return nil
            }
            place.advance(over: scalar)
        }
        return text
    }

    /// Gives a syntax error of libyaml our form. Its texts are fixed: nothing of the file is in them.
    static func note(_ error: any Error, noting mistakes: Mistakes) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            noteSyntax(
                problem, within: context, at: Place(line: max(1, mark.line), column: max(1, mark.column)), mistakes)
        case YamlError.memory:
            mistakes.add(at: .start, "", tooDeep, "write it flatter")
        default:
            mistakes.add(at: .start, "", "this is not valid YAML", "check the file with a YAML linter")
        }
    }

    private static let tooDeep = "lists and maps are nested too deeply"

    private static func noteSyntax(
        _ problem: String, within context: YamlError.Context?, at place: Place, _ mistakes: Mistakes
    ) {
        if problem.contains("nesting level") {
            mistakes.add(at: place, "", tooDeep, "write it flatter")
            return
        }
        var message = "this is not valid YAML: \(problem)"
        if let context, context.mark.line < place.line, context.text.hasPrefix("while") {
            message += ", \(context.text) that begins in line \(context.mark.line)"
        }
        mistakes.add(at: place, "", message, cure(of: problem))
    }

    private static func cure(of problem: String) -> String {
        cures.first { problem.contains($0.problem) }?.cure ?? "check indentation and quotes here and in the line before"
    }

    private static let cures: [(problem: String, cure: String)] = [
        ("undefined alias", "put quotes around a text that begins with \"*\""),
        ("alphabetic or numeric", "put quotes around a text that begins with \"*\" or \"&\""),
        (
            "cannot start any token",
            "indent with spaces, not tabs, and put quotes around a text that begins with @, ` or %"
        ),
        ("mapping values are not allowed", "put quotes around a text that has \": \" in it, or check the indentation"),
        ("block sequence entries are not allowed", "put the list's \"-\" on a line of its own"),
        ("could not find expected ':'", "write \"name: value\", with a space after the colon"),
        ("expected ',' or ']'", "close the list with ], and put quotes around a text that has [ or ] in it"),
        ("expected ',' or '}'", "close the map with }, and put quotes around a text that has { or } in it"),
        ("unexpected end of stream", "close the quotes"),
        ("unknown escape character", "write \\\\ for a backslash, or use single quotes"),
        ("another document", "keep one document in the file: remove \"---\""),
        ("expected node content", "put quotes around a text that begins with \":\" or \"[\", such as an address"),
        ("found a tab character", "indent with spaces, not tabs"),
    ]

    private static func firstReplacement(in bytes: [UInt8]) -> Place {
        // The first byte that repairing replaces is where repaired and original part.
        var place = Place.start
        var offset = 0
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let encoded = UTF8.encode(scalar)
            let isSame = encoded.map {
                offset + $0.count <= bytes.count && bytes[offset..<offset + $0.count].elementsEqual($0)
            }
            guard isSame == true else { return place }
            offset += encoded?.count ?? 0
            place.advance(over: scalar)
        }
        return place
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...: true
        default: false
        }
    }
}

extension Place {
    fileprivate mutating func advance(over scalar: Unicode.Scalar) {
        if scalar == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }
}
