import Testing

@Suite("mistakes of a configuration: syntax") struct SyntaxMistakeTests {
    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let cases: [MistakeCase] = [
        MistakeCase(
            more: "limits: {headers: 8",
            "7:1: this is not valid YAML: did not find expected ',' or '}', while parsing a flow mapping that begins in line 6; close the map with }, and put quotes around a text that has { or } in it"
        ),
        MistakeCase(
            more: "limits: [headers",
            "7:1: this is not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 6; close the list with ], and put quotes around a text that has [ or ] in it"
        ),
        MistakeCase(
            more: "data: \"open",
            "6:12: this is not valid YAML: found unexpected end of stream; close the quotes"),
        MistakeCase(
            more: "data: a: b",
            "6:8: this is not valid YAML: mapping values are not allowed in this context; put quotes around a text that has \": \" in it, or check the indentation"
        ),
        MistakeCase(
            more: "\tdata: x",
            "6:1: this is not valid YAML: found character that cannot start any token; indent with spaces, not tabs, and put quotes around a text that begins with @, ` or %"
        ),
        MistakeCase(
            more: "data: @x",
            "6:7: this is not valid YAML: found character that cannot start any token; indent with spaces, not tabs, and put quotes around a text that begins with @, ` or %"
        ),
        MistakeCase(
            more: "data: \"\\q\"",
            "6:8: this is not valid YAML: found unknown escape character; write \\\\ for a backslash, or use single quotes"
        ),
        MistakeCase(
            more: "teams: {t: {models: [*]}}",
            "6:23: this is not valid YAML: did not find expected alphabetic or numeric character; put quotes around a text that begins with \"*\" or \"&\""
        ),
        MistakeCase(
            more: "teams: {t: {models: [*-mini]}}",
            "6:22: this is not valid YAML: found undefined alias; put quotes around a text that begins with \"*\""),
        MistakeCase(
            more: "limits:\n  headers: 8\n drain: 3s",
            "8:2: this is not valid YAML: did not find expected key, while parsing a block mapping that begins in line 1; check indentation and quotes here and in the line before"
        ),
        MistakeCase(
            more: "data",
            "7:1: this is not valid YAML: could not find expected ':', while scanning a simple key that begins in line 6; write \"name: value\", with a space after the colon"
        ),
        MistakeCase(
            listen: "listen: [::]:8080",
            "2:10: this is not valid YAML: did not find expected node content; put quotes around a text that begins with \":\" or \"[\", such as an address"
        ),
        MistakeCase(
            text: "version: 1\ndata: a\u{7}b",
            "2:8: the control character U+7 is not allowed; remove it"),
        MistakeCase(
            more: "? [a]\n: b",
            "6:3: a name is expected here, not a list or map; write \"name: value\""),
        MistakeCase(
            more: "data: !env A\nlimits: !map {drain: !!str 1s, headers: ! 8}",
            "6:7: data: tags have no meaning here; remove the word that begins with \"!\"",
            "7:9: limits: tags have no meaning here; remove the word that begins with \"!\""),
        MistakeCase(
            more: "access_log: &a off\nloops: *a",
            "6:13: loops: \"off\" is no number of loops; write auto or 1 to 256"),
        MistakeCase(
            more: "limits: {<<: *x}",
            "6:14: this is not valid YAML: found undefined alias; put quotes around a text that begins with \"*\""),
    ]
}
