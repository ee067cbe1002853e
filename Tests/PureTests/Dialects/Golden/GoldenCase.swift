import Foundation

/// A golden file: what it is about, what goes in, and what comes out for each of its headings.
///
///     A line or more about the case.
///
///     === chat request
///     {...}
///
///     === gemini gemini-2.5-flash
///     {...}
struct GoldenCase: CustomStringConvertible {
    struct Section: Equatable {
        /// The words behind `===`.
        var title: String
        var text: String

        var words: [String] { title.split(separator: " ").map(String.init) }
    }

    let file: URL
    var about: String
    var input: Section
    var outputs: [Section]

    var description: String { file.deletingPathExtension().pathComponents.suffix(3).joined(separator: "/") }

    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "../../../Fixtures/translation").standardizedFileURL

    /// All cases of `folder`, in the order of their names.
    static func all(in folder: String) -> [GoldenCase] {
        let folder = root.appending(path: folder)
        guard let paths = FileManager.default.subpaths(atPath: folder.path) else {
            fatalError("\(folder.path) is missing")
        }
        return paths.filter { $0.hasSuffix(".txt") }.sorted().map { GoldenCase(folder.appending(path: $0)) }
    }

    private init(_ file: URL) {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { fatalError("\(file.path) is no text") }
        let parts = ("\n" + text).components(separatedBy: "\n=== ")
        var sections = parts.dropFirst().map { part in
            let end = part.firstIndex(of: "\n") ?? part.endIndex
            return Section(
                title: String(part[..<end]), text: part[end...].trimmingCharacters(in: .newlines))
        }
        guard !sections.isEmpty else { fatalError("\(file.path) has no section") }
        self.file = file
        about = parts[0].trimmingCharacters(in: .newlines)
        input = sections.removeFirst()
        outputs = sections
    }

    var text: String {
        about + "\n" + ([input] + outputs).map { "\n=== \($0.title)\n\($0.text)\n" }.joined()
    }

    /// Whether the file is what `text` says, blank lines and all.
    var isNormal: Bool { (try? String(contentsOf: file, encoding: .utf8)) == text }

    static var isUpdating: Bool { ProcessInfo.processInfo.environment["WEIR_UPDATE"] == "1" }

    /// Writes the file anew if `WEIR_UPDATE=1` asks for it.
    func update() throws {
        if Self.isUpdating { try text.write(to: file, atomically: true, encoding: .utf8) }
    }
}
