import Testing
import WeirBase

@testable import WeirConfig

@Suite("values of a configuration") struct ValueTests {
    static let durations: [(text: String, nanoseconds: Int64?)] = [
        ("250ms", 250_000_000), ("2s", 2_000_000_000), ("10m", 600_000_000_000), ("1h", 3_600_000_000_000), ("0s", 0),
        ("1d", 86_400_000_000_000), ("3650d", 315_360_000_000_000_000), ("3651d", nil), ("", nil), ("s", nil),
        ("2", nil), ("2 s", nil),
        ("2S", nil), ("-2s", nil), ("+2s", nil), ("1.5s", nil), ("1h30m", nil), ("٢s", nil), ("999999999999999d", nil),
    ]
    @Test("durations", arguments: durations) func duration(text: String, nanoseconds: Int64?) {
        #expect(parseDuration(text)?.nanoseconds == nanoseconds)
    }

    static let sizes: [(text: String, bytes: Int?)] = [
        ("0", 0), ("65536", 65536), ("12B", 12), ("64KiB", 65536), ("8MiB", 8 << 20), ("2GiB", 2 << 30), ("", nil),
        ("KiB", nil),
        ("64KB", nil), ("64k", nil), ("64 KiB", nil), ("1.5MiB", nil), ("-1", nil), ("999999999999999GiB", nil),
    ]
    @Test("sizes", arguments: sizes) func size(text: String, bytes: Int?) { #expect(parseSize(text) == bytes) }

    @Test("quantities are written as they are read")
    func round() {
        for bytes in [0, 1, 1023, 1024, 1 << 20, 3 << 19, 1 << 30] { #expect(parseSize(sizeText(bytes)) == bytes) }
        for milliseconds: Int64 in [0, 1, 999, 1000, 60_000, 90_000, 3_600_000, 86_400_000] {
            #expect(parseDuration(durationText(.milliseconds(milliseconds))) == .milliseconds(milliseconds))
        }
    }

    static let addresses: [(text: String, canonical: String?)] = [
        ("127.0.0.1:8080", "127.0.0.1:8080"), (":8080", ":8080"), ("localhost:0", "127.0.0.1:0"), ("[::]:1", "[::]:1"),
        ("[2001:db8::1]:443", "[2001:db8::1]:443"), ("[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1"), ("", nil), (":", nil),
        ("127.0.0.1", nil), ("::1:80", nil), ("[::1]", nil), ("[::1:80", nil), ("[1::2::3]:80", nil),
        ("[1:2:3:4:5:6:7]:80", nil),
        ("[1:2:3:4:5:6:7:8]:80", "[1:2:3:4:5:6:7:8]:80"), ("[1:2:3:4:5:6:7:8:9]:80", nil), ("[::1%eth0]:80", nil),
        ("[12345::]:80", nil),
        ("256.0.0.1:1", nil), ("01.2.3.4:1", nil), ("1.2.3:1", nil), ("host:1", nil), ("1.2.3.4:+1", nil),
        ("1.2.3.4:65536", nil),
        ("[:::1]:80", nil), ("[1.2.3.4::]:80", nil),
    ]
    @Test("addresses", arguments: addresses) func address(text: String, canonical: String?) {
        #expect(ListenAddress(text)?.description == canonical)
    }

    static let urls: [(text: String, parts: String)] = [
        ("https://api.openai.com/v1", "tls api.openai.com 443 /v1 api.openai.com"), ("http://x", "plain x 80  x"),
        ("http://x:80/", "plain x 80  x"), ("https://x:80/a/b//", "tls x 80 /a/b x:80"),
        ("http://[::1]:8000/v1", "plain ::1 8000 /v1 [::1]:8000"),
        ("HTTP://A_b.C", "plain a_b.c 80  a_b.c"), ("http://127.0.0.1", "plain 127.0.0.1 80  127.0.0.1"),
        ("https://x/v1/a~b:c@d", "tls x 443 /v1/a~b:c@d x"), ("", "scheme"), ("x", "scheme"), ("//x", "scheme"),
        ("unix:/x", "scheme"),
        ("https:x", "scheme"), ("https://u@x", "userInfo"), ("https://u:p@x/", "userInfo"), ("https://x?a", "query"),
        ("https://x#a", "fragment"),
        ("https:///v1", "host"), ("https://-x", "host"), ("https://x.", "host"), ("https://1.2.3", "host"),
        ("https://x y", "host"),
        ("https://[::1]x", "port"), ("https://x:y", "port"), ("https://x:1:2", "port"), ("https://x/./y", "path"),
        ("https://x/%41", "path"),
        ("https://x/a\\b", "path"), ("https://x/\r\nA: b", "path"), ("https://[]", "host"),
    ]
    @Test("base URLs", arguments: urls) func url(text: String, parts: String) {
        do throws(BaseURL.Problem) {
            let url = try BaseURL(text)
            #expect(
                "\(url.isTLS ? "tls" : "plain") \(url.host) \(url.port) \(url.pathPrefix) \(url.hostHeader)" == parts)
        } catch { #expect("\(error)" == parts) }
    }

    static let patterns: [(pattern: String, name: String, fits: Bool)] = [
        ("gpt-4o", "gpt-4o", true), ("gpt-4o", "gpt-4o-mini", false), ("gpt-4o", "GPT-4o", false), ("*", "x", true),
        ("gpt-*", "gpt-", true),
        ("gpt-*", "gpt-4o", true), ("*-mini", "gpt-4o-mini", true), ("*-mini", "gpt-4o-mini-2", false),
        ("a*b*c", "aXXbYYbc", true),
        ("a*b*c", "aXXbYY", false), ("**", "x", true), ("a**b", "ab", true), ("a*a", "a", false),
        ("*aab", "aaaab", true), ("?", "x", false),
        ("*a*a*a*a*a*a*a*a*b", String(repeating: "a", count: 200), false),
    ]
    @Test("patterns", arguments: patterns) func pattern(pattern: String, name: String, fits: Bool) throws {
        #expect(try #require(Pattern(pattern)).matches(Array(name.utf8)) == fits)
    }

    static let guesses: [(written: String, meant: String?)] = [
        ("provders", "providers"), ("lisetn", "listen"), ("Models", "models"), ("x", nil), ("", nil), ("elephant", nil),
        ("keyss", "keys"),
    ]
    @Test("guesses", arguments: guesses) func guess(written: String, meant: String?) {
        #expect(suggestion(for: written, among: ["providers", "listen", "models", "keys"]) == meant)
    }
}
