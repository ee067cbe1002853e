internal import WeirBase
internal import WeirWire

/// Reads an event too large to be kept, piece by piece: its name, and the usage object and the service tier in its data. A class, for most streams have none.
final class LongEvent {
    private var json: JSONStreamScanner
    /// nil in streams whose answers have no tier.
    private var tierJSON: JSONStreamScanner?
    private var line = Line.start
    private var field = ShortName()
    private(set) var hasData = false
    /// The last six bytes of the event's name.
    private var nameEnd: UInt64 = 0
    /// The event's name; nil if it is longer than `ShortName.limit`.
    private(set) var name: ShortName? = ShortName()

    private enum Line {
        /// Reading the field's name.
        case start
        case data, name
        /// A comment, another field, or a name that no field has.
        case other
    }

    init(_ place: OpenAIBody.UsagePlace) {
        switch place {
        case .top:
            json = JSONStreamScanner(ChunkMarks.usageName)
            tierJSON = JSONStreamScanner(ServiceTier.name)
        case .inResponse:
            json = JSONStreamScanner("response", ChunkMarks.usageName)
            tierJSON = JSONStreamScanner("response", ServiceTier.name)
        }
    }

    /// Looks for the usage at the place that the two names say.
    init(_ outer: ShortName, _ inner: ShortName? = nil) {
        json = JSONStreamScanner(outer, inner)
        tierJSON = nil
    }

    func begin() {
        json.reset()
        tierJSON?.reset()
        line = .start
        field = ShortName()
        hasData = false
        name = ShortName()
        nameEnd = 0
    }

    /// Whether the event's name ends with `.delta`.
    var isDelta: Bool { nameEnd == 0x2E64_656C_7461 }

    var usage: UsageReading { UsageReading(json) }
    var tier: ServiceTier? { tierJSON?.serviceTier }

    /// What `read` makes of the scanner that looked for the usage.
    func usage(_ read: (borrowing JSONStreamScanner) -> UsageReading) -> UsageReading { read(json) }

    /// Reads bytes of the event as they are on the wire.
    func feed(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        var at = start
        while at < end {
            let byte = bytes[at]
            if line == .start {
                at &+= 1
                readFieldName(byte)
                continue
            }
            let stop = bytes.firstLineEnd(from: at, to: end)
            switch line {
            case .data: feedData(bytes, from: at, to: stop)
            case .name: readName(bytes, from: at, to: stop)
            case .start, .other: break
            }
            at = stop
            if at < end {
                beginLine()
                at &+= 1
            }
        }
    }

    /// Reads a payload that lies there whole.
    func feedPayload(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        hasData = true
        feedData(bytes, from: start, to: end)
    }

    private func feedData(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        json.feed(bytes, from: start, to: end)
        tierJSON?.feed(bytes, from: start, to: end)
    }

    private func beginLine() {
        line = .start
        field = ShortName()
    }

    private func readFieldName(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): beginLine()
        case UInt8(ascii: ":"):
            switch field {
            case "data", "\u{FEFF}data":
                hasData = true
                line = .data
            case "event", "\u{FEFF}event":
                name = ShortName()
                nameEnd = 0
                line = .name
            default: line = .other
            }
        default: if !field.append(byte) { line = .other }
        }
    }

    private func readName(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        for at in start..<end {
            if name == ShortName(), bytes[at] == UInt8(ascii: " ") { continue }
            if name?.append(bytes[at]) == false { name = nil }
            nameEnd = (nameEnd << 8 | UInt64(bytes[at])) & 0xFFFF_FFFF_FFFF
        }
    }
}
