internal import COpenSSL
public import WeirBase

// One TLS connection between a socket that somebody else reads and writes and a reader of plain bytes. Nothing here waits or knows a socket:
// received bytes go in, plain bytes and bytes to be sent come out, all in the caller's buffers. OpenSSL reads ciphertext where the caller
// received it and writes ciphertext where the caller sends from; it keeps the part of a record that is not complete, nothing else.

/// How far a TLS connection is.
public enum TLSPhase: Equatable, Sendable {
    /// Nothing can be sent yet.
    case handshaking
    case open
    /// The peer has said close_notify: no more plain bytes will come. Sending still works.
    case peerClosed
    /// Nothing works any more. What OpenSSL had to say to the peer (an alert) is in the output and should be sent.
    case failed(TLSError)
}

/// One connection's TLS. Stays on the thread of its connection.
///
/// Call `start` once, then `receive` for each read and `send` for each write; send whatever they append to their output, also after a throw.
@safe
public final class TLSSession {
    /// Room made for what a handshake sends; grows if that is not enough.
    private static let handshakeRoom = 2_048
    /// A record's header, explicit nonce and tag, at most (TLS 1.2 AES-GCM: 5 + 8 + 16).
    private static let recordOverhead = 32
    private static let recordBytes = 16_384

    let pointer: OpaquePointer
    private let window: UnsafeMutablePointer<weir_tls_window>
    private let context: TLSContext
    /// A client's: whom the certificate must name.
    private let serverName: String
    private var hasClosed = false
    private var rejection: TLSError?
    /// The first four bytes received, the first one lowest: they tell HTTP and others from TLS.
    private var firstBytes: UInt32 = 0
    private var firstCount = 0
    public private(set) var phase = TLSPhase.handshaking

    /// The server's end of a connection.
    public init(server context: TLSContext) {
        precondition(context.role == .server)
        self.context = context
        serverName = ""
        unsafe (pointer, window) = unsafe Self.make(context)
        unsafe SSL_set_accept_state(pointer)
    }

    /// The client's end of a connection to `serverName`, a host name or an IP address (IPv6 without brackets), which the server's certificate must
    /// name. Resumes the context's newest session with that name.
    /// - Throws: `protocolFailure` if that is no possible name.
    public init(client context: TLSContext, serverName: String) throws(TLSError) {
        precondition(context.role == .client)
        self.context = context
        self.serverName = serverName
        unsafe (pointer, window) = unsafe Self.make(context)
        guard unsafe Self.expect(serverName, of: pointer) else {
            throw .protocolFailure(reason: "\"\(serverName.prefix(80))\" is no host name or IP address")
        }
        unsafe SSL_set_ex_data(pointer, 0, Unmanaged.passUnretained(self).toOpaque())
        if let earlier = context.resumable(for: serverName) { unsafe SSL_set_session(pointer, earlier.pointer) }
        unsafe SSL_set_connect_state(pointer)
    }

    deinit {
        // Freed without this, OpenSSL would take the session for broken and forbid its resumption.
        unsafe SSL_set_shutdown(pointer, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        unsafe SSL_free(pointer)
        unsafe window.deallocate()
    }

    private static func make(_ context: TLSContext) -> (OpaquePointer, UnsafeMutablePointer<weir_tls_window>) {
        let window = UnsafeMutablePointer<weir_tls_window>.allocate(capacity: 1)
        unsafe window.initialize(to: weir_tls_window())
        guard let pointer = unsafe weir_tls_new(context.pointer, window) else {
            fatalError("no memory for a TLS session")
        }
        return unsafe (pointer, window)
    }

    private static func expect(_ serverName: String, of pointer: OpaquePointer) -> Bool {
        guard !serverName.isEmpty, !serverName.utf8.contains(0) else { return false }
        let rules = unsafe SSL_get0_param(pointer)
        defer { ERR_clear_error() }
        // An address is verified, but not sent as a name (RFC 6066, section 3).
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(rules, serverName) == 1 { return true }
        let name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
        unsafe X509_VERIFY_PARAM_set_hostflags(rules, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return unsafe !name.isEmpty && X509_VERIFY_PARAM_set1_host(rules, name, 0) == 1
            && weir_ssl_set_server_name(pointer, name) == 1
    }

    // MARK: - The life of a connection

    /// Begins the handshake: a client's first bytes go into `out`; a server waits for them.
    public func start(into out: inout ByteBuffer) throws(TLSError) {
        guard case .handshaking = phase else { return }
        try shakeHands(&out)
    }

    /// Takes what the socket received, in pieces of any size: goes on with the handshake, appends the plain bytes of all complete records to
    /// `plaintext` (at most `ciphertext.count` and one record) and what is to be sent to `out`.
    /// - Returns: the phase afterwards; plain bytes may have come together with the change of phase.
    /// - Throws: what ended the connection, again on each later call. `plaintext` has what came before, `out` an alert for the peer.
    public func receive(
        _ ciphertext: Span<UInt8>, plaintext: inout ByteBuffer, out: inout ByteBuffer
    ) throws(TLSError) -> TLSPhase {
        if case .failed(let error) = phase { throw error }
        if firstCount < 4 { noteFirst(ciphertext) }
        try unsafe ciphertext.withUnsafeBufferPointer { bytes throws(TLSError) in
            unsafe window.pointee.input = bytes.baseAddress
            unsafe window.pointee.input_count = bytes.count
            defer {
                unsafe window.pointee.input = nil
                unsafe window.pointee.input_count = 0
            }
            if case .handshaking = phase { try shakeHands(&out) }
            if case .open = phase { try decrypt(&plaintext, &out) }
        }
        return phase
    }

    /// Encrypts `plaintext` and appends the records to `out`.
    /// - Throws: `notOpen` before the handshake is finished or after `close`.
    public func send(_ plaintext: Span<UInt8>, into out: inout ByteBuffer) throws(TLSError) {
        switch phase {
        case .open, .peerClosed: break
        case .handshaking: throw .notOpen
        case .failed(let error): throw error
        }
        guard !hasClosed else { throw .notOpen }
        guard !plaintext.isEmpty else { return }
        let records = (plaintext.count + Self.recordBytes - 1) / Self.recordBytes
        var room = plaintext.count + records * Self.recordOverhead
        while true {
            let result = unsafe plaintext.withUnsafeBufferPointer { bytes in
                run(&out, room: room) { unsafe weir_tls_write(pointer, bytes.baseAddress, bytes.count) }
            }
            switch result {
            case weir_tls_done: return
            case weir_tls_wants_room: room = Self.handshakeRoom  // a key update went first
            default: throw fail(&out)
            }
        }
    }

    /// Appends close_notify to `out`, once; nothing can be sent afterwards. Before the handshake is finished there is nothing to say.
    public func close(into out: inout ByteBuffer) {
        guard !hasClosed else { return }
        hasClosed = true
        switch phase {
        case .open, .peerClosed: _ = run(&out, room: Self.recordOverhead * 2) { unsafe weir_tls_close(pointer) }
        case .handshaking, .failed: break
        }
        ERR_clear_error()
    }

    /// The socket has delivered its last byte.
    /// - Throws: `truncated` unless the peer said close_notify before.
    public func endOfInput() throws(TLSError) {
        switch phase {
        case .peerClosed: return
        case .failed(let error): throw error
        case .handshaking, .open:
            phase = .failed(.truncated)
            throw .truncated
        }
    }

    // MARK: - Steps

    /// Runs one call of OpenSSL that may send: into `out` if there is to be `room`, else a few bytes by way of the window's spill.
    @inline(__always)
    private func run(_ out: inout ByteBuffer, room: Int, _ call: () -> weir_tls_result) -> weir_tls_result {
        if room > 0 {
            let tail = unsafe out.tail(reserving: room)
            unsafe window.pointee.output = tail.baseAddress
            unsafe window.pointee.output_room = tail.count
        }
        let result = call()
        if room > 0 {
            unsafe out.commit(window.pointee.output_count)
            unsafe window.pointee.output = nil
            unsafe window.pointee.output_room = 0
            unsafe window.pointee.output_count = 0
        }
        if unsafe window.pointee.spill_count > 0 { takeSpill(&out) }
        return result
    }

    @inline(never)
    private func takeSpill(_ out: inout ByteBuffer) {
        unsafe withUnsafeBytes(of: &window.pointee.spill) { spill in
            unsafe out.append(
                Span(_unsafeElements: spill.bindMemory(to: UInt8.self)).extracting(first: window.pointee.spill_count))
        }
        unsafe window.pointee.spill_count = 0
    }

    private func shakeHands(_ out: inout ByteBuffer) throws(TLSError) {
        while true {
            switch run(&out, room: Self.handshakeRoom, { unsafe weir_tls_handshake(pointer) }) {
            case weir_tls_done:
                guard hasAcceptedProtocol else { throw fail(as: .noCommonProtocol) }
                phase = .open
                return
            case weir_tls_wants_input: return
            case weir_tls_wants_room: continue
            default: throw fail(&out)
            }
        }
    }

    private func decrypt(_ plaintext: inout ByteBuffer, _ out: inout ByteBuffer) throws(TLSError) {
        var outRoom = 0
        repeat {
            let room = unsafe min(max(window.pointee.input_count, 512), Self.recordBytes)
            let tail = unsafe plaintext.tail(reserving: room)
            var count = 0
            let result = run(&out, room: outRoom) {
                unsafe weir_tls_read(pointer, tail.baseAddress, tail.count, &count)
            }
            switch result {
            case weir_tls_done: unsafe plaintext.commit(count)
            case weir_tls_wants_input: return
            case weir_tls_wants_room: outRoom = Self.handshakeRoom
            case weir_tls_ended:
                phase = .peerClosed
                return
            default: throw fail(&out)
            }
        } while unsafe window.pointee.input_count > 0 || SSL_pending(pointer) > 0
    }

    // MARK: - Failures

    private func fail(as error: TLSError) -> TLSError {
        phase = .failed(error)
        return error
    }

    private func fail(_ out: inout ByteBuffer) -> TLSError {
        let code = weir_tls_take_error()
        if let rejection { return fail(as: rejection) }
        if case .handshaking = phase, let error = foreignSpeech {
            if error == .plainHTTP, context.role == .server { out.append(plainAnswer) }
            return fail(as: error)
        }
        return fail(as: TLSError(library: code))
    }

    private func noteFirst(_ ciphertext: Span<UInt8>) {
        for offset in ciphertext.indices where firstCount < 4 {
            firstBytes |= UInt32(ciphertext[offset]) << UInt32(8 * firstCount)
            firstCount += 1
        }
    }

    /// What the peer speaks if its first bytes are no TLS record (RFC 8446, section 5.1: type 22 or 21).
    private var foreignSpeech: TLSError? {
        guard firstCount > 0 else { return nil }
        let bytes = (0..<firstCount).map { UInt8(truncatingIfNeeded: firstBytes >> UInt32(8 * $0)) }
        if bytes[0] == 22 || bytes[0] == 21 { return nil }
        let isHTTP = bytes.prefix(3).allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return isHTTP ? .plainHTTP : .notTLS
    }

    private var hasAcceptedProtocol: Bool { selectedProtocol == nil || selectedProtocol == "http/1.1" }

    /// Called while OpenSSL verifies: keeps the first reason, with the certificate that gave it.
    static func noteRejection(_ store: OpaquePointer) {
        guard let pointer = unsafe weir_store_session(store), let session = unsafe owner(of: pointer),
            session.rejection == nil
        else { return }
        session.rejection = unsafe TLSError(rejection: store, wanted: session.serverName)
    }

    /// Called when the server gave a session to resume. Returns 1: the reference was taken.
    static func keepForResumption(_ pointer: OpaquePointer, _ resumable: OpaquePointer) -> CInt {
        guard let session = unsafe owner(of: pointer) else { return 0 }
        unsafe session.context.keep(resumable, for: session.serverName)
        return 1
    }

    private static func owner(of pointer: OpaquePointer) -> TLSSession? {
        guard let own = unsafe SSL_get_ex_data(pointer, 0) else { return nil }
        return unsafe Unmanaged<TLSSession>.fromOpaque(own).takeUnretainedValue()
    }
}

/// What a client that spoke plain HTTP to a TLS port is told, in its own language.
private let plainAnswer: StaticString =
    "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 38\r\nconnection: close\r\n\r\nThis port speaks TLS: use https://...\n"
