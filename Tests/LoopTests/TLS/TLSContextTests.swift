import Foundation
import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

/// A certificate and key that can be replaced, as a renewal does.
struct Renewable {
    let folder: URL
    var certificate: String { folder.appending(path: "server.pem").path }
    var key: String { folder.appending(path: "server.key").path }

    init() throws {
        folder = Certificates.shared.folder.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try copy(Certificates.shared.server)
    }

    func renew() throws { try copy(Certificates.shared.renewed) }
    func spoil() throws { try write("no certificate", to: certificate) }

    private func copy(_ identity: Certificates.Identity) throws {
        for (from, to) in [(identity.certificate, certificate), (identity.key, key)] {
            try write(String(contentsOfFile: from, encoding: .utf8), to: to)
        }
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}

@Suite("TLS contexts: files that cannot be used") struct TLSContextTests {
    static let made = Certificates.shared

    private func failure(certificate: String, key: String) -> TLSSetupError? {
        do throws(TLSSetupError) {
            _ = try TLSContext.server(certificateFile: certificate, keyFile: key)
            return nil
        } catch { return error }
    }

    private func file(_ text: String) throws -> String {
        let path = Self.made.folder.appending(path: UUID().uuidString).path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test("files that are missing or something else are named")
    func files() throws {
        let made = Self.made
        #expect(
            failure(certificate: "/no/such.pem", key: made.server.key)
                == .unreadable(file: "/no/such.pem", reason: "No such file or directory"))
        #expect(
            failure(certificate: made.server.certificate, key: "/no/such.key")
                == .unreadable(file: "/no/such.key", reason: "No such file or directory"))
        #expect(
            failure(certificate: "/tmp", key: made.server.key)
                == .unreadable(file: "/tmp", reason: "Is a directory"))
        #expect(
            failure(certificate: made.server.key, key: made.server.key)
                == .notPEM(file: made.server.key, wanted: "certificate"))
        #expect(
            failure(certificate: made.server.certificate, key: made.server.certificate)
                == .notPEM(file: made.server.certificate, wanted: "private key"))
        let empty = try file("")
        #expect(failure(certificate: empty, key: made.server.key) == .notPEM(file: empty, wanted: "certificate"))
        let broken = try file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        guard case .unusable(broken, _) = failure(certificate: broken, key: made.server.key) else {
            Issue.record("a broken certificate passes")
            return
        }
    }

    @Test("a key of another certificate, an encrypted key, a key of another kind")
    func keys() throws {
        let made = Self.made
        #expect(
            failure(certificate: made.server.certificate, key: made.renewed.key)
                == .keyMismatch(certificate: made.server.certificate, key: made.renewed.key))
        let encrypted = try made.encryptedKey()
        #expect(failure(certificate: made.server.certificate, key: encrypted) == .encryptedKey(file: encrypted))
        let rsa = try made.rsaKey()
        #expect(
            failure(certificate: made.server.certificate, key: rsa)
                == .keyMismatch(certificate: made.server.certificate, key: rsa))
    }

    @Test("a server's certificate that is not valid today")
    func dates() {
        let made = Self.made
        #expect(
            failure(certificate: made.expired.certificate, key: made.expired.key)
                == .expired(
                    file: made.expired.certificate, subject: "CN=expired.example", notAfter: "2021-01-01T00:00:00Z"))
        #expect(
            failure(certificate: made.future.certificate, key: made.future.key)
                == .notYetValid(
                    file: made.future.certificate, subject: "CN=future.example", notBefore: "2099-01-01T00:00:00Z"))
    }

    @Test("roots")
    func roots() throws {
        #expect(throws: TLSSetupError.unreadable(file: "/no/ca.pem", reason: "No such file or directory")) {
            try TLSContext.client(caFile: "/no/ca.pem")
        }
        let key = Self.made.server.key
        #expect(throws: TLSSetupError.notPEM(file: key, wanted: "certificate")) { try TLSContext.client(caFile: key) }
        _ = try TLSContext.client(caFile: nil)
    }

    @Test("the facts of the own certificate are readable")
    func facts() throws {
        let certificate = try #require(testServer().certificate)
        #expect(certificate.issuer == "CN=Weir test authority")
        #expect(certificate.notBefore == "2020-01-01T00:00:00Z")
        #expect(certificate.notAfter == "2099-01-01T00:00:00Z")
    }
}

@Suite("SHA-256 (FIPS 180-4)") struct SHA256Tests {
    @Test(
        "known digests",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func known(text: String, digest: String) {
        let made = Digest256(sha256: Array(text.utf8).span)
        #expect(made.description == digest)
        #expect(Digest256(hexadecimal: digest) == made)
        #expect(Digest256(hexadecimal: digest.uppercased()) == made)
    }

    @Test(
        "what is no digest",
        arguments: ["", "ab", String(repeating: "g", count: 64), String(repeating: "0", count: 65)])
    func invalid(text: String) { #expect(Digest256(hexadecimal: text) == nil) }

    @Test("a difference in any word counts")
    func differences() {
        let zero = Digest256(words: (0, 0, 0, 0))
        #expect(zero == Digest256(words: (0, 0, 0, 0)))
        for other in [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1 << 63, 0), (0, 0, 0, 2)]
            as [(UInt64, UInt64, UInt64, UInt64)]
        {
            #expect(zero != Digest256(words: other))
        }
    }
}
