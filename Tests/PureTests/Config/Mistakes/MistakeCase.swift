import Testing

/// A configuration and what is said of it, as `line:column: setting: what is wrong; what to write`. The tables of these cases, a file a section,
/// are the specification of the wording, made to be read.
struct MistakeCase: Sendable, CustomTestStringConvertible {
    let text: String
    let expected: [String]
    var testDescription: String { expected.first ?? text }

    init(text: String, _ expected: String...) {
        self.text = text
        self.expected = expected
    }

    init(
        version: String? = nil, listen: String? = nil, providers: String? = nil, models: String? = nil,
        keys: String? = nil, more: String? = nil, _ expected: String...
    ) {
        var fixture = ConfigFixture()
        if let version { fixture.version = version }
        if let listen { fixture.listen = listen }
        if let providers { fixture.providers = providers }
        if let models { fixture.models = models }
        if let keys { fixture.keys = keys }
        if let more { fixture.more = more }
        text = fixture.text
        self.expected = expected
    }
}
