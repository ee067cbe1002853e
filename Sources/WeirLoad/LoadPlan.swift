public import WeirBase
public import WeirLoop
public import WeirMockScript

/// What a run of the load generator does.
public struct LoadPlan: Sendable {
    public var address: SocketAddress
    /// For the Host field.
    public var host: String
    /// Path with the query.
    public var path: String
    public var key: Secret?
    public var model = "mock"
    public var endpoint = Ask.Endpoint.chat
    public var streams = false
    /// Bytes of text in the user's message, the directive included.
    public var promptBytes = 1_024
    public var directive = Directive()
    /// The directive as it was given; each request's has a seed of its own before it.
    public var directiveText = ""
    /// Requests in flight at most, over all loops.
    public var connections = 64
    public var loops = 1
    /// Time before the window in which figures are taken.
    public var warmup = TimeSpan.seconds(1)
    /// Length of the window.
    public var window = TimeSpan.seconds(5)
    /// Ends the window after so many requests.
    public var requests: Int?
    /// Open loop: requests to begin each second, over all loops; nil: each connection asks again as soon as it has its answer.
    public var rate: Double?
    /// How long an answer may be silent.
    public var timeout = TimeSpan.seconds(30)
    /// How long answers under way may take after the window; then they are cut, which is no error.
    public var drain = TimeSpan.seconds(2)
    /// What the server is checked against; nil: no TLS.
    public var tls: TLSClient?
    public var backend = Backend.automatic

    public init(address: SocketAddress, host: String, path: String) {
        self.address = address
        self.host = host
        self.path = path
    }

    /// How many different requests, and so answers, there are: an answer that went to the wrong one is seen. Fewer where answers are so long
    /// that keeping what each must be would fill the memory.
    var questions: Int {
        let bytes = directive.events.multipliedReportingOverflow(by: directive.bytesPerEvent * 3)
        guard !bytes.overflow else { return 1 }
        return max(1, min(64, (512 << 20) / max(1, bytes.partialValue)))
    }
}
