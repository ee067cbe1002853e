import WeirBase

/// How a client side of TLS is set up: what to trust, and whom the certificate must name.
public struct TLSClient: Sendable {
    public var context: TLSContext
    /// A host name or an IP address without brackets.
    public var serverName: String

    public init(context: TLSContext, serverName: String) {
        self.context = context
        self.serverName = serverName
    }
}

// TLS lies between the driver and the reader: what is received is decrypted into the unread bytes, and what was written in a turn is sealed
// when it is flushed. `sealed` holds what OpenSSL wants sent: records, handshake messages, alerts.
extension Connection {
    func acceptTLS(_ identity: TLSListenerIdentity) { tls = TLSSession(server: identity.current) }

    /// Shakes hands as the client. Ends when the server's certificate has been checked.
    func startTLS(_ client: TLSClient) async throws(ConnectionError) {
        let session: TLSSession
        do throws(TLSError) {
            session = try TLSSession(client: client.context, serverName: client.serverName)
            tls = session
            isShakingHands = true
            try withSealed { out throws(TLSError) in try session.start(into: &out) }
        } catch {
            let failure = ConnectionError.tls(error.description)
            close(because: failure, isReset: false)
            throw failure
        }
        markDirty()
        while session.phase == .handshaking {
            do throws(ConnectionError) {
                try await fill()
            } catch {
                if phase != .closed, phase != .finishing { close(because: error, isReset: false) }
                throw error
            }
        }
        isShakingHands = false
        if let ending { throw ending }
    }

    /// Decrypts what the driver received.
    func receivedCiphertext(_ bytes: Span<UInt8>, _ session: TLSSession) {
        let loop = loop
        let before = readCount
        do throws(TLSError) {
            let phase = try loop.withScratch { scratch throws(TLSError) in
                defer { if !scratch.isEmpty { appendUnread(scratch.span) } }
                return try withSealed { out throws(TLSError) in
                    try session.receive(bytes, plaintext: &scratch, out: &out)
                }
            }
            if phase == .peerClosed, ending == nil { peerHasClosed() }
        } catch {
            failTLS(error)
        }
        if !sealed.isEmpty { markDirty() }
        if readCount > before || isShakingHands { arrivals &+= 1 }
    }

    /// Lets TLS append to `sealed`. Memory that it allocates there goes to the pool in the end, and is counted as if it came from it.
    func withSealed<Result, Failure: Error>(
        _ use: (inout ByteBuffer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let wasEmpty = sealed.capacity == 0
        defer { if wasEmpty, sealed.capacity > 0 { loop.adoptBlock() } }
        return try use(&sealed)
    }

    private func peerHasClosed() {
        ending = .endOfStream
        abortCompanion()
        idlePool?.ended(self)
    }

    /// TLS has failed: the peer is told why, then the connection closes.
    private func failTLS(_ error: TLSError) {
        ending = .tls(error.description)
        let other = companion
        companion = nil
        arrivals &+= 1
        finish()
        other?.abort()
    }

    /// What the end of the socket's input means.
    func endOfTLSInput(_ session: TLSSession) -> ConnectionError {
        do throws(TLSError) {
            try session.endOfInput()
            return .endOfStream
        } catch {
            return error == .truncated ? .reset : .tls(error.description)
        }
    }

    /// Encrypts what was written.
    func sealOutgoing(_ session: TLSSession) {
        guard !outgoing.isEmpty else { return }
        if sealed.capacity == 0 { sealed = takeBuffer(outgoing.count + 256) }
        var plain = ByteBuffer()
        swap(&plain, &outgoing)
        do throws(TLSError) {
            try session.send(plain.span, into: &sealed)
        } catch {
            if ending == nil { ending = .tls(error.description) }
        }
        giveBuffer(plain)
    }
}
