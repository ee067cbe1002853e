import Testing
import WeirBase

@testable import WeirBudget

@Suite("the bundled price table") struct BundledTableTests {
    let table = PriceTable.bundled()

    @Test("is valid in all its parts")
    func valid() throws {
        let checked = try PriceTable(json: table.bytes)
        #expect(checked.providers.count == table.providers.count)
        #expect(table.providers.reduce(0) { $0 + table.models(of: $1).count } > 2_000)
    }

    @Test(
        "knows a model by the names that people use",
        arguments: [
            ("openai", "gpt-4o-2024-11-20", "gpt-4o"), ("OpenAI", "GPT-4O", "gpt-4o"),
            ("openai", "gpt-5-mini-20250807", "gpt-5-mini"),
            ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"), ("azure", "gpt-4o-mini", "gpt-4o-mini"),
            ("google", "gemini-2.5-flash", "gemini-2.5-flash"), ("azure-openai", "gpt-4o", "gpt-4o"),
        ])
    func names(provider: String, model: String, id: String) throws {
        let provider = try #require(table.provider(named: provider))
        #expect(table.find(model, of: provider)?.id == id)
    }

    @Test("does not know what nobody sells")
    func unknown() throws {
        let openai = try #require(table.provider(named: "openai"))
        #expect(table.find("gpt-nonsense", of: openai) == nil)
        #expect(table.find("", of: openai) == nil)
        #expect(table.find(String(repeating: "gpt-4o", count: 100), of: openai) == nil)
        #expect(table.provider(named: "nobody") == nil)
    }

    @Test("every model is found by its own id, or an earlier one takes the name")
    func ownIDs() {
        for provider in table.providers {
            let models = table.models(of: provider)
            for (index, model) in models.enumerated() where index % 7 == 0 {
                let found = table.find(model.id, of: provider)
                let place = models.firstIndex { $0.id == found?.id } ?? .max
                #expect(found == nil || place <= index, "\(provider.id)/\(model.id)")
            }
        }
    }

    @Test(
        "knows a provider by the address of its API",
        arguments: [
            ("https://api.openai.com/v1", "openai"), ("https://api.anthropic.com", "anthropic"),
            ("https://x.openai.azure.com", "azure"),
            ("https://generativelanguage.googleapis.com", "google"),
            ("https://bedrock-runtime.us-east-1.amazonaws.com", "aws"),
            ("https://api.groq.com/openai/v1", "groq"), ("https://openrouter.ai/api/v1", "openrouter"),
            ("http://127.0.0.1:8000/v1", nil),
        ])
    func addresses(url: String, id: String?) { #expect(table.provider(baseURL: url)?.id == id) }

    @Test(
        "guesses the provider from a model's name",
        arguments: [
            ("gpt-4o", "openai"), ("o3", "openai"), ("claude-opus-4-1", "anthropic"), ("gemini-2.5-pro", "google"),
            ("nonsense", nil),
        ])
    func guesses(model: String, id: String?) { #expect(table.provider(ofModel: model)?.id == id) }

    @Test("a model without a known rate is not free")
    func unpriced() throws {
        let copilot = try #require(table.provider(named: "github-copilot"))
        let tariff = Tariff(try #require(table.find("gpt-4o", of: copilot)))
        #expect(tariff.bill(Usage(), at: 1_790_000_000) == .unpriced(.input))
        #expect(tariff.bound(WorstCase(inputTokens: 1, outputTokens: 1), at: 1_790_000_000) == nil)
    }
}

@Suite("price tables from outside") struct PriceTableTests {
    private func table(_ model: String) throws(PriceTableError) -> PriceTable {
        let text =
            #"{"format":1,"unit":"pico-USD","as_of":"2026-11","sources":[],"providers":[{"id":"p","name":"P","url_regex":"https://p","models":["#
            + model + "]}]}"
        return try PriceTable(json: Array(text.utf8))
    }

    private func reason(_ model: String) -> PriceTableError.Reason? {
        do throws(PriceTableError) {
            _ = try table(model)
            return nil
        } catch { return error.reason }
    }

    @Test(
        "what is wrong in a model is told",
        arguments: [
            (#"{}"#, .missing),
            (#"{"id":"m","match":{"equals":"m"}}"#, .missing),
            (#"{"id":"m","match":{"equals":"m"},"prices":[]}"#, .missing),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{"inputs":1}}]}"#, .rate),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{"input":-1}}]}"#, .amount),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{"input":1.5}}]}"#, .amount),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{"input":9007199254740992}}]}"#, .amount),
            (
                #"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{"input":{"base":1,"tiers":[{"above":5,"rate":1},{"above":5,"rate":1}]}}}]}"#,
                .tiers
            ),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"from":"2026-02-30","rates":{}}]}"#, .date),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"daily_utc":["24:00","01:00"],"rates":{}}]}"#, .daily),
            (
                #"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{}}],"variants":[{"when":{"mood":"good"},"rates":{}}]}"#,
                .context
            ),
            (#"{"id":"m","match":{"like":"m"},"prices":[{"rates":{}}]}"#, .rule),
            (#"{"id":"m","match":{"regex":"(a"},"prices":[{"rates":{}}]}"#, .regex),
            (#"{"id":"m","match":{"any":{}},"prices":[{"rates":{}}]}"#, .array),
            (#"{"id":"m","match":{"equals":7},"prices":[{"rates":{}}]}"#, .text),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{}}],"price":1}"#, .member),
            (
                #"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{}}]},{"id":"m","match":{"equals":"m"},"prices":[{"rates":{}}]}"#,
                .repeated
            ),
            (#"{"id":"m","match":{"equals":"m"},"prices":[{"rates":{}}]"#, .json),
            ("7", .object),
        ] as [(String, PriceTableError.Reason)])
    func mistakes(model: String, expected: PriceTableError.Reason) { #expect(reason(model) == expected) }

    @Test(
        "other files are no price table",
        arguments: ["{}", #"{"format":2,"unit":"pico-USD"}"#, #"{"format":1,"unit":"USD"}"#])
    func otherFiles(text: String) {
        #expect(throws: PriceTableError.self) { _ = try PriceTable(json: Array(text.utf8)) }
    }

    @Test(
        "rules hold as they say, whatever the case of letters",
        arguments: [
            (#"{"equals":"Ab"}"#, ["ab", "AB"], ["abc", "a", "xab"]),
            (#"{"prefix":"ab"}"#, ["ab", "ABC"], ["a", "xab"]),
            (#"{"suffix":"ab"}"#, ["ab", "xAB"], ["abc", "b"]),
            (#"{"contains":"ab"}"#, ["ab", "xabx"], ["a-b", ""]),
            (#"{"regex":"^a\\d{2}$"}"#, ["a12", "A34"], ["a1", "a123", "xa12"]),
            (
                #"{"any":[{"equals":"a"},{"all":[{"prefix":"b"},{"suffix":"c"}]}]}"#, ["a", "bc", "bxc"],
                ["b", "c", "ab"]
            ),
            (#"{"all":[{"any":[{"prefix":"a"},{"prefix":"b"}]},{"suffix":"z"}]}"#, ["az", "bz"], ["a", "cz"]),
        ] as [(String, [String], [String])])
    func rules(rule: String, yes: [String], no: [String]) throws {
        let table = try table(#"{"id":"m","match":"# + rule + #","prices":[{"rates":{"input":1}}]}"#)
        for name in yes { #expect(table.find(name, of: table.providers[0]) != nil, "\(name)") }
        for name in no { #expect(table.find(name, of: table.providers[0]) == nil, "\(name)") }
    }

    @Test(
        "a compact date is tried with dashes, where it can be one",
        arguments: [
            ("m-20260115", "m-2026-01-15"), ("m-20260115:x", "m-2026-01-15:x"), ("m-20260115-x", "m-2026-01-15-x"),
            ("m-20261315", nil),
            ("m-20260230", nil), ("m-202601150", nil), ("m20260115", nil), ("m-19260115", nil), ("-2026011", nil),
        ] as [(String, String?)])
    func dates(name: String, dashed: String?) {
        #expect(PriceTable.withDashedDates(Array(name.utf8)) == Array((dashed ?? name).utf8))
    }

    @Test("cutting a table anywhere or changing a byte never ends the program")
    func mutations() {
        let whole = Array(
            #"{"format":1,"unit":"pico-USD","as_of":"2026-11","providers":[{"id":"p","name":"P","url_regex":"a+(b|c)*$","models":[{"id":"m","match":{"any":[{"regex":"^a[^b]{2,3}(?!x)"}]},"prices":[{"daily_utc":["01:00","02:00"],"rates":{"input":{"base":1,"tiers":[{"above":1,"rate":2}]}}}],"variants":[{"when":{"speed":"fast"},"from":"2026-01-01","rates":{"output":3}}]}]}]}"#
                .utf8)
        #expect((try? PriceTable(json: whole)) != nil)
        for count in whole.indices { #expect((try? PriceTable(json: Array(whole[..<count]))) == nil) }
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5_000 {
            var bytes = whole
            bytes[.random(in: whole.indices, using: &random)] = .random(in: 0...255, using: &random)
            guard let table = try? PriceTable(json: bytes) else { continue }
            for provider in table.providers {
                _ = table.find("axxx", of: provider)
                for model in table.models(of: provider) { _ = Tariff(model).bill(Usage(), at: 0) }
            }
        }
    }
}

@Suite("regular expressions of price tables") struct NameRegexTests {
    @Test(
        "match as elsewhere",
        arguments: [
            ("abc", ["abc", "xabcx"], ["ab"]), ("^abc$", ["abc"], ["abcd", "xabc"]), ("a.c", ["abc", "a/c"], ["ac"]),
            ("a\\.c", ["a.c"], ["abc"]), ("^[^/]+/x", ["a/x"], ["/x", "a/b/x"]),
            ("^(?![^/]+/)(?:mi|code)stral", ["mistral", "codestral"], ["a/mistral"]),
            ("^o[134]", ["o1", "o3-mini"], ["o2"]), ("^x(-\\d{8})?$", ["x", "x-20260101"], ["x-2026"]),
            ("a{2,3}$", ["aa", "aaaa"], ["a"]),
            ("^(a|b)*c$", ["c", "ababc"], ["abd"]), ("^a?b+$", ["b", "abb"], ["a", "aab"]),
            ("(?:^|-)tts(?:$|-)", ["tts", "a-tts-1"], ["attsa"]),
            ("^[a-c-]+$", ["a-c"], ["d"]), ("^[\\d.]+$", ["1.2"], ["1,2"]), ("", ["", "a"], []),
            ("^(a*)*$", ["aaaa", ""], ["b"]),
        ] as [(String, [String], [String])])
    func matches(pattern: String, yes: [String], no: [String]) throws {
        let regex = try #require(NameRegex(Array(pattern.utf8)))
        for text in yes { #expect(regex.isFound(in: Array(text.utf8)), "\(pattern) in \(text)") }
        for text in no { #expect(!regex.isFound(in: Array(text.utf8)), "\(pattern) in \(text)") }
    }

    @Test(
        "other forms are refused, not misread",
        arguments: [
            "(", ")", "[a", "*a", "a**", "a{", "a{x}", "a{3,2}", "a{100}", "\\w", "\\b", "(?<=a)", "(?i)a", "a\\",
        ])
    func refused(pattern: String) { #expect(NameRegex(Array(pattern.utf8)) == nil, "\(pattern)") }

    @Test("a pattern that would backtrack for ever gives up", .timeLimit(.minutes(1)))
    func bounded() throws {
        let regex = try #require(NameRegex(Array("^(a|a|b)*c$".utf8)))
        #expect(!regex.isFound(in: Array(repeating: UInt8(ascii: "a"), count: 250)))
    }
}
