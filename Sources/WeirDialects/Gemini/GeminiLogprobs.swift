internal import WeirBase
internal import WeirWire

/// `logprobsResult` in OpenAI's form: `[{"token","logprob","bytes":null,"top_logprobs":[...]}]`.
enum GeminiLogprobs {
    private struct Token {
        var token: ByteRange?
        var logprob: ByteRange?
    }

    /// - Returns: nil if no token has been chosen.
    static func translate(_ data: Span<UInt8>, _ range: ByteRange) throws(JSONError) -> RawJSON? {
        var chosen: [Token] = []
        var top: [[Token]] = []
        let result = data.extracting(range.bounds)
        _ = try JSONPlace.root(result).members(result) { (name, value) throws(JSONError) in
            switch name {
            case Name.chosenCandidates: return try tokens(result, value, &chosen)
            case Name.topCandidates:
                return try value.elements(result) { (step) throws(JSONError) in
                    var candidates: [Token] = []
                    let end = try step.members(result) { (name, value) throws(JSONError) in
                        guard name == Name.candidates else { return try value.skip(result) }
                        return try tokens(result, value, &candidates)
                    }
                    top.append(candidates)
                    return end
                }
            default: return try value.skip(result)
            }
        }
        guard !chosen.isEmpty else { return nil }
        var out = ByteBuffer(capacity: 64 * chosen.count)
        out.append("[")
        for (step, token) in chosen.enumerated() {
            write(token, result, &out)
            out.beginMember("top_logprobs")
            out.append("[")
            for candidate in step < top.count ? top[step] : [] {
                write(candidate, result, &out)
                out.append("}")
            }
            out.append("]}")
        }
        out.append("]")
        return RawJSON(out.span, ByteRange(start: 0, end: out.count))
    }

    private static func tokens(
        _ data: Span<UInt8>, _ list: JSONPlace, _ tokens: inout [Token]
    ) throws(JSONError) -> Int {
        try list.elements(data) { (element) throws(JSONError) in
            var token = Token()
            let end = try element.members(data) { (name, value) throws(JSONError) in
                let range = try value.range(data)
                if name == Name.token, value.kind == .string { token.token = range }
                if name == Name.logProbability, value.kind == .number { token.logprob = range }
                return Int(range.end)
            }
            tokens.append(token)
            return end
        }
    }

    /// Appends a token, its object still open. Protocol buffers leave out what is 0 or empty.
    private static func write(_ token: Token, _ data: Span<UInt8>, _ out: inout ByteBuffer) {
        out.beginElement()
        out.append(#"{"token":"#)
        if let text = token.token { out.append(data, text) } else { out.append(#""""#) }
        out.beginMember("logprob")
        if let logprob = token.logprob { out.append(data, logprob) } else { out.append("0") }
        out.beginMember("bytes")
        out.append("null")
    }

    private enum Name {
        static let chosenCandidates: ShortName = "chosenCandidates"
        static let topCandidates: ShortName = "topCandidates"
        static let candidates: ShortName = "candidates"
        static let token: ShortName = "token"
        static let logProbability: ShortName = "logProbability"
    }
}
