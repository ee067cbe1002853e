/// What an upstream does about one request.
enum UpstreamAct: Equatable, Sendable {
    enum Framing: Sendable { case length, chunked, untilClose }

    /// The right answer, framed so, with pauses of at most so many milliseconds.
    case answer(Framing, pause: Int, interim: Bool)
    /// The beginning of the right answer, then the end of the connection. A negative number of bytes counts from the answer's end.
    case cut(Framing, after: Int, isReset: Bool)
    /// The beginning of the right answer, then nothing.
    case stall(Framing, after: Int)
    /// Nothing at all.
    case silence
    /// The end of the connection in place of an answer.
    case hangUp(isReset: Bool)
    case status(Int)
    /// What is no answer.
    case garbage(Int)
    /// A page in HTML with status 200.
    case page

    /// Whether the client should get the right answer, if nothing else breaks.
    var isGood: Bool {
        if case .answer = self { true } else { false }
    }

    init(_ random: inout Randomness, isHealed: Bool) {
        let framing = random.pick([Framing.length, .chunked, .chunked, .untilClose])
        guard !isHealed, random.chance(400) else {
            let pause = random.pick([0, 0, 1, isHealed ? 20 : 500])
            self = .answer(framing, pause: pause, interim: random.chance(50))
            return
        }
        let after = random.chance(200) ? 0 : random.chance(200) ? -random.within(1...60) : random.size(upTo: 30_000)
        switch random.below(8) {
        case 0, 1: self = .cut(framing, after: after, isReset: random.chance(400))
        case 2: self = .stall(framing, after: after)
        case 3: self = .silence
        case 4: self = .hangUp(isReset: random.chance(500))
        case 5: self = .status(random.pick([400, 401, 429, 500, 503]))
        case 6: self = .garbage(random.below(UpstreamAct.nonsense.count))
        default: self = .page
        }
    }

    /// Heads that must not be taken for answers.
    static let nonsense = [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc OK\r\n\r\n", "\0\0\0\0\0", "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
    ]
}
