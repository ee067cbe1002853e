public import WeirBase

extension Policy {
    /// An address on which clients are served.
    public struct Listener: Hashable, Sendable {
        public let address: ListenAddress
        public let tls: TLSFiles?
    }

    /// PEM files of a listener, as paths from the working folder. They were readable and had the right blocks when they were checked.
    public struct TLSFiles: Hashable, Sendable {
        /// The certificate and then its chain.
        public let certificate: String
        public let key: String
    }

    /// How many data loops there are.
    public enum Loops: Hashable, Sendable {
        /// One per core that the process may use.
        case automatic
        case fixed(Int)
    }

    /// Where the lines of the access log go.
    public enum AccessLog: Hashable, Sendable {
        case standardOutput, standardError, off
        /// A path from the working folder; lines are appended.
        case file(String)
    }

    /// Bounds on what clients may do.
    public struct Limits: Hashable, Sendable {
        /// Bytes of a request's head: request line and fields.
        public var headBytes = 64 << 10
        /// Fields of a request's head.
        public var headers = 128
        /// Bytes of a request's body.
        public var bodyBytes = 32 << 20
        /// From a connection's first byte to its head's last.
        public var headTimeout = TimeSpan.seconds(10)
        /// How long a connection may be kept alive between two requests.
        public var idleTimeout = TimeSpan.seconds(75)
        /// Client connections of the whole process.
        public var connections = 16_384
        /// Tokens of one answer of a model whose limit nobody knows.
        public var outputTokens = 32_768
        /// How long streams may go on after SIGTERM.
        public var drain = TimeSpan.seconds(30)

        public init() {}
    }
}
