import Testing
import WeirBase
import WeirRouting

@Suite("breaker") struct BreakerTests {
    /// Pauses without jitter: one second, then two, four, and never more than ten.
    private static let settings = {
        var settings = BreakerSettings()
        settings.jitterPerMille = 0
        settings.longestPause = .seconds(10)
        return settings
    }()

    /// Plays verdicts (`+` success, `-` failure) of attempts a millisecond apart, as far as they are admitted.
    private func play(_ verdicts: String, on breaker: inout Breaker, from start: Instant = dawn) {
        for (index, verdict) in verdicts.enumerated() {
            let now = start + .milliseconds(Int64(index))
            guard let permit = breaker.admit(at: now) else { return }
            if verdict == "+" {
                breaker.succeeded(permit, at: now)
            } else {
                breaker.failed(permit, at: now, random: 0)
            }
        }
    }

    private func admit(_ now: Instant, _ breaker: inout Breaker) throws -> Breaker.Permit {
        let permit = breaker.admit(at: now)
        return try #require(permit)
    }

    static let runs: [(verdicts: String, opens: Bool)] = [
        ("", false), ("----", false), ("-----", true), ("----+----", false), ("----+-----", true),
        ("+-+-+-+-+", false), ("+-+-+-+-+-", true), ("++++++-+-+", false), ("++++++-+-+--", false),
        (String(repeating: "+", count: 40) + String(repeating: "--+-", count: 8), true),
        (String(repeating: "++-", count: 40), false), (String(repeating: "+", count: 1_000) + "-----", true),
        (String(repeating: "+", count: 1_000) + "----", false),
    ]

    @Test("it opens on failures in a row, or on their share of recent attempts", arguments: runs)
    func opens(verdicts: String, opens: Bool) {
        var breaker = Breaker(Self.settings)
        play(verdicts, on: &breaker)
        #expect((breaker.availability(at: dawn + .milliseconds(999)) != .ready) == opens)
    }

    @Test("a pause in which nothing was heard makes old failures forgotten")
    func forgets() {
        var breaker = Breaker(Self.settings)
        play("----", on: &breaker)
        play("----", on: &breaker, from: dawn + .seconds(61))
        #expect(breaker.availability(at: dawn + .seconds(62)) == .ready)
        play("-", on: &breaker, from: dawn + .seconds(62))
        #expect(breaker.availability(at: dawn + .seconds(62)) == .shut(until: dawn + .seconds(63)))
    }

    @Test("a probe admits one attempt, and its success admits all")
    func probes() throws {
        var breaker = Breaker(Self.settings)
        play("-----", on: &breaker)
        let opened = dawn + .milliseconds(4)
        let due = opened + .seconds(1)
        #expect(breaker.admit(at: due + .nanoseconds(-1)) == nil)
        #expect(breaker.availability(at: due) == .probe)
        let probe = try admit(due, &breaker)
        #expect(probe.kind == .probe)
        for later in 0..<10 { #expect(breaker.admit(at: due + .milliseconds(Int64(later))) == nil) }
        breaker.succeeded(probe, at: due + .seconds(1))
        for _ in 0..<10 { #expect(breaker.admit(at: due + .seconds(1))?.kind == .regular) }
    }

    @Test("each failed probe doubles the pause, up to the bound; health makes it short again")
    func grows() throws {
        var breaker = Breaker(Self.settings)
        play("-----", on: &breaker)
        var now = dawn + .milliseconds(4)
        for seconds: Int64 in [1, 2, 4, 8, 10, 10, 10] {
            #expect(breaker.availability(at: now) == .shut(until: now + .seconds(seconds)))
            now = now + .seconds(seconds)
            let probe = try admit(now, &breaker)
            breaker.failed(probe, at: now, random: 0)
        }
        now = now + .seconds(10)
        play("++++-----", on: &breaker, from: now)
        #expect(breaker.admit(at: now + .seconds(9)) == nil)  // four successes are no health
        now = now + .milliseconds(8) + .seconds(10)
        play("+++++-----", on: &breaker, from: now)
        now = now + .milliseconds(9)
        #expect(breaker.availability(at: now) == .shut(until: now + .seconds(1)))
    }

    @Test("jitter shortens a pause by at most its share, whatever is drawn", arguments: [0, 1, UInt64.max / 2, .max])
    func jitter(random: UInt64) {
        var settings = Self.settings
        settings.jitterPerMille = 250
        var breaker = Breaker(settings)
        for _ in 0..<4 {
            if let permit = breaker.admit(at: dawn) { breaker.failed(permit, at: dawn, random: random) }
        }
        if let permit = breaker.admit(at: dawn) { breaker.failed(permit, at: dawn, random: random) }
        guard case .shut(let until) = breaker.availability(at: dawn) else {
            Issue.record("closed")
            return
        }
        #expect(until >= dawn + .milliseconds(750) && until <= dawn + .seconds(1))
        #expect((random < 2) == (until == dawn + .seconds(1)))
    }

    @Test("a probe without a verdict gives way after a time, and one that was abandoned at once")
    func lostProbe() throws {
        var breaker = Breaker(Self.settings)
        play("-----", on: &breaker)
        let due = dawn + .seconds(2)
        let lost = try admit(due, &breaker)
        #expect(breaker.availability(at: due) == .shut(until: due + .seconds(30)))
        let second = try admit(due + .seconds(30), &breaker)
        #expect(second.kind == .probe)
        breaker.abandoned(second, at: due + .seconds(31))
        let third = try admit(due + .seconds(31), &breaker)
        #expect(third.kind == .probe && breaker.admit(at: due + .seconds(31)) == nil)
        // What the lost one says at last is as true as what the third one would say.
        breaker.succeeded(lost, at: due + .seconds(32))
        #expect(breaker.availability(at: due + .seconds(32)) == .ready)
    }

    @Test("a verdict on an attempt that began before the breaker opened changes nothing")
    func stale() throws {
        var breaker = Breaker(Self.settings)
        let early = try (0..<6).map { _ in try admit(dawn, &breaker) }
        play("-----", on: &breaker)
        let opened = breaker.availability(at: dawn + .milliseconds(4))
        breaker.succeeded(early[0], at: dawn + .milliseconds(5))
        for permit in early { breaker.failed(permit, at: dawn + .milliseconds(5), random: 0) }
        #expect(breaker.availability(at: dawn + .milliseconds(5)) == opened)
        let probe = try admit(dawn + .seconds(2), &breaker)
        breaker.succeeded(early[0], at: dawn + .seconds(2))
        breaker.abandoned(early[0], at: dawn + .seconds(2))
        #expect(breaker.admit(at: dawn + .seconds(2)) == nil)
        breaker.succeeded(probe, at: dawn + .seconds(2))
        for permit in early { breaker.failed(permit, at: dawn + .seconds(2), random: 0) }
        #expect(breaker.availability(at: dawn + .seconds(2)) == .ready)
    }

    @Test("a forced attempt passes an open breaker; its success closes it, its failure does not keep it shut longer")
    func forced() {
        var breaker = Breaker(Self.settings)
        play("-----", on: &breaker)
        let now = dawn + .milliseconds(100)
        let opened = breaker.availability(at: now)
        let first = breaker.force(at: now)
        #expect(first.kind == .forced)
        breaker.failed(first, at: now, random: 0)
        #expect(breaker.availability(at: now) == opened)
        breaker.succeeded(breaker.force(at: now), at: now)
        #expect(breaker.availability(at: now) == .ready && breaker.force(at: now).kind == .regular)
    }

    @Test("Retry-After sets a target aside until then, at most for the bound, whatever the state")
    func retryAfter() throws {
        var breaker = Breaker(Self.settings)
        breaker.setAside(until: dawn + .seconds(20), at: dawn)
        breaker.setAside(until: dawn + .seconds(5), at: dawn)
        #expect(breaker.availability(at: dawn) == .shut(until: dawn + .seconds(20)))
        #expect(breaker.admit(at: dawn + .seconds(20))?.kind == .regular)
        breaker.setAside(until: .never, at: dawn)
        #expect(breaker.availability(at: dawn) == .shut(until: dawn + .seconds(600)))
        let later = dawn + .seconds(600)
        play("-----", on: &breaker, from: later)
        breaker.setAside(until: later + .seconds(30), at: later)
        #expect(breaker.availability(at: later) == .shut(until: later + .seconds(30)))
        #expect(try admit(later + .seconds(30), &breaker).kind == .probe)
    }

    @Test("whatever happens, an open breaker's pause is over by its bound, and at most one probe is out at a time")
    func anything() {
        for seed in UInt64(0)..<300 {
            var dice = Dice(seed)
            var breaker = Breaker()
            var now = dawn
            var permits: [Breaker.Permit] = []
            var probeStarted = Instant.past
            var isProbing = false
            for _ in 0..<400 {
                now = now + dice.span(0...500_000)
                if case .shut(let until) = breaker.availability(at: now), !isProbing {
                    #expect(until <= now + BreakerSettings().longestPause, "seed \(seed)")
                }
                if let permit = breaker.admit(at: now) {
                    if permit.kind == .probe {
                        #expect(!isProbing || now >= probeStarted + .seconds(30), "seed \(seed)")
                        (isProbing, probeStarted) = (true, now)
                    }
                    permits.append(permit)
                }
                guard !permits.isEmpty, dice.chance(perMille: 600) else { continue }
                let permit = permits.remove(at: dice.below(permits.count))
                if permit.kind == .probe { isProbing = false }
                switch dice.below(4) {
                case 0: breaker.succeeded(permit, at: now)
                case 1: breaker.abandoned(permit, at: now)
                default: breaker.failed(permit, at: now, random: dice.next())
                }
            }
        }
    }
}
