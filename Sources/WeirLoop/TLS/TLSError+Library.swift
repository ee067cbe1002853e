internal import COpenSSL

// OpenSSL's codes in Weir's words.

extension TLSError {
    /// The meaning of the oldest error in OpenSSL's queue.
    init(library code: UInt) {
        let reason = ERR_GET_REASON(code)
        guard ERR_GET_LIB(code) == ERR_LIB_SSL else {
            self = .protocolFailure(reason: code == 0 ? "the connection failed" : libraryReason(code))
            return
        }
        if reason == SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL || reason == SSL_R_NO_APPLICATION_PROTOCOL {
            self = .noCommonProtocol
        } else if (SSL_AD_REASON_OFFSET...SSL_AD_REASON_OFFSET + 255).contains(reason) {
            let alert = reason - SSL_AD_REASON_OFFSET
            self = .alert(code: UInt8(alert), name: unsafe String(cString: SSL_alert_desc_string_long(alert)))
        } else {
            self = .protocolFailure(reason: libraryReason(code))
        }
    }

    /// Why the certificate at hand in `store` is not accepted by a client that wants `wanted`.
    init(rejection store: OpaquePointer, wanted: String) {
        let code = unsafe X509_STORE_CTX_get_error(store)
        guard let current = unsafe X509_STORE_CTX_get_current_cert(store) else {
            self = .rejected(subject: "none", reason: unsafe String(cString: X509_verify_cert_error_string(Int(code))))
            return
        }
        let certificate = unsafe TLSCertificate(current)
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            self = .expired(subject: certificate.subject, notAfter: certificate.notAfter)
        case X509_V_ERR_CERT_NOT_YET_VALID:
            self = .notYetValid(subject: certificate.subject, notBefore: certificate.notBefore)
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            self = .wrongHost(wanted: wanted, names: certificate.names)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            self = .unknownIssuer(subject: certificate.subject, issuer: certificate.issuer)
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            self = .selfSigned(subject: certificate.subject)
        default:
            let reason = unsafe String(cString: X509_verify_cert_error_string(Int(code)))
            self = .rejected(subject: certificate.subject, reason: reason)
        }
    }
}
