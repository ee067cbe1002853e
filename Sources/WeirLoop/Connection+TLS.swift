import WeirBase

/// What a listener presents.
public final class TLSIdentity: Sendable {}
/// What a client checks.
public struct TLSClient: Sendable {}

struct TLSLayer {
    mutating func close(into out: inout ByteBuffer) {}
    func endOfInput() -> ConnectionError? { nil }
}

extension Connection {
    func acceptTLS(_ identity: TLSIdentity) {}
    func startTLS(_ client: TLSClient) async throws(ConnectionError) {}
    func receivedCiphertext(_ bytes: UnsafeMutableBufferPointer<UInt8>) {}
    func encryptOutgoing() -> Bool { true }
}
