internal import COpenSSL
internal import Glibc

// Loading certificates, keys and roots. OpenSSL's own errors are hard to read ("no start line"), so what can be found out first is.

extension TLSContext {
    /// Files larger than this are no certificates.
    private static let fileBytes = 4 << 20

    static func loadIdentity(
        into context: OpaquePointer, certificateFile: String, keyFile: String
    ) throws(TLSSetupError) -> TLSCertificate {
        try check(certificateFile, holds: "CERTIFICATE-----", called: "certificate")
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
            throw .unusable(file: certificateFile, reason: takeLibraryReason())
        }
        guard let own = unsafe SSL_CTX_get0_certificate(context) else {
            throw .notPEM(file: certificateFile, wanted: "certificate")
        }
        let certificate = unsafe TLSCertificate(own)
        if unsafe X509_cmp_current_time(X509_get0_notAfter(own)) < 0 {
            throw .expired(file: certificateFile, subject: certificate.subject, notAfter: certificate.notAfter)
        }
        if unsafe X509_cmp_current_time(X509_get0_notBefore(own)) > 0 {
            throw .notYetValid(file: certificateFile, subject: certificate.subject, notBefore: certificate.notBefore)
        }
        try unsafe loadKey(into: context, certificateFile: certificateFile, keyFile: keyFile)
        return certificate
    }

    private static func loadKey(
        into context: OpaquePointer, certificateFile: String, keyFile: String
    ) throws(TLSSetupError) {
        let isEncrypted = try check(keyFile, holds: "PRIVATE KEY-----", called: "private key")
        if isEncrypted { throw .encryptedKey(file: keyFile) }
        // Never ask on the terminal.
        unsafe SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        if unsafe SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1,
            unsafe SSL_CTX_check_private_key(context) == 1
        {
            return
        }
        let code = weir_tls_take_error()
        switch (ERR_GET_LIB(code), ERR_GET_REASON(code)) {
        case (ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH), (ERR_LIB_X509, X509_R_KEY_TYPE_MISMATCH),
            (ERR_LIB_SSL, SSL_R_NO_PRIVATE_KEY_ASSIGNED), (ERR_LIB_SSL, SSL_R_NO_CERTIFICATE_ASSIGNED):
            // The last two: another kind of key fills another slot, one without a certificate.
            throw .keyMismatch(certificate: certificateFile, key: keyFile)
        default: throw .unusable(file: keyFile, reason: libraryReason(code))
        }
    }

    static func loadRoots(into context: OpaquePointer, caFile: String?) throws(TLSSetupError) {
        if let caFile {
            try check(caFile, holds: "CERTIFICATE-----", called: "certificate")
            guard unsafe SSL_CTX_load_verify_file(context, caFile) == 1 else {
                throw .unusable(file: caFile, reason: takeLibraryReason())
            }
            return
        }
        // OpenSSL passes over places that do not exist, and then trusts nobody without a word.
        if let file = environment("SSL_CERT_FILE") {
            try check(file, holds: "CERTIFICATE-----", called: "certificate")
        } else if environment("SSL_CERT_DIR") == nil {
            let file = unsafe String(cString: X509_get_default_cert_file())
            let folder = unsafe String(cString: X509_get_default_cert_dir())
            guard unsafe access(file, R_OK) == 0 || access(folder, R_OK | X_OK) == 0 else { throw .noSystemRoots }
        }
        guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
            throw .library(reason: takeLibraryReason())
        }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Reads the file and looks for a PEM block whose first line ends in `mark`.
    /// - Returns: whether a pass phrase protects it.
    @discardableResult
    private static func check(_ file: String, holds mark: String, called wanted: String) throws(TLSSetupError) -> Bool {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: file, reason: systemReason()) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        // It may be a key.
        defer { unsafe bytes.withUnsafeMutableBytes { unsafe explicit_bzero($0.baseAddress!, $0.count) } }
        var count = 0
        repeat {
            if bytes.count - count < 4_096 { bytes.append(contentsOf: repeatElement(0, count: 64 << 10)) }
            let got = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe read(descriptor, room.baseAddress! + count, room.count - count)
            }
            guard got >= 0 else { throw .unreadable(file: file, reason: systemReason()) }
            if got == 0 { break }
            count += got
            guard count < fileBytes else { throw .notPEM(file: file, wanted: wanted) }
        } while true
        bytes[count] = 0  // there is room: the last read did not fill it
        guard contains(bytes, "-----BEGIN "), contains(bytes, mark) else { throw .notPEM(file: file, wanted: wanted) }
        return contains(bytes, "ENCRYPTED")
    }

    /// Whether `text` is in `bytes` before the first zero byte.
    private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe strstr($0.baseAddress!.assumingMemoryBound(to: CChar.self), text) != nil }
    }

    private static func systemReason() -> String { unsafe String(cString: strerror(errno)) }
}
