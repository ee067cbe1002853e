import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

/// A client and a server wired to each other in memory.
final class TLSPair {
    let client: TLSSession
    let server: TLSSession
    /// What each end has decrypted.
    var atClient = ByteBuffer()
    var atServer = ByteBuffer()
    /// Ciphertext on its way.
    var toClient = ByteBuffer()
    var toServer = ByteBuffer()
    /// How many bytes each read gives.
    var pieces: Pieces

    enum Pieces {
        case whole
        case of(Int)
        case random(SeededRandom)

        mutating func next(of count: Int) -> Int {
            switch self {
            case .whole: return count
            case .of(let size): return min(size, count)
            case .random(var random):
                defer { self = .random(random) }
                return Int.random(in: 1...min(count, 3_000), using: &random)
            }
        }
    }

    init(
        client: TLSContext, server: TLSContext, name: String = "localhost", pieces: Pieces = .whole
    ) throws(TLSError) {
        self.client = try TLSSession(client: client, serverName: name)
        self.server = TLSSession(server: server)
        self.pieces = pieces
        try self.client.start(into: &toServer)
    }

    /// Delivers ciphertext both ways until there is none. An error of one end is thrown after what it still sent has been delivered, too.
    func exchange() throws(TLSError) {
        while !toClient.isEmpty || !toServer.isEmpty {
            try deliverToServer()
            try deliverToClient()
        }
    }

    func deliverToServer() throws(TLSError) {
        let wire = Array(copying: toServer)
        toServer.removeAll()
        var at = 0
        while at < wire.count {
            let count = pieces.next(of: wire.count - at)
            _ = try server.receive(wire.span.extracting(at..<at + count), plaintext: &atServer, out: &toClient)
            at += count
        }
    }

    func deliverToClient() throws(TLSError) {
        let wire = Array(copying: toClient)
        toClient.removeAll()
        var at = 0
        while at < wire.count {
            let count = pieces.next(of: wire.count - at)
            _ = try client.receive(wire.span.extracting(at..<at + count), plaintext: &atClient, out: &toServer)
            at += count
        }
    }

    func clientSends(_ bytes: [UInt8]) throws(TLSError) { try client.send(bytes.span, into: &toServer) }
    func serverSends(_ bytes: [UInt8]) throws(TLSError) { try server.send(bytes.span, into: &toClient) }
    func clientSends(_ text: String) throws(TLSError) { try clientSends(Array(text.utf8)) }
    func serverSends(_ text: String) throws(TLSError) { try serverSends(Array(text.utf8)) }
    func clientCloses() { client.close(into: &toServer) }
    func serverCloses() { server.close(into: &toClient) }
    var clientText: String { String(decoding: Array(copying: atClient), as: UTF8.self) }
    var serverText: String { String(decoding: Array(copying: atServer), as: UTF8.self) }
}

/// SplitMix64: the same seed, the same numbers.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Array<UInt8> {
    init(copying buffer: borrowing ByteBuffer) {
        self = []
        reserveCapacity(buffer.count)
        for offset in buffer.span.indices { append(buffer.span[offset]) }
    }

    /// `count` bytes that follow from `seed`.
    init(count: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        self = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
}
