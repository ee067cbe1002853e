public import WeirBase
internal import WeirWire

/// What a run found.
public struct LoadResult: Sendable {
    public struct CPU: Sendable {
        public var pid: Int32
        /// Nil where the process has ended meanwhile.
        public var seconds: Double?
    }

    public var plan: LoadPlan
    public var tally: LoadTally
    /// Length of the window.
    public var seconds: Double
    public var cpu: [CPU]

    public var requestsPerSecond: Double { Double(tally.requests) / seconds }
    public var eventsPerSecond: Double { Double(tally.events) / seconds }

    // MARK: For programs

    /// Appends one JSON object.
    public func appendJSON(to buffer: inout ByteBuffer) {
        buffer.append("{\"requests\":\(tally.requests),\"events\":\(tally.events),\"errors\":\(tally.errorCount)")
        buffer.append(",\"seconds\":\(fixed(seconds, 6)),\"requests_per_second\":\(fixed(requestsPerSecond, 1))")
        buffer.append(",\"events_per_second\":\(fixed(eventsPerSecond, 1)),\"connects\":\(tally.connects)")
        buffer.append(",\"received_bytes\":\(tally.receivedBytes),\"latency_us\":")
        append(tally.latency, to: &buffer)
        buffer.append(",\"first_event_us\":")
        append(tally.firstEvent, to: &buffer)
        buffer.append(",\"gap_us\":")
        append(tally.gap, to: &buffer)
        buffer.append(",\"cpu\":[")
        for (index, one) in cpu.enumerated() {
            buffer.append(index > 0 ? ",{" : "{")
            buffer.append("\"pid\":\(one.pid),\"seconds\":\(number(one.seconds, 6))")
            buffer.append(",\"us_per_request\":\(number(share(one, tally.requests), 3))")
            buffer.append(",\"us_per_event\":\(number(share(one, tally.events), 3))}")
        }
        buffer.append("],\"error_kinds\":{")
        for (index, kind) in kinds.enumerated() {
            if index > 0 { buffer.append(",") }
            buffer.append("\"\(kind.rawValue)\":{\"count\":\(tally.errors[kind] ?? 0),\"first\":")
            buffer.append(jsonString: tally.examples[kind] ?? "")
            buffer.append("}")
        }
        buffer.append("}}\n")
    }

    private func append(_ histogram: Histogram, to buffer: inout ByteBuffer) {
        buffer.append("{")
        for (index, (name, value)) in figures(histogram).enumerated() {
            if index > 0 { buffer.append(",") }
            buffer.append("\"\(name)\":\(fixed(value, 1))")
        }
        buffer.append(",\"count\":\(histogram.count)}")
    }

    // MARK: For people

    /// A table.
    public var table: String {
        var lines = [
            "\(tally.requests) requests in \(fixed(seconds, 2)) s, \(fixed(requestsPerSecond, 0))/s"
                + (tally.events > 0 ? "; \(tally.events) events, \(fixed(eventsPerSecond, 0))/s" : ""),
            "",
            row(["us", "p50", "p90", "p99", "p99.9", "max", "mean"]),
            row(["latency"] + figures(tally.latency).map { fixed($0.value, 0) }),
        ]
        if tally.events > 0 {
            lines.append(row(["first event"] + figures(tally.firstEvent).map { fixed($0.value, 0) }))
            lines.append(row(["gap"] + figures(tally.gap).map { fixed($0.value, 0) }))
        }
        for one in cpu {
            var line = "process \(one.pid): "
            if let seconds = one.seconds {
                line += "\(fixed(seconds, 2)) s of CPU"
                if let share = share(one, tally.requests) { line += ", \(fixed(share, 2)) us a request" }
                if let share = share(one, tally.events) { line += ", \(fixed(share, 2)) us an event" }
            } else {
                line += "has ended"
            }
            lines.append(line)
        }
        for kind in kinds {
            lines.append(
                "wrong, \(kind.rawValue): \(tally.errors[kind] ?? 0), the first: \(tally.examples[kind] ?? "")")
        }
        return lines.joined(separator: "\n")
    }

    private func row(_ cells: [String]) -> String {
        cells.enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, (index == 0 ? 12 : 10) - cell.count))
            return index == 0 ? cell + padding : padding + cell
        }.joined()
    }

    // MARK: Figures

    private var kinds: [AnswerError.Kind] { AnswerError.Kind.allCases.filter { tally.errors[$0] != nil } }

    private func figures(_ histogram: Histogram) -> [(name: String, value: Double)] {
        [
            ("p50", Double(histogram.value(at: 0.5)) / 1e3), ("p90", Double(histogram.value(at: 0.9)) / 1e3),
            ("p99", Double(histogram.value(at: 0.99)) / 1e3), ("p999", Double(histogram.value(at: 0.999)) / 1e3),
            ("max", Double(histogram.max) / 1e3), ("mean", histogram.mean / 1e3),
        ]
    }

    private func share(_ cpu: CPU, _ work: Int) -> Double? {
        work == 0 ? nil : cpu.seconds.map { $0 * 1e6 / Double(work) }
    }

    private func number(_ value: Double?, _ digits: Int) -> String { value.map { fixed($0, digits) } ?? "null" }
}

/// `value` with so many digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int(scaled) / Int(scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + "\(whole)" }
    let fraction = "\(Int(scaled) % Int(scale))"
    return sign + "\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
}
