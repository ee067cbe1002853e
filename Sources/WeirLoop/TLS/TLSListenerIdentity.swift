internal import Synchronization

/// What a TLS listener shows to new connections, replaced whole when the certificate is renewed. Connections that are open keep theirs.
public final class TLSListenerIdentity: Sendable {
    public let certificateFile: String
    public let keyFile: String
    private let context: Mutex<TLSContext>  // taken once a connection, whose handshake costs ten thousand times as much

    /// - Throws: what is wrong with the files.
    public init(certificateFile: String, keyFile: String) throws(TLSSetupError) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        context = Mutex(try TLSContext.server(certificateFile: certificateFile, keyFile: keyFile))
    }

    /// The context for a connection that begins now.
    public var current: TLSContext { context.withLock { $0 } }

    /// Reads the files again. New connections get the new certificate; tickets given out before lead to a full handshake.
    /// - Throws: what is wrong with the files; then the old certificate stays in use.
    public func reload() throws(TLSSetupError) {
        let renewed = try TLSContext.server(certificateFile: certificateFile, keyFile: keyFile)
        let previous = context.withLock { context in
            defer { context = renewed }
            return context
        }
        _ = previous  // freed here, outside the lock, unless connections still hold it
    }
}
