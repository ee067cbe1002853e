import ArgumentParser
import Foundation
import WeirBase
import WeirCommandLine
import WeirLoad
import WeirLoop
import WeirMockScript

/// The load generator.
@main
struct Command: Program {
    static let configuration = CommandConfiguration(
        commandName: "weir-load",
        abstract:
            "Load for a gateway before weir-mock: latency, throughput, CPU, and every answer checked byte for byte.",
        discussion: """
            Closed loop (default): each connection asks again as soon as it has its answer. Open loop (--rate): requests begin on a
            schedule, and latency counts from the scheduled time, so that a stall shows in every request that it delays.

            Exit code 0: all answers were right; 1: some were wrong (the first of each kind is shown); 2: usage.

            Examples:
              weir-load --url http://127.0.0.1:8080/v1/chat/completions --key sk-weir-... --seconds 10
              weir-load --url http://127.0.0.1:8080/v1/chat/completions --rate 1000 --cpu-of $(pidof weir)
              weir-load --url http://127.0.0.1:8080/v1/chat/completions --stream --connections 1000 --directive "events=64 gap=50ms"
              weir-load --url http://127.0.0.1:8080/v1/responses --endpoint responses --requests 100000 --json result.json
            """,
        version: "0.1.0")

    @Option(help: "http(s)://host:port/path; the host is an address or localhost.")
    var url: String
    @Option(help: "Key, sent as a bearer token.")
    var key: String?
    @Option(help: "Model to ask for.")
    var model = "mock"
    @Option(help: "What is asked: chat, completions, responses or embeddings.")
    var endpoint = "chat"
    @Flag(help: "Ask for streams.")
    var stream = false
    @Option(help: "Connections, each with one request in flight.")
    var connections = 64
    @Option(help: "Length of the measurement.")
    var seconds = 5.0
    @Option(help: "Seconds before the measurement (default: 1; with --requests 0).")
    var warmup: Double?
    @Option(help: "End after so many requests instead.")
    var requests: Int?
    @Option(help: "Open loop: requests that begin each second.")
    var rate: Double?
    @Option(help: "Bytes of text in the prompt.")
    var promptBytes = 1_024
    @Option(help: "Script of the answers, as after #mock (see weir-mock --help).")
    var directive = ""
    @Option(help: "Seconds that an answer may be silent.")
    var timeout = 30.0
    @Option(help: "Loops, each a thread.")
    var loops = 1
    @Option(help: "Backend: automatic, uring or epoll.")
    var backend = "automatic"
    @Option(help: "Certificates (PEM) to trust for https, instead of the system's.")
    var caFile: String?
    @Option(help: "Process whose CPU is measured over the window; may be repeated.")
    var cpuOf: [Int32] = []
    @Option(help: "Write the result as JSON to this file; - is standard output.")
    var json: String?
    @Flag(help: "Print no table.")
    var quiet = false
    @Flag(help: "Print progress although standard error is no terminal.")
    var progress = false

    func validate() throws {
        _ = try plan()
        for pid in cpuOf where ProcessClock(pid: pid) == nil {
            throw ValidationError("--cpu-of \(pid): no such process")
        }
    }

    func run() throws {
        // A server that closes early must not end the generator.
        signal(SIGPIPE, SIG_IGN)
        DescriptorLimit.raise()
        let run = LoadRun(try plan(), clocks: cpuOf.compactMap { ProcessClock(pid: $0) })
        let shows = progress || (isatty(2) == 1 && !quiet)
        let result = try run.run { if shows { printError(line($0)) } }
        if let json {
            var buffer = ByteBuffer()
            result.appendJSON(to: &buffer)
            try save(buffer, to: json)
        }
        if !quiet { printLine(result.table, on: json == "-" ? 2 : 1) }
        guard result.tally.errorCount == 0 else {
            if quiet || json == "-" {
                for (kind, example) in result.tally.examples { printError("wrong, \(kind.rawValue): \(example)") }
            }
            printError("weir-load: \(result.tally.errorCount) wrong answers")
            throw ExitCode(1)
        }
    }

    // MARK: Options

    private func plan() throws -> LoadPlan {
        guard let target = Target(url) else {
            throw ValidationError("--url \(url): write it as http://127.0.0.1:8080/v1/chat/completions")
        }
        guard let endpoint = Ask.Endpoint(rawValue: endpoint), endpoint.service == .openAI, endpoint != .moderations
        else {
            throw ValidationError("--endpoint must be chat, completions, responses or embeddings")
        }
        guard !stream || endpoint != .embeddings else { throw ValidationError("embeddings have no streams") }
        guard let backend = Backend(rawValue: backend) else {
            throw ValidationError("--backend must be automatic, uring or epoll")
        }
        guard (1...1_000_000).contains(connections), (1...256).contains(loops),
            loops <= min(connections, requests ?? connections)
        else {
            throw ValidationError(
                "--connections must be from 1 to 1000000, --loops from 1 to 256 and not more than connections or requests"
            )
        }
        guard seconds > 0, (warmup ?? 0) >= 0, timeout > 0, (requests ?? 1) > 0, (rate ?? 1) > 0, promptBytes >= 0
        else {
            throw ValidationError(
                "--seconds, --timeout, --requests and --rate must be over 0, --warmup and --prompt-bytes not under")
        }
        var plan = LoadPlan(address: target.address, host: target.host, path: target.path)
        plan.key = key.map { Secret($0) }
        plan.model = model
        plan.endpoint = endpoint
        plan.streams = stream
        plan.promptBytes = promptBytes
        plan.directiveText = directive
        do throws(DirectiveError) {
            plan.directive = try Directive(directive)
        } catch { throw ValidationError("--directive: \(error.description)") }
        plan.connections = min(connections, requests ?? connections)
        plan.loops = loops
        plan.warmup = span(warmup ?? (requests == nil ? 1 : 0))
        plan.window = span(seconds)
        plan.requests = requests
        plan.rate = rate
        plan.timeout = span(timeout)
        plan.backend = backend
        guard target.isSecure || caFile == nil else { throw ValidationError("--ca-file is for https") }
        if target.isSecure {
            do throws(TLSSetupError) {
                plan.tls = TLSClient(context: try TLSContext.client(caFile: caFile), serverName: target.name)
            } catch { throw ValidationError("--ca-file: \(error.description)") }
        }
        return plan
    }

    private func span(_ seconds: Double) -> TimeSpan { .nanoseconds(Int64(seconds * 1e9)) }

    // MARK: Output

    private func line(_ progress: LoadRun.Progress) -> String {
        let phase = progress.seconds < 0 ? "warming up" : String(format: "%5.1f s", progress.seconds)
        var text = "\(phase)  \(Int(progress.requestsPerSecond)) requests/s"
        if stream { text += "  \(Int(progress.eventsPerSecond)) events/s" }
        return text + "  \(progress.errors) wrong"
    }

    private func save(_ buffer: borrowing ByteBuffer, to path: String) throws {
        let bytes = buffer.span.indices.map { buffer.span[$0] }
        if path == "-" { return FileHandle.standardOutput.write(Data(bytes)) }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        } catch {
            throw ValidationError("--json \(path): \(error.localizedDescription)")
        }
    }
}

/// The parts of a URL.
private struct Target {
    let isSecure: Bool
    /// Host and port as in the URL.
    let host: String
    /// The host alone, as certificates name it.
    let name: String
    let address: SocketAddress
    let path: String

    init?(_ url: String) {
        guard let mark = url.range(of: "://") else { return nil }
        switch url[..<mark.lowerBound] {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let rest = url[mark.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        host = String(rest[..<slash])
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        let hasPort = host.last != "]" && host.contains(":")
        guard let address = SocketAddress(parsing: hasPort ? host : host + (isSecure ? ":443" : ":80")) else {
            return nil
        }
        self.address = address
        let bare = hasPort ? host[..<host.lastIndex(of: ":")!] : host[...]
        name = String(bare.first == "[" ? bare.dropFirst().dropLast() : bare)
    }
}
