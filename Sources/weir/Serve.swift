import ArgumentParser
import Glibc
import WeirBase
import WeirCommandLine
import WeirConfig
import WeirControl
import WeirGateway
import WeirLoop
import WeirStore

/// `weir serve`: runs the gateway.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway.",
        discussion: """
            Prints one line per address on standard output when it is ready. SIGTERM and SIGINT end it in order: no new requests, those under way
            finish within limits.drain, exit code 0. SIGHUP reads the listeners' certificates again.
            The ledger and the keys made by command are in the folder `data` of the configuration, which one process owns at a time.
            WEIR_BACKEND=epoll takes epoll in place of io_uring.

            Example:
              weir serve --config weir.yaml
            """)

    @OptionGroup var options: ConfigurationOption

    func run() throws {
        let policy = try loadPolicy(options.config)
        let signals = SignalWaiter([SIGTERM, SIGINT, SIGHUP])
        DescriptorLimit.raise()
        let office: Office
        do {
            office = try Office(policy, spin: Serve.spin()) { printError("weir: \($0)") }
        } catch {
            printError("weir: \(error)")
            throw ExitCode(1)
        }
        for address in office.server.addresses { printLine("weir listening on \(address)") }
        while signals.next() == SIGHUP {
            do throws(Server.StartError) {
                try office.server.reloadCertificates()
                printError("weir: certificates read again")
            } catch { printError("weir: certificates not changed: \(error.description)") }
        }
        if !office.stop() {
            printError("weir: requests were cut after limits.drain (\(policy.limits.drain.milliseconds) ms)")
        }
    }

    /// The benchmarks' deliberate slow-down.
    private static func spin() -> TimeSpan {
        guard let text = unsafe getenv("WEIR_BENCH_SPIN_US"), let micros = unsafe Int64(String(cString: text)) else {
            return .zero
        }
        return .microseconds(micros)
    }
}
