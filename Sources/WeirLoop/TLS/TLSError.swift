/// Why a certificate, key or list of roots cannot be used. Thrown when a `TLSContext` is made: at start, on reload, by `weir check`.
public enum TLSSetupError: Error, Equatable, Sendable {
    /// `reason` is the system's text ("No such file or directory").
    case unreadable(file: String, reason: String)
    /// The file holds no PEM block of the kind `wanted` ("a certificate", "a private key").
    case notPEM(file: String, wanted: String)
    /// OpenSSL refuses what the file holds (a weak key, a broken encoding).
    case unusable(file: String, reason: String)
    /// The key is protected by a pass phrase.
    case encryptedKey(file: String)
    /// The key is not the one that the certificate was made for.
    case keyMismatch(certificate: String, key: String)
    /// The server's own certificate ended at `notAfter`.
    case expired(file: String, subject: String, notAfter: String)
    /// The server's own certificate begins at `notBefore`.
    case notYetValid(file: String, subject: String, notBefore: String)
    /// Neither the system nor the environment names trusted roots.
    case noSystemRoots
    /// OpenSSL itself failed: out of memory, or a system-wide policy forbids what Weir needs.
    case library(reason: String)
}

/// What ends a TLS connection. Texts that come from the peer are bounded and printable ASCII.
public enum TLSError: Error, Equatable, Sendable {
    // The peer's certificate is not accepted: never worth a retry.
    case expired(subject: String, notAfter: String)
    case notYetValid(subject: String, notBefore: String)
    /// The certificate is for `names`, not for `wanted`.
    case wrongHost(wanted: String, names: String)
    case unknownIssuer(subject: String, issuer: String)
    case selfSigned(subject: String)
    /// Any other verification failure, in OpenSSL's words.
    case rejected(subject: String, reason: String)

    /// The peer speaks HTTP without TLS.
    case plainHTTP
    /// The first bytes are neither TLS nor HTTP.
    case notTLS
    /// The peer chose or offered only protocols other than http/1.1 (ALPN).
    case noCommonProtocol
    /// The peer ended the connection with this alert (RFC 8446, section 6).
    case alert(code: UInt8, name: String)
    /// The peer broke the protocol, or the two share no version or cipher.
    case protocolFailure(reason: String)
    /// The connection ended without close_notify: what came last may be missing.
    case truncated
    /// Nothing can be sent: the handshake is not finished, or the session was closed.
    case notOpen
}

extension TLSSetupError: CustomStringConvertible {
    /// One line, with the cure.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "cannot read \(file): \(reason); check the path and that this user may read it"
        case .notPEM(let file, let wanted):
            "\(file) holds no \(wanted) in PEM form (-----BEGIN ...); convert it with `openssl x509` or `openssl pkey`"
        case .unusable(let file, let reason): "OpenSSL cannot use \(file): \(reason)"
        case .encryptedKey(let file):
            "the key \(file) is encrypted; write it without a pass phrase: openssl pkey -in \(file) -out KEY"
        case .keyMismatch(let certificate, let key):
            "the key \(key) does not belong to the first certificate of \(certificate); the server's own must come first"
        case .expired(let file, let subject, let notAfter):
            "the certificate \(file) (\(subject)) expired at \(notAfter); renew it"
        case .notYetValid(let file, let subject, let notBefore):
            "the certificate \(file) (\(subject)) is not valid before \(notBefore); check this machine's clock"
        case .noSystemRoots:
            "this system has no trusted roots: install ca-certificates, set SSL_CERT_FILE, or set ca_file on the provider"
        case .library(let reason): "OpenSSL cannot be set up: \(reason)"
        }
    }
}

extension TLSError: CustomStringConvertible {
    /// One line, with the cure where there is one.
    public var description: String {
        switch self {
        case .expired(let subject, let notAfter):
            "the peer's certificate (\(subject)) expired at \(notAfter); its owner must renew it"
        case .notYetValid(let subject, let notBefore):
            "the peer's certificate (\(subject)) is not valid before \(notBefore); check this machine's clock"
        case .wrongHost(let wanted, let names):
            "the peer's certificate is for \(names), not for \(wanted); check the host in base_url"
        case .unknownIssuer(let subject, let issuer):
            "the peer's certificate (\(subject)) was issued by \(issuer), which is not trusted here; "
                + "set ca_file to that authority's certificate"
        case .selfSigned(let subject):
            "the peer's certificate chain ends in a self-signed one (\(subject)) that is not trusted here; set ca_file to it"
        case .rejected(let subject, let reason): "the peer's certificate (\(subject)) is not accepted: \(reason)"
        case .plainHTTP: "the peer speaks plain HTTP, not TLS; check http:// against https://"
        case .notTLS: "what the peer sent is not TLS"
        case .noCommonProtocol: "the peer does not speak http/1.1 (ALPN)"
        case .alert(let code, let name): "the peer refused with alert \(code): \(name)"
        case .protocolFailure(let reason): "TLS failed: \(reason)"
        case .truncated: "the peer's connection ended without close_notify"
        case .notOpen: "the TLS session is not open"
        }
    }

    /// Whether the peer's certificate was the reason: no attempt at the same address will fare better.
    public var isRejectedCertificate: Bool {
        switch self {
        case .expired, .notYetValid, .wrongHost, .unknownIssuer, .selfSigned, .rejected: true
        case .plainHTTP, .notTLS, .noCommonProtocol, .alert, .protocolFailure, .truncated, .notOpen: false
        }
    }
}
