import ArgumentParser
import FoundationEssentials
import Glibc
import WeirBase
import WeirCommandLine
import WeirConfig
import WeirControl
import WeirGateway
import WeirStore

/// What commands take that ask or change a gateway: it is reached through the control socket in its data folder; where none runs, the command
/// works on the folder itself.
struct GatewayOption: ParsableArguments {
    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print JSON, for programs.") var json = false

    /// Asks for something.
    func get<Answer: Decodable>(_ path: String) throws -> Answer { try send(ControlRequest(method: "GET", path: path)) }

    /// Changes something.
    func post<Answer: Decodable>(_ path: String, _ message: some Encodable) throws -> Answer {
        try send(ControlRequest(method: "POST", path: path, body: Array(try JSONEncoder().encode(message))))
    }

    private func send<Answer: Decodable>(_ request: ControlRequest) throws -> Answer {
        let policy = try loadPolicy(options.config)
        let response: ControlResponse
        do throws(ControlClient.Problem) {
            response = try ControlClient(dataFolder: policy.dataFolder).send(request)
        } catch {
            guard case .notRunning = error else { throw failed(error.description) }
            response = try answerFromStore(request, policy)
        }
        if let failure = response.failure { throw failed(failure.message) }
        return try JSONDecoder().decode(Answer.self, from: Data(response.body))
    }

    private func answerFromStore(_ request: ControlRequest, _ policy: Policy) throws -> ControlResponse {
        do {
            let store = try Store(policy.dataFolder, at: wallClock().nanoseconds)
            let issued = try store.keys().map { try IssuedKey($0) }
            let accounts = try Accounts(store, policy, issued: issued, at: wallClock())
            _ = try Directory(policy, issued: issued, accounts: accounts, names: store.names, at: wallClock())
            accounts.apply(try store.raises(at: wallClock().nanoseconds), at: wallClock())
            var request = request
            request.actor = "uid \(getuid()), offline"
            let administration = Administration(
                policy: policy, store: store, accounts: accounts, gateway: nil, now: { wallClock() })
            return administration.answer(request)
        } catch { throw failed("\(error)") }
    }

    private func failed(_ message: String) -> any Error {
        printError("weir: \(message)")
        return ExitCode(1)
    }
}

/// Prints a message as one JSON document.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    printLine(String(decoding: try encoder.encode(value), as: UTF8.self))
}
