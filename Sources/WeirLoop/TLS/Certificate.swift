internal import COpenSSL

/// What a certificate says, as text for errors and status pages.
public struct TLSCertificate: Equatable, Sendable {
    /// RFC 2253, such as "CN=api.example.com,O=Example".
    public let subject: String
    public let issuer: String
    /// "DNS:a.example, IP Address:127.0.0.1", at most 400 bytes.
    public let names: String
    /// RFC 3339, UTC.
    public let notBefore: String
    public let notAfter: String

    /// Reads `certificate`, an `X509` that outlives the call.
    init(_ certificate: OpaquePointer) {
        subject = unsafe certificateText { unsafe weir_x509_subject(certificate, $0, $1) }
        issuer = unsafe certificateText { unsafe weir_x509_issuer(certificate, $0, $1) }
        names = unsafe certificateText { unsafe weir_x509_names(certificate, $0, $1) }
        notBefore = unsafe certificateText { unsafe weir_asn1_time(X509_get0_notBefore(certificate), $0, $1) }
        notAfter = unsafe certificateText { unsafe weir_asn1_time(X509_get0_notAfter(certificate), $0, $1) }
    }
}

private func certificateText(_ write: (UnsafeMutablePointer<CChar>, Int) -> Int) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { room in
        let count = unsafe write(room.baseAddress!, room.count)
        return unsafe String(
            decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<count]), as: UTF8.self)
    }
}

/// The text of the oldest error in the thread's queue, which is empty afterwards.
func takeLibraryReason() -> String { libraryReason(weir_tls_take_error()) }

/// The text of an OpenSSL error code.
func libraryReason(_ code: UInt) -> String {
    guard let reason = unsafe ERR_reason_error_string(code) else { return "error \(String(code, radix: 16))" }
    return unsafe String(cString: reason)
}
