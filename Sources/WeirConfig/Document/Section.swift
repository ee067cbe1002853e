/// A map whose names are known: it is opened against a table of settings, which reports what is unknown, misspelt, missing or not yet
/// supported; then its settings are taken by name.
struct Section {
    let field: Field
    private let fields: [String: Field]
    private let settings: [Setting]

    /// Opens `field` as a section; `nil` and a mistake if it is no map.
    init?(_ field: Field, _ settings: [Setting]) {
        let names = settings.filter { $0.standing != .later }.map(\.name)
        let example = names.first.map { "\"\($0): ...\"" } ?? "name: value"
        guard case .map(let entries) = field.value.content else {
            let subject = field.path.isEmpty ? "the file " : ""
            var problem = "is not a map of settings"
            if case .nothing = field.value.content { problem = "has no value" }
            field.note(subject + problem, "write \(example); known here: \(names.joined(separator: ", "))")
            return nil
        }
        var fields: [String: Field] = [:]
        var meant = Set<String>()
        for entry in entries {
            let entryField = field.field(of: entry)
            switch settings.first(where: { $0.name == entry.name })?.standing {
            case .required, .optional: fields[entry.name] = entryField
            case .later: entryField.noteUnsupported()
            case nil: if let guess = entryField.noteUnknown(entry.name, settings) { meant.insert(guess) }
            }
        }
        for setting in settings where setting.standing == .required && fields[setting.name] == nil {
            if meant.contains(setting.name) { continue }  // it is there, misspelt: one mistake, not two
            field.noteMissing(setting)
        }
        self.field = field
        self.fields = fields
        self.settings = settings
    }

    /// The setting `name`, `nil` if it is not written (a mistake if it is required, which is already noted).
    subscript(name: String) -> Field? {
        assert(settings.contains { $0.name == name && $0.standing != .later }, "\(name) is in no table of settings")
        return fields[name]
    }
}

extension Field {
    /// Notes that the contract has this setting but this version does not.
    func noteUnsupported() {
        mistakes.add(at: namePlace, path, "is not supported by this version of weir", "remove it")
    }

    /// Returns which setting was probably meant.
    fileprivate func noteUnknown(_ name: String, _ settings: [Setting]) -> String? {
        let names = settings.filter { $0.standing != .later }.map(\.name)
        let alias = settings.first { $0.aliases.contains(name.lowercased()) }?.name
        let meant = alias ?? suggestion(for: name, among: names)
        let cure = meant.map { "did you mean \"\($0)\"?" } ?? "known here: \(names.joined(separator: ", "))"
        mistakes.add(at: namePlace, path, "unknown setting", cure)
        return meant
    }

    fileprivate func noteMissing(_ setting: Setting) {
        let isLiteral = setting.type.hasPrefix("`") && setting.type.hasSuffix("`") && !setting.type.contains(" ")
        let type = setting.type.replacing("`", with: "")
        let cure = isLiteral ? "add \"\(setting.name): \(type)\"" : "add \"\(setting.name): ...\" (\(type))"
        mistakes.add(at: namePlace, path, "\"\(setting.name)\" is missing", cure)
    }
}
