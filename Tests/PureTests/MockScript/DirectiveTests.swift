import Testing
import WeirBase
import WeirMockScript

@Suite("Directives of the mock") struct DirectiveTests {
    private func read(_ body: String, defaults: Directive = Directive()) throws -> Directive {
        let bytes = Array(body.utf8)
        return try Directive.read(from: bytes.span, defaults: defaults)
    }

    @Test("every key sets its field") func keys() throws {
        let directive = try Directive(
            "seed=7 events=32 bytes=24 first=50ms gap=10us burst=2 status=429 retry-after=2 cut=3 stall=4 error=5 garbage=sse "
                + "tool=get_weather calls=2 json input=100 output=200 cached=10 reasoning=20 dimensions=8 usage=off close close-delimited "
                + "slow-head crlf comments split=1")
        var expected = Directive()
        expected.seed = 7
        expected.events = 32
        expected.bytesPerEvent = 24
        expected.first = .milliseconds(50)
        expected.gap = .microseconds(10)
        expected.burst = 2
        expected.status = 429
        expected.retryAfter = 2
        expected.cut = 3
        expected.stall = 4
        expected.errorAfter = 5
        expected.garbage = .sse
        expected.tool = "get_weather"
        expected.calls = 2
        expected.isJSON = true
        expected.inputTokens = 100
        expected.outputTokens = 200
        expected.cachedTokens = 10
        expected.reasoningTokens = 20
        expected.dimensions = 8
        expected.omitsUsage = true
        expected.closes = true
        expected.closeDelimited = true
        expected.slowHead = true
        expected.crlf = true
        expected.comments = true
        expected.split = 1
        #expect(directive == expected)
    }

    static let bodies: [(String, Int)] = [
        (##"{"content":"#mock events=3"}"##, 3),
        (##"{"content":"first line\n#mock events=4\nlast line"}"##, 4),
        (##"{"a":"#mock events=5","b":"#mock events=6"}"##, 6),
        (##"{"content":"#mocked events=7"}"##, 16),
        (##"{"content":"mock events=7"}"##, 16),
        ("#mock", 16), ("#mock   events=8  ", 8), ("#moc", 16), ("", 16), ("#mock events=9\r\n", 9),
        (##"#mock events=1 \"quoted\""##, 1),
    ]
    @Test("the last one in a body counts and ends with its line or string", arguments: bodies)
    func finding(body: String, events: Int) throws {
        #expect(try read(body).events == events)
    }

    @Test("what a directive leaves out comes from the defaults") func defaults() throws {
        var defaults = Directive()
        defaults.gap = .seconds(1)
        let directive = try read("#mock events=2", defaults: defaults)
        #expect(directive.gap == .seconds(1) && directive.events == 2)
    }

    static let mistakes: [(String, DirectiveError)] = [
        ("event=3", .unknownKey("event")),
        ("events=", .badValue(key: "events", value: "")),
        ("events", .badValue(key: "events", value: "")),
        ("events=-1", .badValue(key: "events", value: "-1")),
        ("events=+1", .badValue(key: "events", value: "+1")),
        ("events=999999999999", .badValue(key: "events", value: "999999999999")),
        ("gap=10", .badValue(key: "gap", value: "10")),
        ("gap=10m", .badValue(key: "gap", value: "10m")),
        ("gap=9999s", .badValue(key: "gap", value: "9999s")),
        ("status=99", .badValue(key: "status", value: "99")),
        ("garbage=body", .badValue(key: "garbage", value: "body")),
        ("tool=a\"b", .badValue(key: "tool", value: "a\"b")),
        ("usage=maybe", .badValue(key: "usage", value: "maybe")),
        ("split=0", .badValue(key: "split", value: "0")),
    ]
    @Test("mistakes are refused with key and value", arguments: mistakes)
    func refusals(settings: String, error: DirectiveError) {
        #expect(throws: error) { try Directive(settings) }
    }
}
