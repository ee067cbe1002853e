internal import COpenSSL

/// What a finished handshake agreed on, for access logs and status pages. Each reads OpenSSL and makes a String: not for the hot path.
extension TLSSession {
    /// "TLSv1.3" or "TLSv1.2".
    public var version: String { unsafe String(cString: SSL_get_version(pointer)) }

    /// OpenSSL's name, such as "TLS_AES_128_GCM_SHA256".
    public var cipher: String { unsafe String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(pointer))) }

    /// Whether the handshake took up an earlier session, without certificates.
    public var isResumed: Bool { unsafe SSL_session_reused(pointer) == 1 }

    /// The protocol agreed on by ALPN; nil if the peer does not know ALPN.
    public var selectedProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(pointer, &start, &count)
        guard let start = unsafe start else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// The name that the client asked for (SNI), as the peer sent it.
    public var requestedName: String? {
        guard let name = unsafe SSL_get_servername(pointer, TLSEXT_NAMETYPE_host_name) else { return nil }
        return unsafe String(cString: name)
    }

    /// The peer's verified certificate, at a client's end.
    public var peerCertificate: TLSCertificate? {
        guard let certificate = unsafe SSL_get0_peer_certificate(pointer) else { return nil }
        return unsafe TLSCertificate(certificate)
    }
}
