internal import COpenSSL

/// What OpenSSL costs, for loop statistics and tests.
public enum TLSStatistics {
    /// How often OpenSSL has asked the C library for memory on this thread: does not change while records pass. Always 0 under a sanitizer.
    public static var allocations: UInt64 { weir_openssl_allocations() }
}
