import Glibc
import WeirBase
import WeirBudget
import WeirCommandLine
import WeirConfig
import WeirControl
import WeirGateway
import WeirLedger
import WeirLoop
import WeirStore
import WeirTokens

/// A gateway with everything around it, as `weir serve` runs it: its store, its loops, its control socket.
final class Office {
    let server: Server
    private let store: Store
    private let control: ControlServer

    /// Takes the data folder, settles what an earlier process left open, and starts everything.
    /// - Parameter note: gets a line where something is not as it might be.
    init(_ policy: Policy, spin: TimeSpan, note: @escaping @Sendable (String) -> Void) throws {
        var options = Store.Options()
        options.loops = Server.loopCount(policy)
        options.awaitsDurability = policy.durability == .power
        let store = try Store(policy.dataFolder, options: options, at: wallClock().nanoseconds)
        let issued = try store.keys().map { try IssuedKey($0) }
        let accounts = try Accounts(store, policy, issued: issued, at: wallClock())
        let directory = Published(
            try Directory(policy, issued: issued, accounts: accounts, names: store.names, at: wallClock()))
        accounts.apply(try store.raises(at: wallClock().nanoseconds), at: wallClock())
        let tariffs = policy.tariffs()
        let vocabularies = Office.vocabularies()
        let server = try Server(
            policy, directory: directory,
            accounting: { loop in
                Accounting(
                    tariffs: tariffs, vocabularies: vocabularies, names: store.names,
                    books: Books(store.journal(loop: loop), live: try store.liveTable(loop: loop)),
                    lastRequest: store.lastRequest)
            }, spin: spin, note: note)
        try store.start(onDurable: { server.recordsAreDurable(loop: $0) }, note: note)
        let live = LiveServer(policy: policy, directory: directory, accounts: accounts, store: store, server: server)
        let administration = Administration(
            policy: policy, store: store, accounts: accounts, gateway: live, now: { wallClock() })
        control = try ControlServer(dataFolder: policy.dataFolder) { administration.answer($0) }
        self.store = store
        self.server = server
    }

    /// Ends in order.
    /// - Returns: whether every request was finished.
    func stop() -> Bool {
        control.stop()
        let isFinished = server.drain()
        store.stop()
        return isFinished
    }

    /// The vocabularies that are there; without them prompts are bounded by their bytes.
    private static func vocabularies() -> [Vocabulary] {
        let folders = VocabularyFolders(nil)
        return Encoding.usual.sorted().filter(folders.has).compactMap { name in
            do throws(VocabularyProblem) { return try folders.open(name) } catch {
                printError("weir: \(error.description)")
                return nil
            }
        }
    }
}

/// What changes by command reach in the gateway of this process.
private final class LiveServer: RunningGateway {
    private let policy: Policy
    private let directory: Published<Directory>
    private let accounts: Accounts
    private let store: Store
    private let server: Server

    init(policy: Policy, directory: Published<Directory>, accounts: Accounts, store: Store, server: Server) {
        self.server = server
        self.policy = policy
        self.directory = directory
        self.accounts = accounts
        self.store = store
    }

    func openHolds() -> (requests: Int, held: Money) { server.openHolds() }

    func publish(_ keys: [IssuedKey]) throws {
        directory.publish(
            try Directory(policy, issued: keys, accounts: accounts, names: store.names, at: wallClock()))
    }
}

/// The wall clock, outside of loops.
func wallClock() -> WallTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}
