import WeirBase

/// What happened, in order: a running hash of everything, and lines to read where they are wanted. Two runs of a seed have equal hashes.
public final class EventLog: @unchecked Sendable {  // confined to the run's thread
    /// FNV-1a over each event's moment, numbers and bytes.
    public private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    public private(set) var count = 0
    public private(set) var lines: [String] = []
    private let keepsLines: Bool

    public init(keepsLines: Bool) { self.keepsLines = keepsLines }

    func note(_ now: Instant, _ kind: Kind, _ first: Int, _ second: Int = 0, _ text: @autoclosure () -> String = "") {
        count += 1
        mix(UInt64(bitPattern: now.nanoseconds))
        mix(UInt64(kind.rawValue))
        mix(UInt64(bitPattern: Int64(first)))
        mix(UInt64(bitPattern: Int64(second)))
        guard keepsLines else { return }
        let micros = now.nanoseconds / 1_000
        let rest = String(micros % 1_000_000)
        let padded = String(repeating: "0", count: 6 - rest.utf8.count) + rest
        lines.append("\(micros / 1_000_000).\(padded) \(kind) \(first) \(second) \(text())")
    }

    func mix(_ bytes: Span<UInt8>) {
        var value = hash
        for index in bytes.indices { value = (value ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        hash = value
    }

    private func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01B3 ^ word >> 29 }

    /// What an event is about; the first number is a socket, a request or a client.
    enum Kind: UInt8 {
        case connect, established, refused, accept, send, sent, arrived, received, ended, reset, paused, close, closed
        case cut, stalled, exhausted, resolved, phase, request, answer, attempt, client
    }
}
