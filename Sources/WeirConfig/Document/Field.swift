import WeirBase

/// A value with the setting that it belongs to: what the sections read from, and where they note what is wrong with it.
struct Field {
    let value: Value
    let path: String
    /// Where the setting's name stands; in a list, where the value begins.
    let namePlace: Place
    let mistakes: Mistakes

    var place: Place { value.place }

    /// Notes that the value is wrong.
    func note(_ message: String, _ cure: String) { mistakes.add(at: place, path, message, cure) }
    func warn(_ message: String, _ cure: String) { mistakes.add(.warning, at: place, path, message, cure) }

    /// The value as a text, or a mistake. It is not shown in the mistake: only the setting's reader knows whether it may be.
    func text(or cure: String) -> String? {
        switch value.content {
        case .text(let text): return text
        case .nothing: note("has no value", cure)
        case .list: note("is a list, but one value is expected", cure)
        case .map: note("is a map, but one value is expected", cure)
        }
        return nil
    }

    /// The values of a list that has at least one, or a mistake.
    func list(or cure: String) -> [Field]? {
        switch value.content {
        case .list(let values) where !values.isEmpty: return elements(values)
        case .list: note("is an empty list", cure)
        case .nothing: note("has no value", cure)
        case .text, .map: note("is not a list", cure)
        }
        return nil
    }

    func elements(_ values: [Value]) -> [Field] {
        values.enumerated().map { index, value in
            Field(value: value, path: "\(path)[\(index)]", namePlace: value.place, mistakes: mistakes)
        }
    }

    /// The entries of a map whose names are the writer's own (providers, models, teams), at least one, or a mistake.
    func entries(or cure: String) -> [(name: String, field: Field)]? {
        switch value.content {
        case .map(let entries) where !entries.isEmpty: return entries.map { ($0.name, field(of: $0)) }
        case .map: note("is empty", cure)
        case .nothing: note("has no value", cure)
        case .text, .list: note("is not a map", cure)
        }
        return nil
    }

    func field(of entry: Value.Entry) -> Field {
        Field(value: entry.value, path: joined(path, entry.name), namePlace: entry.namePlace, mistakes: mistakes)
    }

    /// Reads a text with `parse`, which gives `nil` for what it does not understand.
    func parsed<Result>(as form: String, example: String, _ parse: (String) -> Result?) -> Result? {
        guard let text = text(or: "write \(form), such as \(example)") else { return nil }
        if let result = parse(text) { return result }
        note("\(quoted(text)) is not \(form)", "write for example \(example)")
        return nil
    }

    /// A whole number within `bounds`.
    func number(in bounds: ClosedRange<Int>) -> Int? {
        let example = "\(bounds.lowerBound)"
        guard let number = parsed(as: "a whole number", example: example, decimalNumber) else { return nil }
        return checked(number, in: bounds) { "\($0)" }
    }

    /// A size within `bounds`, in bytes.
    func size(in bounds: ClosedRange<Int>) -> Int? {
        guard let bytes = parsed(as: "a size", example: "64KiB or 8MiB", parseSize) else { return nil }
        return checked(bytes, in: bounds, shown: sizeText)
    }

    /// A duration within `bounds`.
    func duration(in bounds: ClosedRange<TimeSpan>) -> TimeSpan? {
        guard let span = parsed(as: "a duration", example: "250ms, 2s, 10m or 1h", parseDuration) else { return nil }
        return checked(span, in: bounds, shown: durationText)
    }

    private func checked<Number: Comparable>(
        _ number: Number, in bounds: ClosedRange<Number>, shown: (Number) -> String
    ) -> Number? {
        if bounds.contains(number) { return number }
        let (low, high) = (shown(bounds.lowerBound), shown(bounds.upperBound))
        note("\(shown(number)) is too \(number < bounds.lowerBound ? "small" : "large")", "write \(low) to \(high)")
        return nil
    }

    /// One of a few words.
    func word(of words: [String], what: String) -> String? {
        guard let text = text(or: "write \(alternatives(words))") else { return nil }
        if words.contains(text) { return text }
        let cure = suggestion(for: text, among: words).map { "write \"\($0)\"" } ?? "write \(alternatives(words))"
        note("\(quoted(text)) is no \(what) of this version", cure)
        return nil
    }
}

/// `"a", "b" or "c"`.
func alternatives(_ words: [String]) -> String {
    let words = words.map { "\"\($0)\"" }
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or \(last)"
}
