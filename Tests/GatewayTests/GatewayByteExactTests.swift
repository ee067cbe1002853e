import Foundation
import Synchronization
import Testing
import WeirBase
import WeirConfig
import WeirGateway
import WeirLoop
import WeirMockScript

/// What goes to a provider of the client's own API is what the client has sent, but for the model's name and the asking for usage: whatever is in it.
@Suite("Gateway: requests pass byte for byte") struct GatewayByteExactTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var path: String
        var dialect = "openai"
        /// `MODEL` stands for the name; `USAGE` for what is put in to ask for usage.
        var body: String
        var fields = ""
        var testDescription: String { "\(path) \(body.prefix(80))" }
    }

    /// Members that no two programs would spell alike.
    private static let odd = [
        #""big":12345678901234567890123,"float":1.10E+02,"neg":-0,"deep":[[[{"a":[]}]]]"#,
        " \"spaced\" : [ 1 ,\t2 ] , \"empty\" : { } ", #""esc":"\u00e9\ud83d\ude00\/\"\\","raw":"é😀/""#,
        #""unknown":{"model":"x","stream":true},"dup":1,"dup":2"#, #""nulls":[null,true,false],"z":1e400,"a":0.1"#,
    ]

    static let cases: [Case] = {
        var cases: [Case] = []
        for extra in odd {
            let messages = #""messages":[{"role":"user","content":"a"}]"#
            cases += [
                Case(path: "/v1/chat/completions", body: "{\(extra),\"model\":\"MODEL\",\(messages)}"),
                Case(
                    path: "/v1/chat/completions",
                    body: "{\"model\" : \"MODEL\" ,\"stream\":trueUSAGE,\(extra),\(messages)}"),
                Case(path: "/v1/responses", body: "{\"input\":\"a\",\(extra),\"model\":\"MODEL\",\"store\":false}"),
                Case(path: "/v1/completions", body: "{\(extra),\"model\":\"MODEL\",\"prompt\":[1,2]}"),
                Case(path: "/v1/embeddings", body: "\r\n{\"model\":\"MODEL\",\(extra),\"input\":[\"a\"]}\n"),
                Case(
                    path: "/v1/messages", dialect: "anthropic",
                    body: "{\(extra),\"max_tokens\":9,\(messages),\"model\":\"MODEL\"}",
                    fields: "anthropic-version: 2026-10-21\r\nanthropic-beta: a,b\r\n"),
                Case(
                    path: "/v1/messages", dialect: "anthropic",
                    body: "{\"model\":\"MODEL\",\"stream\":true,\(extra),\"max_tokens\":9,\(messages)}"),
                Case(
                    path: "/v1/messages/count_tokens", dialect: "anthropic",
                    body: "{\"model\":\"MODEL\",\(extra),\(messages)}"),
            ]
        }
        return cases
    }()

    @Test("body in is body out, by its hash", arguments: ["openai", "anthropic"])
    func exact(dialect: String) async throws {
        #expect(Self.cases.count == 40)
        let seen = Mutex("")
        var settings = Gate.Settings()
        settings.dialect = dialect
        settings.target = "up/quoted-model"
        settings.upstream = { connection in
            while let request = try? await readRequest(connection) {
                seen.withLock { $0 = request }
                let body = #"{"error":{"type":"invalid_request_error","message":"no"}}"#
                connection.withOutput {
                    $0.append(
                        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                }
            }
        }
        let configured = settings
        try await withGate(.epoll, configured) { gate in
            for test in Self.cases where test.dialect == dialect {
                let sent = test.body.replacingOccurrences(of: "MODEL", with: "m")
                    .replacingOccurrences(of: "USAGE", with: "")
                let wanted = test.body.replacingOccurrences(of: "MODEL", with: "quoted-model").replacingOccurrences(
                    of: "USAGE", with: #","stream_options":{"include_usage":true}"#)
                let answer = try await gate.post(test.path, sent, fields: test.fields)
                #expect(answer.status == 400, "\(test.body): \(answer.text)")
                let request = seen.withLock { $0 }
                let body = request.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
                #expect(SHA256.hex(Array(body.utf8).span) == SHA256.hex(Array(wanted.utf8).span), "\(body)")
                #expect(request.hasPrefix("POST \(test.path) HTTP/1.1\r\n"))
                if dialect == "anthropic" {
                    let version = test.fields.isEmpty ? "2023-06-01" : "2026-10-21"
                    #expect(request.contains("anthropic-version: \(version)\r\n"))
                    #expect(request.contains("x-api-key: \(Gate.credential)"))
                    #expect(test.fields.isEmpty || request.contains("anthropic-beta: a,b\r\n"))
                }
            }
        }
    }
}
