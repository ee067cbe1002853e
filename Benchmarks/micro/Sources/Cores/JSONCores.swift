import WeirBase
import WeirWire

extension Core {
    static let json: [Core] = [
        Core("json/members-1k") { iterations in findMembers(iterations, in: Texts.request(promptBytes: 1024)) },
        Core("json/members-16k") { iterations in findMembers(iterations, in: Texts.request(promptBytes: 16 * 1024)) },
    ]

    /// Finds the members of a request body that the gateway reads.
    private static func findMembers(_ iterations: Int, in body: [UInt8]) {
        let body = hidden(body)
        let wanted = hidden([
            ShortName("model"), ShortName("stream"), ShortName("stream_options"), ShortName("max_tokens"),
        ])
        for _ in 0..<iterations {
            guard let members = try? JSONScanner.members(of: body.span, wanted: wanted) else {
                preconditionFailure("the body is valid JSON")
            }
            keep(members)
        }
    }
}
