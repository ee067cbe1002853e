import Testing

@Suite("mistakes of a configuration: settings of the server") struct RootMistakeTests {
    @Test("version, data, loops, access log", arguments: versionDataLoopsAccessLogCases)
    func versionDataLoopsAccessLog(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let versionDataLoopsAccessLogCases: [MistakeCase] = [
        MistakeCase(
            version: "version: 2",
            "1:10: version: \"2\" is no version of this file's form; write \"version: 1\""),
        MistakeCase(
            version: "version: \"one\"",
            "1:10: version: \"one\" is no version of this file's form; write \"version: 1\""),
        MistakeCase(
            version: "",
            "1:1: \"version\" is missing; add \"version: 1\""),
        MistakeCase(
            more: "data: \"\"",
            "6:7: data: is no path; write a path; relative ones are relative to this file"),
        MistakeCase(
            more: "data: [a]",
            "6:7: data: is a list, but one value is expected; write a path"),
        MistakeCase(
            more: "loops: many",
            "6:8: loops: \"many\" is no number of loops; write auto or 1 to 256"),
        MistakeCase(
            more: "loops: 0",
            "6:8: loops: \"0\" is no number of loops; write auto or 1 to 256"),
        MistakeCase(
            more: "loops: 257",
            "6:8: loops: \"257\" is no number of loops; write auto or 1 to 256"),
        MistakeCase(
            more: "access_log: stdot",
            "6:13: access_log: \"stdot\" is no place for the log; did you mean \"stdout\"?"),
        MistakeCase(
            more: "access_log: file",
            "6:13: access_log: \"file\" is no place for the log; write stdout, stderr, off or a path such as ./access.log"
        ),
        MistakeCase(
            more: "access_log: ~",
            "6:13: access_log: has no value; write stdout, stderr, off or a path"),
    ]

    @Test("quantities", arguments: quantitiesCases)
    func quantities(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let quantitiesCases: [MistakeCase] = [
        MistakeCase(
            more: "limits: {head_bytes: 1KB}",
            "6:22: limits.head_bytes: \"1KB\" is not a size; write for example 64KiB or 8MiB"),
        MistakeCase(
            more: "limits: {head_bytes: 1023}",
            "6:22: limits.head_bytes: 1023 is too small; write 1KiB to 1MiB"),
        MistakeCase(
            more: "limits: {body_bytes: 2GiB}",
            "6:22: limits.body_bytes: 2GiB is too large; write 1KiB to 1GiB"),
        MistakeCase(
            more: "limits: {body_bytes: -1}",
            "6:22: limits.body_bytes: \"-1\" is not a size; write for example 64KiB or 8MiB"),
        MistakeCase(
            more: "limits: {headers: 1e3}",
            "6:19: limits.headers: \"1e3\" is not a whole number; write for example 8"),
        MistakeCase(
            more: "limits: {headers: 7}",
            "6:19: limits.headers: 7 is too small; write 8 to 1024"),
        MistakeCase(
            more: "limits: {drain: 30}",
            "6:17: limits.drain: \"30\" is not a duration; write for example 250ms, 2s, 10m or 1h"),
        MistakeCase(
            more: "limits: {drain: 2h}",
            "6:17: limits.drain: 2h is too large; write 0s to 1h"),
        MistakeCase(
            more: "limits: {head_timeout: 50ms}",
            "6:24: limits.head_timeout: 50ms is too small; write 100ms to 5m"),
        MistakeCase(
            more: "limits: {head_timeout: 1.5s}",
            "6:24: limits.head_timeout: \"1.5s\" is not a duration; write for example 250ms, 2s, 10m or 1h"),
        MistakeCase(
            more: "limits: {idle_timeout: 9999999999999h}",
            "6:24: limits.idle_timeout: \"9999999999999h\" is not a duration; write for example 250ms, 2s, 10m or 1h"),
        MistakeCase(
            more: "limits: {connections: 99999999999999999999}",
            "6:23: limits.connections: \"99999999999999999999\" is not a whole number; write for example 1"),
    ]
}
