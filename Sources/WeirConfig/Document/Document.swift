import Yams

/// Turns the bytes of a file into a `Value` tree: encoding, syntax, names that are set twice, and bounds on what aliases unfold to.
struct Document {
    /// The largest configuration file, in bytes.
    static let limitBytes = 8 << 20
    /// The most values that a file may have once its aliases are unfolded.
    static let limitValues = 1_000_000

    private let mistakes: Mistakes
    private let namesakes: Namesakes
    private var values = 0

    /// Reads `bytes`; `nil` after a mistake that leaves nothing to look at.
    static func read(_ bytes: [UInt8], noting mistakes: Mistakes) -> Value? {
        guard bytes.count <= limitBytes else {
            mistakes.add(
                at: .start, "", "the file is over \(limitBytes >> 20) MiB", "keep keys in the store, not in the file")
            return nil
        }
        guard let text = decode(bytes, noting: mistakes) else { return nil }
        let (root, namesakes) = compose(text, noting: mistakes)
        guard let root else { return nil }
        var document = Document(mistakes: mistakes, namesakes: namesakes)
        let value = document.value(of: root, path: "")
        guard document.values <= limitValues else {
            let cure = "write it without aliases (*name)"
            mistakes.add(at: .start, "", "aliases unfold to over \(limitValues) values", cure)
            return nil
        }
        return value
    }

    private init(mistakes: Mistakes, namesakes: Namesakes) {
        self.mistakes = mistakes
        self.namesakes = namesakes
    }

    private static func compose(_ text: String, noting mistakes: Mistakes) -> (Node?, Namesakes) {
        var namesakes = Namesakes(text)
        while true {
            do {
                let root = try Yams.compose(yaml: namesakes.text, .default, .default, .utf8)
                if root == nil {
                    mistakes.add(at: .start, "", "the file is empty", "begin with \"version: 1\"")
                }
                return (root, namesakes)
            } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
                let place = Place(line: context.mark.line, column: context.mark.column)
                if let name = duplicates.first, namesakes.setAside(name, at: place) { continue }
                let name = duplicates.first.map(quoted) ?? "a setting"
                mistakes.add(at: place, "", "\(name) is set more than once", "keep one of them")
                return (nil, namesakes)
            } catch {
                note(error, noting: mistakes)
                return (nil, namesakes)
            }
        }
    }

    private mutating func value(of node: Node, path: String) -> Value {
        let place = Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        values += 1
        guard values <= Self.limitValues else { return Value(content: .nothing, place: place) }
        if !node.tag.description.hasPrefix("tag:yaml.org,2002:") {
            mistakes.add(at: place, path, "tags have no meaning here", "remove the word that begins with \"!\"")
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            let isNothing = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return Value(content: isNothing ? .nothing : .text(scalar.string), place: place)
        case .sequence(let nodes):
            var list: [Value] = []
            for (index, node) in nodes.enumerated() { list.append(value(of: node, path: "\(path)[\(index)]")) }
            return Value(content: .list(list), place: place)
        case .mapping(let pairs):
            return Value(content: .map(entries(of: pairs, path: path)), place: place)
        case .alias:  // composing has put the anchor's node in its place
            return Value(content: .nothing, place: place)
        }
    }

    private mutating func entries(of pairs: Node.Mapping, path: String) -> [Value.Entry] {
        var entries: [Value.Entry] = []
        var firstLines: [String: Int] = [:]
        for (key, node) in pairs {
            let place = Place(line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
            guard let written = key.scalar?.string else {
                mistakes.add(at: place, path, "a name is expected here, not a list or map", "write \"name: value\"")
                continue
            }
            let name = namesakes.original(of: written)
            let path = joined(path, name)
            if let first = firstLines[name] {
                mistakes.add(at: place, path, "is already set in line \(first)", "keep one of them")
                continue
            }
            firstLines[name] = place.line
            entries.append(Value.Entry(name: name, namePlace: place, value: value(of: node, path: path)))
        }
        return entries
    }
}

/// The path of a setting within another. A name with dots or spaces gets quotes: `models."gpt-4.1".strategy`.
func joined(_ path: String, _ name: String) -> String {
    let isSimple = !name.isEmpty && name.utf8.allSatisfy { isNameByte($0) && $0 != UInt8(ascii: ".") }
    let step = isSimple ? shown(name) : "\"\(shown(name))\""
    return path.isEmpty ? step : "\(path).\(step)"
}
