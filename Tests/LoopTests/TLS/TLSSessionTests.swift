import Dispatch
import Synchronization
import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

func testServer(
    _ identity: Certificates.Identity = Certificates.shared.server, newest: TLSVersion = .v13
) throws -> TLSContext {
    try TLSContext.server(certificateFile: identity.certificate, keyFile: identity.key, newest: newest)
}

func testClient(newest: TLSVersion = .v13) throws -> TLSContext {
    try TLSContext.client(caFile: Certificates.shared.authority, newest: newest)
}

@Suite("TLS sessions over memory") struct TLSSessionTests {
    static let versions = [TLSVersion.v12, .v13]

    @Test("a handshake agrees on version, cipher, name and http/1.1", arguments: versions)
    func handshake(version: TLSVersion) throws {
        let pair = try TLSPair(client: testClient(), server: testServer(newest: version), name: "api.example")
        #expect(pair.client.phase == .handshaking)
        try pair.exchange()
        #expect(pair.client.phase == .open)
        #expect(pair.server.phase == .open)
        #expect(pair.client.version == (version == .v13 ? "TLSv1.3" : "TLSv1.2"))
        #expect(pair.server.cipher == (version == .v13 ? "TLS_AES_128_GCM_SHA256" : "ECDHE-ECDSA-AES128-GCM-SHA256"))
        #expect(pair.server.requestedName == "api.example")
        #expect(pair.client.selectedProtocol == "http/1.1")
        #expect(pair.server.selectedProtocol == "http/1.1")
        #expect(!pair.client.isResumed)
        #expect(pair.client.peerCertificate?.subject == "CN=server.example")
        #expect(pair.server.peerCertificate == nil)
    }

    @Test("bytes arrive however the ciphertext is cut", arguments: versions, [1, 2, 3, 5, 7, 64, 1_000])
    func pieces(version: TLSVersion, size: Int) throws {
        let pair = try TLSPair(client: testClient(newest: version), server: testServer(), pieces: .of(size))
        try pair.exchange()
        try pair.clientSends("hello")
        try pair.clientSends("")
        try pair.clientSends(" server")
        try pair.serverSends("hello client")
        try pair.exchange()
        #expect(pair.serverText == "hello server")
        #expect(pair.clientText == "hello client")
    }

    @Test("a record cut anywhere in two", arguments: versions)
    func everyCut(version: TLSVersion) throws {
        let pair = try TLSPair(client: testClient(newest: version), server: testServer())
        try pair.exchange()
        var cut = 1
        var wireCount = Int.max
        while cut < wireCount {
            try pair.clientSends("cut me")
            let wire = Array(copying: pair.toServer)
            pair.toServer.removeAll()
            wireCount = wire.count
            pair.atServer.removeAll()
            _ = try pair.server.receive(
                wire.span.extracting(..<cut), plaintext: &pair.atServer, out: &pair.toClient)
            #expect(pair.atServer.count == 0)
            _ = try pair.server.receive(
                wire.span.extracting(cut...), plaintext: &pair.atServer, out: &pair.toClient)
            #expect(pair.serverText == "cut me")
            cut += 1
        }
    }

    @Test("a megabyte each way in random pieces", arguments: versions, [UInt64(1), 2])
    func large(version: TLSVersion, seed: UInt64) throws {
        let pair = try TLSPair(
            client: testClient(newest: version), server: testServer(), pieces: .random(SeededRandom(seed: seed)))
        try pair.exchange()
        let up = [UInt8](count: 1 << 20, seed: seed)
        let down = [UInt8](count: 1 << 20, seed: seed + 100)
        try pair.clientSends(up)
        try pair.serverSends(down)
        try pair.exchange()
        #expect(Array(copying: pair.atServer) == up)
        #expect(Array(copying: pair.atClient) == down)
    }

    @Test("a request that comes with the client's last handshake bytes is delivered")
    func early() throws {
        let pair = try TLSPair(client: testClient(), server: testServer())
        try pair.deliverToServer()
        try pair.deliverToClient()
        #expect(pair.client.phase == .open)
        #expect(pair.server.phase == .handshaking)
        try pair.clientSends("GET / HTTP/1.1\r\n\r\n")
        try pair.deliverToServer()
        #expect(pair.serverText == "GET / HTTP/1.1\r\n\r\n")
    }

    @Test("the second connection resumes the first", arguments: versions)
    func resumption(version: TLSVersion) throws {
        let client = try testClient(newest: version)
        let server = try testServer()
        for round in 0..<3 {
            let pair = try TLSPair(client: client, server: server)
            try pair.exchange()
            #expect(pair.client.isResumed == (round > 0))
            #expect(pair.server.isResumed == (round > 0))
            try pair.serverSends("round \(round)")
            try pair.exchange()
            #expect(pair.clientText == "round \(round)")
        }
        let other = try TLSPair(client: client, server: server, name: "api.example")
        try other.exchange()
        #expect(!other.client.isResumed, "sessions belong to a name")
    }

    @Test("threads share contexts and the sessions kept in them", arguments: versions)
    func sharedContexts(version: TLSVersion) throws {
        let client = try testClient(newest: version)
        let server = try testServer()
        let finished = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 100) { round in
            do {
                let pair = try TLSPair(
                    client: client, server: server, name: round % 2 == 0 ? "localhost" : "api.example")
                try pair.exchange()
                try pair.clientSends("round \(round)")
                try pair.exchange()
                if pair.serverText == "round \(round)" { finished.add(1, ordering: .relaxed) }
            } catch { Issue.record(error) }
        }
        #expect(finished.load(ordering: .relaxed) == 100)
    }

    @Test("a connection that was cut does not forbid resumption", arguments: versions)
    func resumptionAfterCut(version: TLSVersion) throws {
        let client = try testClient(newest: version)
        let server = try testServer()
        do {
            let pair = try TLSPair(client: client, server: server)
            try pair.exchange()
            expectTruncation(pair.client)
        }
        let pair = try TLSPair(client: client, server: server)
        try pair.exchange()
        #expect(pair.client.isResumed)
    }

    @Test("a reloaded certificate is for new connections; open ones go on, resumption falls back to a full handshake")
    func reload() throws {
        let files = try Renewable()
        let identity = try TLSListenerIdentity(certificateFile: files.certificate, keyFile: files.key)
        let client = try testClient()
        let old = try TLSPair(client: client, server: identity.current)
        try old.exchange()
        try files.renew()
        try identity.reload()
        #expect(identity.current.certificate?.subject == "CN=renewed.example")
        let new = try TLSPair(client: client, server: identity.current)
        try new.exchange()
        #expect(!new.client.isResumed)
        #expect(new.client.peerCertificate?.subject == "CN=renewed.example")
        try old.serverSends("still here")
        try old.exchange()
        #expect(old.clientText == "still here")
        try files.spoil()
        #expect(throws: TLSSetupError.self) { try identity.reload() }
        #expect(identity.current.certificate?.subject == "CN=renewed.example")
    }

    @Test("close_notify ends one direction and leaves the other open", arguments: versions)
    func closing(version: TLSVersion) throws {
        let pair = try TLSPair(client: testClient(newest: version), server: testServer())
        try pair.exchange()
        try pair.clientSends("last words")
        pair.clientCloses()
        pair.clientCloses()
        let client = pair.client
        #expect(throws: TLSError.notOpen) {
            var out = ByteBuffer()
            try client.send([1].span, into: &out)
        }
        try pair.exchange()
        #expect(pair.serverText == "last words")
        #expect(pair.server.phase == .peerClosed)
        try pair.server.endOfInput()
        try pair.serverSends("answer")
        pair.serverCloses()
        try pair.exchange()
        #expect(pair.clientText == "answer")
        #expect(pair.client.phase == .peerClosed)
        try pair.client.endOfInput()
    }

    @Test("an end without close_notify is truncation, in the handshake, too")
    func truncation() throws {
        expectTruncation(try TLSSession(server: testServer()))
        let pair = try TLSPair(client: testClient(), server: testServer())
        try pair.exchange()
        try pair.serverSends("cut short")
        pair.toClient.truncate(to: pair.toClient.count - 1)
        try pair.exchange()
        #expect(pair.clientText == "")
        expectTruncation(pair.client)
        #expect(pair.client.phase == .failed(.truncated))
    }

    private func expectTruncation(_ session: TLSSession) {
        #expect(throws: TLSError.truncated) { try session.endOfInput() }
    }

    @Test("sending before the handshake is finished is refused")
    func tooEarly() throws {
        let server = try TLSSession(server: testServer())
        var out = ByteBuffer()
        #expect(throws: TLSError.notOpen) { try server.send([1].span, into: &out) }
        server.close(into: &out)
        #expect(out.count == 0)
    }

    @Test("records cost no allocation in OpenSSL once a connection is warm", arguments: versions)
    func allocations(version: TLSVersion) throws {
        let pair = try TLSPair(client: testClient(newest: version), server: testServer())
        try pair.exchange()
        let record = [UInt8](count: 1_200, seed: 3)
        var counted: UInt64 = 0
        for round in 0..<200 {
            if round == 100 { counted = TLSStatistics.allocations }
            try pair.clientSends(record)
            try pair.serverSends(record)
            try pair.exchange()
        }
        #expect(TLSStatistics.allocations == counted)
    }
}
