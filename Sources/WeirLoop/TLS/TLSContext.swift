internal import COpenSSL
internal import Synchronization

// What Weir asks of TLS, in both roles, on one page: versions 1.2 and 1.3; forward secrecy and authenticated encryption only; no compression, no
// renegotiation, no early data; http/1.1 by ALPN; resumption by tickets (a server keeps nothing, a client keeps one session a server name). A
// context never changes: another certificate is another context (`TLSListenerIdentity`).

/// The versions that Weir speaks (RFC 5246, RFC 8446).
public enum TLSVersion: Sendable { case v12, v13 }

/// Certificates, roots and rules that many sessions on any thread share.
@safe
public final class TLSContext: @unchecked Sendable {  // an SSL_CTX that is set up may be shared
    enum Role { case server, client }

    let role: Role
    let pointer: OpaquePointer
    /// A server's own certificate.
    public let certificate: TLSCertificate?
    private let sessions: Mutex<[String: ResumableSession]>

    deinit { unsafe SSL_CTX_free(pointer) }

    private init(
        _ role: Role, newest: TLSVersion, configure: (OpaquePointer) throws(TLSSetupError) -> TLSCertificate?
    ) throws(TLSSetupError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method()) else {
            throw .library(reason: takeLibraryReason())
        }
        do throws(TLSSetupError) {
            try unsafe Self.applyRules(to: context, newest: newest)
            certificate = unsafe try configure(context)
        } catch {
            unsafe SSL_CTX_free(context)
            ERR_clear_error()
            throw error
        }
        ERR_clear_error()
        self.role = role
        unsafe pointer = context
        sessions = Mutex([:])
    }

    /// For a listener that shows the first certificate of `certificateFile` (PEM; the issuers' follow it) and owns the key in `keyFile` (PEM).
    /// - Throws: what is wrong with the files; also when the certificate is not valid today.
    public static func server(
        certificateFile: String, keyFile: String, newest: TLSVersion = .v13
    ) throws(TLSSetupError) -> TLSContext {
        try unsafe TLSContext(.server, newest: newest) { context throws(TLSSetupError) in
            let certificate = unsafe try loadIdentity(into: context, certificateFile: certificateFile, keyFile: keyFile)
            unsafe weir_ctx_select_http11(context)
            unsafe weir_ctx_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))  // tickets carry the state
            let name: StaticString = "weir"
            unsafe SSL_CTX_set_session_id_context(context, name.utf8Start, UInt32(name.utf8CodeUnitCount))
            unsafe SSL_CTX_set_num_tickets(context, 1)
            return certificate
        }
    }

    /// For calls to servers whose certificate must lead to a root in `caFile` (PEM, one or more; only these count) or, without it, to one of the
    /// system's: SSL_CERT_FILE and SSL_CERT_DIR, else OpenSSL's own places.
    public static func client(caFile: String?, newest: TLSVersion = .v13) throws(TLSSetupError) -> TLSContext {
        try unsafe TLSContext(.client, newest: newest) { context throws(TLSSetupError) in
            unsafe try loadRoots(into: context, caFile: caFile)
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { isFine, store in
                if isFine == 0, let store = unsafe store { unsafe TLSSession.noteRejection(store) }
                return isFine
            }
            let offer: StaticString = "\u{8}http/1.1"
            unsafe SSL_CTX_set_alpn_protos(context, offer.utf8Start, UInt32(offer.utf8CodeUnitCount))
            unsafe weir_ctx_set_session_cache_mode(
                context, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
            unsafe SSL_CTX_sess_set_new_cb(context) { session, resumable in
                guard let session = unsafe session, let resumable = unsafe resumable else { return 0 }
                return unsafe TLSSession.keepForResumption(session, resumable)
            }
            return nil
        }
    }

    private static func applyRules(to context: OpaquePointer, newest: TLSVersion) throws(TLSSetupError) {
        unsafe weir_ctx_set_versions(context, TLS1_2_VERSION, newest == .v13 ? TLS1_3_VERSION : TLS1_2_VERSION)
        unsafe SSL_CTX_set_options(
            context,
            TLSOptions.noRenegotiation | TLSOptions.noCompression | TLSOptions.cipherServerPreference
                | TLSOptions.prioritizeChaCha)
        // Buffers are given back between records; a send that grew its room may come back with its bytes elsewhere.
        unsafe weir_ctx_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        guard unsafe SSL_CTX_set_cipher_list(context, "ECDHE+AES128+AESGCM:ECDHE+AESGCM:ECDHE+CHACHA20") == 1,
            unsafe SSL_CTX_set_ciphersuites(
                context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1,
            unsafe weir_ctx_set_groups(context, "X25519:P-256:P-384") == 1
        else { throw .library(reason: takeLibraryReason()) }
    }
}

/// `SSL_OP_BIT` is a macro with a cast, which Swift does not import.
private enum TLSOptions {
    static let cipherServerPreference: UInt64 = 1 << 22
    static let noCompression: UInt64 = 1 << 17
    static let prioritizeChaCha: UInt64 = 1 << 21
    static let noRenegotiation: UInt64 = 1 << 30
}

// MARK: - Resumption of a client's sessions

extension TLSContext {
    /// Server names whose newest session is kept. A context belongs to a provider or to the system's roots: there are few.
    private static let namesKept = 256

    /// Keeps the reference to `resumable`, the newest session with `serverName`, for the next connection to it.
    func keep(_ resumable: OpaquePointer, for serverName: String) {
        let newest = unsafe ResumableSession(resumable)
        let previous: ResumableSession? = sessions.withLock { sessions in
            if sessions.count >= Self.namesKept, sessions[serverName] == nil, let any = sessions.keys.first {
                sessions[any] = nil
            }
            return sessions.updateValue(newest, forKey: serverName)
        }
        _ = previous  // freed here, outside the lock
    }

    /// The newest session with `serverName` that can still be resumed. It may be used by several connections at once: OpenSSL does not change it.
    func resumable(for serverName: String) -> ResumableSession? {
        guard let session = sessions.withLock({ $0[serverName] }), unsafe SSL_SESSION_is_resumable(session.pointer) == 1
        else { return nil }
        return session
    }
}

/// A reference to an `SSL_SESSION`.
@safe
final class ResumableSession: @unchecked Sendable {  // counted atomically, never changed
    let pointer: OpaquePointer
    init(_ owned: OpaquePointer) { unsafe pointer = owned }
    deinit { unsafe SSL_SESSION_free(pointer) }
}
