internal import COpenSSL
public import WeirBase

extension Digest256 {
    /// The SHA-256 (FIPS 180-4) of `bytes`. Allocates nothing.
    public init(sha256 bytes: Span<UInt8>) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &words) { digest in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe weir_sha256(
                    bytes.baseAddress, bytes.count, digest.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
        }
        self.init(words: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
    }
}
