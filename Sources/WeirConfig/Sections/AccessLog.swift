extension Reader {
    func readAccessLog(_ field: Field?) -> Policy.AccessLog? {
        guard let field, let text = field.text(or: "write stdout, stderr, off or a path") else { return nil }
        switch text {
        case "stdout": return .standardOutput
        case "stderr": return .standardError
        case "off": return .off
        // A bare word is a slip more often than a file: a path has a slash or a dot.
        case _ where text.contains("/") || text.contains("."): return readPath(field).map { .file($0) }
        default:
            let meant = suggestion(for: text, among: ["stdout", "stderr", "off"]).map { "did you mean \"\($0)\"?" }
            field.note(
                "\(quoted(text)) is no place for the log",
                meant ?? "write stdout, stderr, off or a path such as ./access.log")
            return nil
        }
    }
}
