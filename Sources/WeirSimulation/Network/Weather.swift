/// How rough the network is in one run. Chances are per thousand and per connection where nothing else is said.
public struct Weather: Sendable {
    /// Nothing breaks: reads are still split, and time still passes.
    public var isCalm = true
    public var resets = 0
    public var stalls = 0
    public var refusals = 0
    public var slowConnects = 0
    /// Connects that are never answered.
    public var lostConnects = 0
    /// Names that are not found, and answers that come too late.
    public var badNames = 0
    /// Per read: whether it is cut to a few bytes.
    public var smallReads = 0
    /// Per send: whether the system takes a part only.
    public var partialSends = 0
    /// The largest time on the way, in microseconds.
    public var latency = 1_000
    /// Per wake-up: whether it comes late, and by how many microseconds at most.
    public var lateWakes = 0
    public var lateness = 30_000
    /// Bytes that a socket takes before its reader reads.
    public var window = 65_536
    public var receiveBuffers = 64
    public var receiveBufferBytes = 32_768
    /// Whether the driver behaves like epoll (stops at once, reports ends unasked) and not like io_uring.
    public var isReadinessLike = false

    public init() {}

    /// Weather from chance: one run in eight is calm.
    init(_ random: inout Randomness) {
        smallReads = random.pick([0, 50, 300, 900])
        partialSends = random.pick([0, 0, 200, 700])
        latency = random.pick([20, 1_000, 50_000, 300_000])
        lateWakes = random.pick([0, 0, 50, 300])
        window = random.pick([512, 4_096, 65_536, 65_536, 1_048_576])
        receiveBuffers = random.pick([1, 2, 4, 64])
        receiveBufferBytes = random.pick([16, 512, 4_096, 32_768])
        isReadinessLike = random.chance(400)
        guard !random.chance(125) else { return }
        isCalm = false
        resets = random.pick([0, 0, 50, 200])
        stalls = random.pick([0, 0, 30, 150])
        refusals = random.pick([0, 0, 50, 300])
        slowConnects = random.pick([0, 0, 100, 300])
        lostConnects = random.pick([0, 0, 20, 100])
        badNames = random.pick([0, 0, 200, 600])
    }

    /// The same network without what breaks.
    var healed: Weather {
        var result = self
        result.isCalm = true
        (result.resets, result.stalls, result.refusals) = (0, 0, 0)
        (result.slowConnects, result.lostConnects, result.badNames) = (0, 0, 0)
        // Fast enough for every request to be done within the time-outs.
        result.lateness = min(lateness, 500)
        result.window = max(window, 16_384)
        result.latency = min(latency, 50_000)
        return result
    }
}
