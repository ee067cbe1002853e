extension Policy {
    /// Reads the configuration file at `path` and all that it names.
    /// - Parameters:
    ///   - files: reads this file, secrets, certificates.
    ///   - environment: reads variables that hold secrets.
    /// - Throws: `unreadable` if there is no such file, else `invalid` with every mistake at once.
    public static func load(
        path: String, files: @escaping FileReader = Machine.readFile,
        environment: @escaping EnvironmentReader = Machine.variable
    ) throws(ConfigurationError) -> Policy {
        let bytes: [UInt8]
        do { bytes = try files(path) } catch { throw .unreadable(path: path, error) }
        return try read(bytes, path: path, files: files, environment: environment)
    }

    /// Reads the configuration in `bytes` as if it stood in the file at `path`.
    /// - Throws: `invalid` with every mistake at once.
    public static func read(
        _ bytes: [UInt8], path: String, files: @escaping FileReader, environment: @escaping EnvironmentReader
    ) throws(ConfigurationError) -> Policy {
        let mistakes = Mistakes(file: path)
        let reader = Reader(path: path, files: files, environment: environment, mistakes: mistakes)
        let parts = parts(of: bytes, reader)
        guard !mistakes.hasErrors else { throw .invalid(mistakes.sorted) }
        return Policy(parts, fingerprint: contentHash(bytes.span), warnings: mistakes.sorted)
    }

    private static func parts(of bytes: [UInt8], _ reader: Reader) -> Parts {
        guard let root = Document.read(bytes, noting: reader.mistakes) else { return Parts() }
        return reader.readRoot(Field(value: root, path: "", namePlace: .start, mistakes: reader.mistakes))
    }
}

/// What the sections read with. Each section is a file in `Sections/`: a table of its settings and a function that reads them.
struct Reader {
    let path: String
    let files: FileReader
    let environment: EnvironmentReader
    let mistakes: Mistakes

    /// A path of the file as a path from the working folder: relative ones are relative to the configuration file.
    func resolved(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
        return self.path[...slash] + path
    }

    /// A non-empty path.
    func readPath(_ field: Field?) -> String? {
        guard let field, let text = field.text(or: "write a path") else { return nil }
        guard !text.isEmpty, !text.contains("\0") else {
            field.note("is no path", "write a path; relative ones are relative to this file")
            return nil
        }
        return resolved(text)
    }

    /// The path of a PEM file that can be read and has a block of the kind `block` names (`CERTIFICATE`, `PRIVATE KEY`).
    func readPEMPath(_ field: Field?, block: String) -> String? {
        guard let field, let path = readPath(field) else { return nil }
        do throws(FileProblem) {
            let text = String(decoding: try files(path), as: UTF8.self)
            let hasBlock = text.split(separator: "\n").contains {
                $0.hasPrefix("-----BEGIN ") && $0.contains("\(block)-----")
            }
            if hasBlock { return path }
            field.note(
                "\(shown(path)) has no PEM block \"\(block)\"",
                "name a PEM file that begins with -----BEGIN ... \(block)-----")
        } catch {
            field.note("\(shown(path)): \(error.description)", "relative paths are relative to this file")
        }
        return nil
    }
}
