import WeirBase

extension Reader {
    static let timeoutSettings: [Setting] = [
        .optional("connect", "10ms to 5m", default: "5s", "Until the connection (with TLS) stands."),
        .optional(
            "first_byte", "10ms to 1d", default: "10m",
            "From the request's last byte to the answer's first; an answer that is not streamed is complete by then."),
        .optional(
            "idle", "10ms to 1d", default: "2m",
            "Between two reads of an answer, and between two parts of a request that is being sent."),
        .optional("total", "10ms to 1d", default: "1h", "For all of it; no other one is longer."),
    ]

    func readTimeouts(_ field: Field?) -> Policy.Timeouts {
        var timeouts = Policy.Timeouts()
        guard let field, let section = Section(field, Self.timeoutSettings) else { return timeouts }
        timeouts.total = section["total"]?.duration(in: .milliseconds(10) ... .seconds(86400)) ?? timeouts.total
        let parts: [(String, WritableKeyPath<Policy.Timeouts, TimeSpan>, TimeSpan)] = [
            ("connect", \.connect, .seconds(300)), ("first_byte", \.firstByte, .seconds(86400)),
            ("idle", \.idle, .seconds(86400)),
        ]
        for (name, part, longest) in parts {
            guard let written = section[name] else {
                // A default gives way to what is written.
                timeouts[keyPath: part] = min(timeouts[keyPath: part], timeouts.total)
                continue
            }
            guard let span = written.duration(in: .milliseconds(10)...longest) else { continue }
            if span > timeouts.total {
                let total = durationText(timeouts.total)
                written.note(
                    "\(durationText(span)) is longer than total (\(total))", "write at most \(total), or raise total")
            }
            timeouts[keyPath: part] = span
        }
        return timeouts
    }
}
