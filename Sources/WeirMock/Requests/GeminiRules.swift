import WeirMockScript

/// What Gemini refuses in a conversation though every member has its right shape (providers.md, section 5.1).
struct GeminiRules {
    /// As the path has it, without `models/`.
    let model: String
    let contents: [JSONValue]

    /// Stands for the signature of a call that no Gemini model made: the provider documents both.
    private static let dummySignatures = ["context_engineering_is_the_way_to_go", "skip_thought_signature_validator"]

    func check() throws(Refusal) {
        for (index, content) in contents.enumerated() { try check(content, index) }
        try checkResponses()
        try checkSignatures()
    }

    /// `^[a-zA-Z_][a-zA-Z0-9_.:-]*$`, at most 64 bytes.
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first == UInt8(ascii: "_") || Character(Unicode.Scalar(first)).isLetter
        else {
            return false
        }
        return isToolName(name, upTo: 64, also: ".:")
    }

    private func parts(_ content: JSONValue) -> [JSONValue] { content["parts"]?.elements ?? [] }

    private func check(_ content: JSONValue, _ index: Int) throws(Refusal) {
        let role = content["role"]?.string ?? "user"
        guard ["user", "model"].contains(role) else {
            throw GeminiReader.refusal("Please use a valid role: user, model.")
        }
        guard !parts(content).isEmpty else {
            throw GeminiReader.refusal(
                "* GenerateContentRequest.contents[\(index)].parts: contents.parts must not be empty.\n")
        }
        for (place, part) in parts(content).enumerated() {
            let path = "contents[\(index)].parts[\(place)]"
            if let data = part["inlineData"]?["data"]?.string, !isBase64(data) {
                throw GeminiReader.refusal(
                    "Invalid value at '\(path).inline_data.data' (TYPE_BYTES), Base64 decoding failed")
            }
            if let signature = part["thoughtSignature"]?.string, !isBase64(signature) {
                throw GeminiReader.refusal(
                    "Invalid value at '\(path).thought_signature' (TYPE_BYTES), Base64 decoding failed")
            }
            let name = part["functionCall"]?["name"]?.string ?? part["functionResponse"]?["name"]?.string
            if let name, !GeminiRules.isName(name) {
                throw GeminiReader.refusal("* GenerateContentRequest.\(path): Invalid function name.\n")
            }
            if part["functionCall"] != nil, role != "model" {
                throw GeminiReader.refusal("Please ensure that function call turns have the role model.")
            }
            if part["functionResponse"] != nil, role != "user" {
                throw GeminiReader.refusal("Please ensure that function response turns have the role user.")
            }
        }
    }

    /// As many responses as calls, in the turn right after them.
    private func checkResponses() throws(Refusal) {
        var calls = 0
        for content in contents {
            let responses = parts(content).count { $0["functionResponse"] != nil }
            guard responses == calls else {
                throw GeminiReader.refusal(
                    "Please ensure that the number of function response parts is equal to the number of function call parts "
                        + "of the function call turn.")
            }
            calls = parts(content).count { $0["functionCall"] != nil }
        }
        guard calls == 0 else {
            throw GeminiReader.refusal(
                "Please ensure that a function call turn is followed by a function response turn.")
        }
    }

    /// The first call of each step of the turn at hand brings its signature back, and no signature was changed.
    private func checkSignatures() throws(Refusal) {
        guard model.hasPrefix("gemini-3") else { return }
        let turn =
            contents.lastIndex { content in
                (content["role"]?.string ?? "user") == "user"
                    && !parts(content).contains { $0["functionResponse"] != nil }
            } ?? 0
        for (index, content) in contents.enumerated() {
            var isFirst = true
            for (place, part) in parts(content).enumerated() {
                guard let call = part["functionCall"] else { continue }
                let name = call["name"]?.string ?? ""
                if let signature = part["thoughtSignature"]?.string {
                    let text = call["args"]?["text"]?.string ?? ""
                    guard
                        signature == ThoughtSignature.makeForCall(of: name, text: text)
                            || GeminiRules.dummySignatures.contains(signature)
                    else { throw GeminiReader.refusal("Thought signature is not valid.") }
                } else if isFirst, index > turn {
                    throw GeminiReader.refusal(
                        "Function call is missing a thought_signature in functionCall parts. This is required for tools to "
                            + "work correctly. Additional data, function call `\(name)`, position \(index).\(place).")
                }
                isFirst = false
            }
        }
    }
}

/// Whether `text` is base64 in either alphabet, its padding there or not (what a proto parser takes).
func isBase64(_ text: String) -> Bool {
    var bytes = Array(text.utf8)
    while bytes.last == UInt8(ascii: "=") { bytes.removeLast() }
    return bytes.count % 4 != 1
        && bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
}
