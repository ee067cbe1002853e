import Testing
import WeirBase

@Suite("SHA-256 (FIPS 180-4) and HMAC (RFC 4231)") struct HMACTests {
    static let digests = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test("known digests", arguments: digests) func known(text: String, digest: String) {
        #expect(SHA256State.digest(Array(text.utf8).span).description == digest)
    }

    @Test("a million times 'a'") func million() {
        let digest = SHA256State.digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000).span)
        #expect(digest.description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("pieces make the digest of the whole, at every length about a block's end") func pieces() {
        for count in [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 121, 128] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            let whole = SHA256State.digest(bytes.span)
            for cut in 0...count {
                var state = SHA256State()
                state.update(Array(bytes[..<cut]).span)
                state.update(Array(bytes[cut...]).span)
                #expect(state.finish() == whole)
            }
        }
    }

    /// RFC 4231, section 4; case 5 is about codes cut short, which nobody here makes.
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            Array(repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            Array(repeating: 0xaa, count: 20), Array(repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), Array(repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            Array(repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            Array(repeating: 0xaa, count: 131),
            Array(
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."
                    .utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("codes of RFC 4231", arguments: codes)
    func known(key: [UInt8], message: [UInt8], code: String) {
        #expect(HMAC256(key: key.span).code(message.span).description == code)
    }

    @Test("a digest as the key is its 32 bytes as the key") func digestKey() {
        let digest = SHA256State.digest(Array("key".utf8).span)
        let bytes = stride(from: 0, to: 64, by: 2).map { at in
            let text = digest.description
            let start = text.index(text.startIndex, offsetBy: at)
            return UInt8(text[start..<text.index(start, offsetBy: 2)], radix: 16) ?? 0
        }
        let message = Array("message".utf8)
        #expect(HMAC256(digest).code(message.span) == HMAC256(key: bytes.span).code(message.span))
        var text = ByteBuffer()
        text.append(digest)
        #expect(String(decoding: (0..<text.count).map { text.span[$0] }, as: UTF8.self) == digest.description)
    }
}
