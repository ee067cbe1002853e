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
        try Counterpart(loadPolicy(options.config)).send(request)
    }
}

/// Who answers: the gateway that runs on a data folder; where none does, this process takes the folder, for as long as it has this value.
enum Counterpart {
    case gateway(ControlClient)
    case folder(Administration)

    init(_ policy: Policy) throws {
        let client = ControlClient(dataFolder: policy.dataFolder)
        let isRunning: Bool
        do throws(ControlClient.Problem) { isRunning = try client.isAnswered } catch {
            throw failed(error.description)
        }
        self = isRunning ? .gateway(client) : .folder(try Counterpart.administration(policy))
    }

    func send<Answer: Decodable>(_ request: ControlRequest) throws -> Answer {
        let response: ControlResponse
        switch self {
        case .gateway(let client):
            do throws(ControlClient.Problem) { response = try client.send(request) } catch {
                throw failed(error.description)
            }
        case .folder(let administration):
            var request = request
            request.actor = "uid \(getuid()), offline"
            response = administration.answer(request)
        }
        if let failure = response.failure { throw failed(failure.message) }
        return try JSONDecoder().decode(Answer.self, from: Data(response.body))
    }

    private static func administration(_ policy: Policy) throws -> Administration {
        do {
            let store = try Store(policy.dataFolder, at: wallClock().nanoseconds)
            let issued = try store.keys().map { try IssuedKey($0) }
            let accounts = try Accounts(store, policy, issued: issued, at: wallClock())
            _ = try Directory(policy, issued: issued, accounts: accounts, names: store.names, at: wallClock())
            accounts.apply(try store.raises(at: wallClock().nanoseconds), at: wallClock())
            return Administration(
                policy: policy, store: store, accounts: accounts, gateway: nil, now: { wallClock() })
        } catch { throw failed("\(error)") }
    }
}

/// Says what is wrong; what is to be thrown ends the program with 1.
private func failed(_ message: String) -> any Error {
    printError("weir: \(message)")
    return ExitCode(1)
}

/// Prints a message as one JSON document.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    printLine(String(decoding: try encoder.encode(value), as: UTF8.self))
}
