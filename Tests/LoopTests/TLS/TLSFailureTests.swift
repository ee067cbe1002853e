import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

@Suite("TLS: what is refused, and what it is called") struct TLSFailureTests {
    static let made = Certificates.shared

    /// The client's error, and the server's once it has what the client sent.
    private func failures(
        client: TLSContext? = nil, server: TLSContext? = nil, name: String = "localhost",
        pieces: TLSPair.Pieces = .whole
    ) throws -> (client: TLSError?, server: TLSError?) {
        let pair = try TLSPair(
            client: client ?? testClient(), server: server ?? testServer(), name: name, pieces: pieces)
        do throws(TLSError) { try pair.exchange() } catch {}
        do throws(TLSError) { try pair.exchange() } catch {}
        do throws(TLSError) { try pair.exchange() } catch {}
        return (error(of: pair.client), error(of: pair.server))
    }

    private func error(of session: TLSSession) -> TLSError? {
        if case .failed(let error) = session.phase { return error }
        return nil
    }

    @Test(
        "names and addresses of the certificate are accepted",
        arguments: [
            "localhost", "LOCALHOST", "api.example", "api.example.", "a.wild.example", "127.0.0.1", "::1",
        ])
    func rightHost(name: String) throws {
        let pair = try TLSPair(client: testClient(), server: testServer(), name: name)
        try pair.exchange()
        #expect(pair.client.phase == .open)
    }

    @Test(
        "others are not",
        arguments: [
            "example", "wild.example", "a.b.wild.example", "server.example", "127.0.0.2", "::2", "api.example.com",
        ])
    func wrongHost(name: String) throws {
        let names =
            "DNS:localhost, DNS:api.example, DNS:*.wild.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"
        let failures = try failures(name: name)
        #expect(failures.client == .wrongHost(wanted: name, names: names))
        guard case .alert = failures.server else {
            Issue.record("the server was not told: \(String(describing: failures.server))")
            return
        }
    }

    @Test("names that cannot be", arguments: ["", ".", "a\0b", String(repeating: "a", count: 300)])
    func impossibleNames(name: String) throws {
        let context = try testClient()
        #expect(throws: TLSError.self) { try TLSSession(client: context, serverName: name) }
    }

    @Test("certificates out of their time, unknown issuers, self-signed ones")
    func certificates() throws {
        let made = Self.made
        // A server refuses such a certificate at start, so the program openssl has to show it.
        for (identity, expected) in [
            (made.expired, TLSError.expired(subject: "CN=expired.example", notAfter: "2021-01-01T00:00:00Z")),
            (made.future, .notYetValid(subject: "CN=future.example", notBefore: "2099-01-01T00:00:00Z")),
            (made.stranger, .unknownIssuer(subject: "CN=stranger.example", issuer: "CN=Nobody's authority")),
            (made.selfSigned, .selfSigned(subject: "CN=self-signed.example")),
        ] {
            let program = try OpenSSLServer(identity)
            defer { program.stop() }
            let error = try #require(throws: TLSError.self) {
                _ = try program.request("GET / HTTP/1.0\r\n\r\n", client: testClient())
            }
            #expect(error == expected)
            #expect(error.isRejectedCertificate)
        }
    }

    @Test("a client with a certificate as its only root accepts it")
    func pinned() throws {
        let context = try TLSContext.client(caFile: Self.made.selfSigned.certificate)
        let failures = try failures(client: context, server: testServer(Self.made.selfSigned))
        #expect(failures.client == nil)
        #expect(failures.server == nil)
    }

    @Test("the system's roots do not accept a private authority")
    func systemRoots() throws {
        let failures = try failures(client: TLSContext.client(caFile: nil))
        #expect(
            failures.client == .unknownIssuer(subject: "CN=server.example", issuer: "CN=Weir test authority"))
        #expect(failures.server == .alert(code: 48, name: "unknown CA"))
        #expect("\(failures.client!)".contains("ca_file"))
    }

    @Test("every failure of the handshake is the same byte by byte")
    func byteByByte() throws {
        #expect(
            try failures(name: "example", pieces: .of(1)).client
                == failures(name: "example").client)
    }

    @Test(
        "a request in plain HTTP is answered in plain HTTP",
        arguments: [
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "POST /v1/chat/completions HTTP/1.1\r\n\r\n",
            "DELETE / HTTP/1.1\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\n\r\n", "CONNECT a:443 HTTP/1.1\r\n\r\n",
        ], [1, 3, 1_000])
    func plainRequest(request: String, size: Int) throws {
        let session = try TLSSession(server: testServer())
        var plain = ByteBuffer()
        var out = ByteBuffer()
        let error = feed(Array(request.utf8), to: session, size: size, &plain, &out)
        #expect(error == .plainHTTP)
        #expect(plain.count == 0)
        #expect(String(decoding: Array(copying: out), as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
    }

    @Test("a plain HTTP server is recognised by the client")
    func plainServer() throws {
        let session = try TLSSession(client: testClient(), serverName: "localhost")
        var plain = ByteBuffer()
        var out = ByteBuffer()
        try session.start(into: &out)
        let error = feed(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), to: session, size: 7, &plain, &out)
        #expect(error == .plainHTTP)
    }

    @Test("garbage ends in an error, at both ends, and is not kept")
    func garbage() throws {
        let (client, server) = (try testClient(), try testServer())
        for seed in UInt64(0)..<300 {
            var bytes = [UInt8](count: 2_000, seed: seed)
            if seed % 3 == 0 { bytes.replaceSubrange(0..<5, with: [22, 3, 1, UInt8(seed % 64), bytes[4]]) }
            if seed % 6 == 0 { bytes[5] = seed % 12 == 0 ? 1 : 2 }
            for session in [TLSSession(server: server), try TLSSession(client: client, serverName: "localhost")] {
                var plain = ByteBuffer()
                var out = ByteBuffer()
                try session.start(into: &out)
                out.removeAll()
                var error: TLSError?
                for _ in 0..<100 where error == nil {
                    error = feed(bytes, to: session, size: Int(seed) + 1, &plain, &out)
                }
                #expect(error != nil, "seed \(seed)")
                #expect(plain.count == 0)
                #expect(out.count < 1_000)
            }
        }
    }

    @Test("a flipped bit anywhere in handshake or record never passes", arguments: TLSSessionTests.versions)
    func flippedBits(version: TLSVersion) throws {
        let (client, server) = (try testClient(newest: version), try testServer())
        for position in stride(from: 0, to: 120, by: 1) {
            let pair = try TLSPair(client: client, server: server, name: "api.example")
            try pair.exchange()
            try pair.clientSends("the bytes that were sent, and not others")
            var wire = Array(copying: pair.toServer)
            guard position < wire.count else { break }
            wire[position] ^= 1 << UInt8(position % 8)
            let server = pair.server
            let error = feed(wire, to: server, size: wire.count, &pair.atServer, &pair.toClient)
            // A longer length leaves it waiting for the rest.
            #expect(error != nil || (position == 3 || position == 4))
            #expect(pair.atServer.count == 0)
        }
    }

    @Test("ciphers or versions that are not shared")
    func nothingShared() throws {
        let session = try TLSSession(server: testServer())
        // A hello of TLS 1.1: record and client version 3.2, one old cipher, no extensions.
        let hello: [UInt8] =
            [22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2] + [UInt8](repeating: 7, count: 32) + [0, 0, 2, 0, 0x2F, 1, 0]
        var plain = ByteBuffer()
        var out = ByteBuffer()
        let error = feed(hello, to: session, size: hello.count, &plain, &out)
        #expect(error == .protocolFailure(reason: "unsupported protocol"))
        #expect(Array(copying: out).starts(with: [21, 3]), "an alert")
    }

    private func feed(
        _ bytes: [UInt8], to session: TLSSession, size: Int, _ plain: inout ByteBuffer, _ out: inout ByteBuffer
    ) -> TLSError? {
        var at = 0
        while at < bytes.count {
            let end = min(at + size, bytes.count)
            do throws(TLSError) {
                _ = try session.receive(bytes.span.extracting(at..<end), plaintext: &plain, out: &out)
            } catch {
                return error
            }
            at = end
        }
        return nil
    }
}
