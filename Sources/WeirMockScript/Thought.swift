import WeirBase

/// The signature of a thought: made from its text alone, so that the mock knows again what it signed without keeping anything. A client that
/// changes one byte of text or signature on the way back is found out.
public enum ThoughtSignature {
    /// The signature of `text`, UTF-8 without escapes: base64 of 26 bytes.
    public static func make(_ text: Span<UInt8>) -> String {
        var plain = ByteBuffer()
        plain.put("weir-mock:")
        let digits = String(stableHash(text, seed: seed), radix: 16)
        for _ in digits.utf8.count..<16 { plain.put("0") }
        plain.append(digits)
        var encoded = ByteBuffer()
        encoded.append(base64: plain.span)
        return WeirMockScript.text(encoded.span)
    }

    public static func make(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return make(bytes.span)
    }

    /// What a function call's signature covers: its name and the text of its arguments as the mock makes them.
    public static func makeForCall(of name: String, text: String) -> String { make("\(name)\n\(text)") }

    private static let seed: UInt64 = 0x7369_676E
}

extension Ask {
    /// Pieces of thought that a signed block of thinking holds: one a token, up to a bound, for a script may claim any number.
    var thoughtPieces: Int { thinks ? min(directive.reasoningTokens, 64) : 0 }

    /// The text of the thought: another choice of the content, so that it is never the answer's.
    var thought: Content {
        Content(seed: seed, choice: 1 << 20, pieces: thoughtPieces, bytesPerPiece: directive.bytesPerEvent)
    }

    func appendThoughtSignature(to buffer: inout ByteBuffer) {
        var text = ByteBuffer()
        thought.appendAll(as: .plain, to: &text)
        buffer.append(ThoughtSignature.make(text.span))
    }

    func appendCallSignature(of tool: String, _ content: Content, to buffer: inout ByteBuffer) {
        var text = ByteBuffer()
        content.appendAll(as: .plain, to: &text)
        buffer.append(ThoughtSignature.makeForCall(of: tool, text: WeirMockScript.text(text.span)))
    }
}
