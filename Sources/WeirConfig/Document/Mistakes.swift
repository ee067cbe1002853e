/// A place in the file: line and column from 1, the column in Unicode scalars.
struct Place: Hashable, Comparable {
    var line: Int
    var column: Int

    static let start = Place(line: 1, column: 1)

    static func < (left: Place, right: Place) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// Collects what the sections find: nothing stops at the first mistake.
final class Mistakes {
    let file: String
    private var found: [ConfigurationMistake] = []
    private var known = Set<ConfigurationMistake>()

    init(file: String) { self.file = file }

    var hasErrors: Bool { found.contains { $0.severity == .error } }

    /// By position; what stands at one position stays in the order in which it was found.
    var sorted: [ConfigurationMistake] {
        found.enumerated()
            .sorted {
                ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
            }
            .map(\.element)
    }

    func add(
        _ severity: ConfigurationMistake.Severity = .error, at place: Place, _ path: String, _ message: String,
        _ cure: String
    ) {
        let mistake = ConfigurationMistake(
            file: file, line: place.line, column: place.column, path: path, message: message, cure: cure,
            severity: severity)
        if known.insert(mistake).inserted { found.append(mistake) }  // an anchor used twice is one mistake
    }
}
