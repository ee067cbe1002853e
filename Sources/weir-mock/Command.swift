import ArgumentParser
import Dispatch
import Glibc
import Synchronization
import WeirBase
import WeirCommandLine
import WeirLoop
import WeirMock
import WeirMockScript

/// The bundled upstream.
@main
struct Command: Program {
    static let configuration = CommandConfiguration(
        commandName: "weir-mock",
        abstract:
            "An upstream for tests that speaks OpenAI, Azure, Anthropic, Gemini and Bedrock: deterministic content, scripted delays and faults, its own bill.",
        discussion: """
            A request scripts its answer with one line in its prompt, laid over the options given here:

              #mock events=32 bytes=40 first=50ms gap=10ms        a stream's size and pace
              #mock status=429 retry-after=2                      an error
              #mock cut=3 | stall=3 | error=3 | garbage=sse       a fault after three events
              #mock tool=get_weather calls=2 seed=7               two calls of a tool, made from seed 7
              #mock json                                          a JSON object: {"text":"..."}

            Keys: \(Directive.keys.joined(separator: " "))

            Paths:
              /v1/chat/completions /v1/completions /v1/responses /v1/embeddings /v1/moderations    OpenAI
              /openai/deployments/{d}/...?api-version= /openai/v1/...                              Azure
              /v1/messages /v1/messages/count_tokens                                               Anthropic
              /v1beta/models/{m}:generateContent :streamGenerateContent :countTokens               Gemini
              /model/{id}/converse /model/{id}/converse-stream                                     Bedrock

            Examples:
              weir-mock --listen 127.0.0.1:8000
              weir-mock --listen 127.0.0.1:0 --key sk-upstream --event-delay 20ms --fault-rate 0.05
              curl localhost:8000/v1/chat/completions -d '{"model":"m","messages":[{"role":"user","content":"#mock events=3"}]}'
              curl 'localhost:8000/mock/billed?after=0&limit=100'      what it served, with usage
              curl 'localhost:8000/mock/requests?last=1'               the last request as it was received
              curl -X POST localhost:8000/mock/reset
            """,
        version: "0.1.0")

    @Option(help: "Address to listen on; may be repeated. Port 0 lets the system choose.")
    var listen = ["127.0.0.1:8000"]
    @Option(help: "Loops, each a thread.")
    var loops = 1
    @Option(help: "Backend: automatic, uring or epoll.")
    var backend = "automatic"
    @Option(help: "Key that requests must show, in the field of their dialect.")
    var key: String?
    @Option(
        help: "Amazon's access key id: requests to Bedrock are signed with it and --secret-access-key, or show --key.")
    var accessKey: String?
    @Option(help: "Amazon's secret access key.")
    var secretAccessKey: String?
    @Option(help: "Model of GET /v1/models; may be repeated. Other models are answered, too.")
    var model: [String] = []
    @Option(help: "Seed of the content; without one it is made from the prompt.")
    var seed: UInt64?
    @Option(help: "Pieces of content in an answer.")
    var events: Int?
    @Option(help: "Bytes of text in each piece.")
    var contentBytes: Int?
    @Option(help: "Time to the first byte of an answer, such as 50ms.")
    var firstDelay: String?
    @Option(help: "Time between two events of a stream, such as 10ms.")
    var eventDelay: String?
    @Option(help: "Answers that the bill keeps; older ones are forgotten first.")
    var billCapacity = 100_000
    @Option(help: "Status of every answer; over 299 it is an error.")
    var status: Int?
    @Option(help: "Seconds for the retry-after field of errors.")
    var retryAfter: Int?
    @Option(help: "Further defaults in the words of a directive, such as \"cut=3 usage=off\".")
    var directive: String?
    @Option(help: "Share of requests, 0 to 1, that get a fault drawn from a seed.")
    var faultRate = 0.0
    @Option(help: "Seed of the faults.")
    var faultSeed: UInt64 = 1
    @Option(help: "Faults to draw from: 429 500 503 cut broken garbage, with commas between them.")
    var faultKinds: String?
    @Option(help: "Certificate chain (PEM): every address speaks TLS then.")
    var tlsCertificate: String?
    @Option(help: "Private key (PEM).")
    var tlsKey: String?

    func validate() throws {
        guard (1...256).contains(loops) else { throw ValidationError("--loops must be from 1 to 256") }
        guard (0...1).contains(faultRate) else { throw ValidationError("--fault-rate must be from 0 to 1") }
        guard Backend(rawValue: backend) != nil else {
            throw ValidationError("--backend must be automatic, uring or epoll")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together")
        }
        guard (accessKey == nil) == (secretAccessKey == nil) else {
            throw ValidationError("--access-key and --secret-access-key belong together")
        }
        for address in listen where SocketAddress(parsing: address) == nil {
            throw ValidationError("--listen \(address): write it as 127.0.0.1:8000 or [::1]:8000")
        }
        _ = try options()
    }

    func run() throws {
        let signals = SignalWaiter([SIGTERM, SIGINT])
        DescriptorLimit.raise()
        let server = MockServer(try options())
        let identity = try tlsCertificate.map { try TLSListenerIdentity(certificateFile: $0, keyFile: tlsKey ?? $0) }
        let threads = try (0..<loops).map { index in
            try LoopThread.start(
                name: "mock-\(index)", backend: Backend(rawValue: backend)!, note: { printError($0) }
            ) { _ in }
        }
        for text in listen {
            var address = SocketAddress(parsing: text)!
            for thread in threads {
                let wanted = address
                let isShared = loops > 1
                address = try thread.loop.wait { (loop: EventLoop) throws(LoopError) in
                    try server.listen(on: wanted, loop: loop, tls: identity, isShared: isShared).address
                }
            }
            printLine("weir-mock listening on \(address)")
        }
        _ = signals.next()
        for thread in threads { thread.loop.stop() }
        for thread in threads { thread.join() }
    }

    /// The options as the server takes them.
    private func options() throws -> MockOptions {
        var words: [String] = []
        func add(_ key: String, _ value: (some CustomStringConvertible)?) {
            if let value { words.append("\(key)=\(value)") }
        }
        add("seed", seed)
        add("events", events)
        add("bytes", contentBytes)
        add("first", firstDelay)
        add("gap", eventDelay)
        add("status", status)
        add("retry-after", retryAfter)
        if let directive { words.append(directive) }
        var options = MockOptions()
        do throws(DirectiveError) {
            options.defaults = try Directive(words.joined(separator: " "))
        } catch {
            throw ValidationError(error.description)
        }
        options.key = key.map { Secret($0) }
        options.accessKey = accessKey
        options.secretAccessKey = secretAccessKey.map { Secret($0) }
        if !model.isEmpty { options.models = model }
        options.billCapacity = billCapacity
        options.faultRate = faultRate
        options.faultSeed = faultSeed
        if let faultKinds {
            options.faults = try faultKinds.split(separator: ",").map { name in
                guard let fault = MockOptions.Fault(rawValue: String(name)) else {
                    throw ValidationError("--fault-kinds: \(name) is none of 429 500 503 cut broken garbage")
                }
                return fault
            }
        }
        return options
    }
}

extension EventLoop {
    /// Runs `body` on the loop and waits for what it gives. From another thread.
    func wait<Value: Sendable>(for body: @escaping @Sendable (EventLoop) throws(LoopError) -> Value) throws -> Value {
        let cell = Cell<Value>()
        let done = DispatchSemaphore(value: 0)
        execute {
            do throws(LoopError) {
                let value = try body(self)
                cell.outcome.withLock { $0 = .success(value) }
            } catch {
                cell.outcome.withLock { $0 = .failure(error) }
            }
            done.signal()
        }
        done.wait()
        return try cell.outcome.withLock { $0! }.get()
    }
}

private final class Cell<Value: Sendable>: Sendable {
    let outcome = Mutex<Result<Value, LoopError>?>(nil)
}
