import Foundation
import Testing

@testable import WeirConfig

@Suite("docs/configuration.md") struct ReferenceTests {
    private var page: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/configuration.md")
            .standardizedFileURL
    }

    @Test("is what the tables of settings give (WEIR_UPDATE=1 rewrites it)")
    func isUpToDate() throws {
        let expected = ConfigurationReference.markdown()
        if ProcessInfo.processInfo.environment["WEIR_UPDATE"] == "1" {
            try expected.write(to: page, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == expected)
    }

    @Test("has an example that is a good configuration")
    func example() throws {
        let parts = ConfigurationReference.markdown().split(separator: "```")
        let yaml = try #require(parts.first { $0.hasPrefix("yaml\n") }).dropFirst(5)
        #expect(ConfigFixture.complaints(of: String(yaml)) == [])
    }

    @Test("names a setting once per section, and each default reads as it is written")
    func tables() {
        for section in ConfigurationReference.sections {
            let names = section.settings.map(\.name)
            #expect(Set(names).count == names.count, "\(section.path)")
            let aliases = section.settings.flatMap(\.aliases)
            #expect(Set(aliases).isDisjoint(with: names), "\(section.path)")
        }
        let limits = Policy.Limits()
        let timeouts = Policy.Timeouts()
        let defaults: [(table: [Setting], name: String, text: String)] = [
            (Reader.limitSettings, "head_bytes", sizeText(limits.headBytes)),
            (Reader.limitSettings, "headers", "\(limits.headers)"),
            (Reader.limitSettings, "body_bytes", sizeText(limits.bodyBytes)),
            (Reader.limitSettings, "head_timeout", durationText(limits.headTimeout)),
            (Reader.limitSettings, "idle_timeout", durationText(limits.idleTimeout)),
            (Reader.limitSettings, "connections", "\(limits.connections)"),
            (Reader.limitSettings, "output_tokens", "\(limits.outputTokens)"),
            (Reader.limitSettings, "drain", durationText(limits.drain)),
            (Reader.timeoutSettings, "connect", durationText(timeouts.connect)),
            (Reader.timeoutSettings, "first_byte", durationText(timeouts.firstByte)),
            (Reader.timeoutSettings, "idle", durationText(timeouts.idle)),
            (Reader.timeoutSettings, "total", durationText(timeouts.total)),
        ]
        for (table, name, text) in defaults { #expect(table.first { $0.name == name }?.fallback == text, "\(name)") }
    }
}
