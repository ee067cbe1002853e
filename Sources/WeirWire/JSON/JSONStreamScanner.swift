public import WeirBase

/// Finds one member of a JSON object that arrives in pieces split anywhere, and keeps a copy of its value.
///
/// It counts brackets and nothing else: what it reads goes to the client in any case, so grammar is the client's business. What is no object is
/// `unreadable`; in an object that is no valid JSON the value found may be none either, so the value is to be parsed before it is believed. Names
/// written with escapes are not recognised: no server writes `"us\u0061ge"`. Memory: the kept value, at most `captureLimit` bytes.
public struct JSONStreamScanner: ~Copyable {
    /// A longer value is not kept.
    public static let captureLimit = 8 << 10

    public enum State: Equatable, Sendable {
        /// The object goes on, and the member has not come.
        case looking
        /// The value is being read.
        case inValue
        /// The value is whole: `value` has its bytes.
        case found(JSONKind)
        /// The member came, but its value is over `captureLimit`.
        case tooLong
        /// The bytes are no JSON object.
        case unreadable
    }

    public private(set) var state = State.looking
    /// Whether the object has ended.
    public private(set) var isComplete = false
    /// Bytes fed so far.
    public private(set) var position = 0
    /// Where the value began and ended, counted from the first byte fed.
    public private(set) var valueStart = 0
    public private(set) var valueEnd = 0

    private let outer: ShortName
    private let inner: ShortName?
    private var kept = ByteBuffer()
    private var text = Text.outside
    private var depth = 0
    /// Objects on the path that are open besides the outermost: 0, or 1 inside the value of `outer`.
    private var matched = 0
    private var name = ShortName()
    private var place = Place.beforeName
    private var valueDepth = 0
    private var kind = JSONKind.null

    private enum Text { case outside, string, escape }

    /// Where in the innermost object of the path reading is.
    private enum Place {
        /// After `{` or `,`.
        case beforeName
        /// In a name that may be the wanted one, or one that is surely not.
        case inName, inOtherName
        case afterName(wanted: Bool)
        /// After the colon of the wanted name.
        case beforeWanted
        case inWantedScalar, inWantedString, inWantedContainer
        /// In a value nobody wants.
        case inOther
    }

    /// Looks for the member `outer` of the object, or for the member `inner` of the object that is the value of `outer`.
    public init(_ outer: ShortName, _ inner: ShortName? = nil) {
        self.outer = outer
        self.inner = inner
    }

    /// The bytes of the value, while `state` is `found`.
    public var value: Span<UInt8> {
        @_lifetime(borrow self) get { kept.span }
    }

    /// Begins with a new object; keeps the memory.
    public mutating func reset() {
        kept.removeAll()
        state = .looking
        isComplete = false
        (position, valueStart, valueEnd, depth, matched) = (0, 0, 0, 0, 0)
        text = .outside
        place = .beforeName
    }

    /// Reads the next piece. A member that comes twice counts as its last one, as most JSON readers take it.
    public mutating func feed(_ bytes: Span<UInt8>) { feed(bytes, from: 0, to: bytes.count) }

    /// The same for the bytes in `start..<end`.
    public mutating func feed(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        guard state != .unreadable, !isComplete else {
            position += end - start
            return
        }
        var at = start
        var keepFrom = isInValue ? start : -1
        while at < end, !isComplete {
            if text != .outside {
                at = readString(bytes, from: at, to: end)
            } else if isAtPath {
                if case .beforeWanted = place, bytes[at] > 0x20 {
                    beginValue(bytes[at], at: position &+ (at &- start))
                    keepFrom = isInValue ? at : -1
                }
                readStructure(bytes[at])
                at &+= 1
            } else {
                at = bytes.firstBracketOrQuote(from: at, to: end)
                guard at < end else { break }
                readStructure(bytes[at])
                at &+= 1
            }
            if keepFrom >= 0, !isInValue {
                // A scalar ends before the byte that ends it, all others with their last byte.
                let valueEndOffset = kind == .number || kind.rawValue >= JSONKind.true.rawValue ? at &- 1 : at
                keep(bytes, from: keepFrom, to: valueEndOffset)
                keepFrom = -1
                valueEnd = position &+ (valueEndOffset &- start)
                if state == .inValue { state = .found(kind) }
            }
            if state == .unreadable { break }
        }
        if keepFrom >= 0 { keep(bytes, from: keepFrom, to: end) }
        position += end - start
    }

    // MARK: Parts

    private var isAtPath: Bool { depth == matched &+ 1 || depth == 0 }

    private var isInValue: Bool {
        switch place {
        case .inWantedScalar, .inWantedString, .inWantedContainer: true
        default: false
        }
    }

    /// Goes on in a string up to its end or the end of the bytes.
    private mutating func readString(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        if text == .escape {
            text = .string
            return start &+ 1
        }
        var at = start
        while true {
            if case .inName = place {} else { at = bytes.skipStringText(from: at, to: end) }
            let stop = bytes.firstStringStop(from: at, to: end)
            if case .inName = place {
                for offset in at..<stop where !name.append(bytes[offset]) {
                    place = .inOtherName
                    break
                }
            }
            guard stop < end else { return end }
            switch bytes[stop] {
            case UInt8(ascii: "\\"):
                text = .escape
                if case .inName = place { place = .inOtherName }
                return stop &+ 1
            case UInt8(ascii: "\""):
                text = .outside
                switch place {
                case .inName: place = .afterName(wanted: name == (matched == 0 ? outer : inner))
                case .inOtherName: place = .afterName(wanted: false)
                case .inWantedString: place = .inOther
                default: break
                }
                return stop &+ 1
            default: at = stop &+ 1  // a control byte: not our business
            }
        }
    }

    private mutating func beginValue(_ byte: UInt8, at position: Int) {
        kind = JSONScanner.kind(of: byte)
        if matched == 0, inner != nil {
            guard kind == .object else {
                place = .inOther
                return
            }
            matched = 1  // go down: the brace that follows opens the inner object
            return
        }
        kept.removeAll()
        state = .inValue
        valueStart = position
        valueDepth = depth
        switch kind {
        case .string: place = .inWantedString
        case .object, .array: place = .inWantedContainer
        default: place = .inWantedScalar
        }
    }

    /// Reads one byte outside of strings.
    private mutating func readStructure(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""):
            text = .string
            guard depth == matched &+ 1, !isInValue else { break }
            if case .beforeName = place {
                name = ShortName()
                place = .inName
            }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if depth == 0 {
                guard byte == UInt8(ascii: "{") else { return fail() }
            }
            depth &+= 1
            if depth == matched &+ 1, !isInValue { place = .beforeName }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            guard depth > 0 else { return fail() }
            if case .inWantedScalar = place { place = .inOther }
            depth &-= 1
            if case .inWantedContainer = place, depth == valueDepth { place = .inOther }
            if depth == matched, matched > 0 {
                matched &-= 1
                place = .inOther
            }
            if depth == 0 { isComplete = true }
        case UInt8(ascii: ","):
            guard depth == matched &+ 1 else { break }
            place = .beforeName
        case UInt8(ascii: ":"):
            guard depth == matched &+ 1, case .afterName(let isWanted) = place else { break }
            place = isWanted ? .beforeWanted : .inOther
        case 0x20, 0x0A, 0x0D, 0x09:
            if case .inWantedScalar = place { place = .inOther }
        default:
            if depth == 0 { fail() }
        }
    }

    private mutating func fail() { state = .unreadable }

    private mutating func keep(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        guard state == .inValue, end > start else { return }
        guard kept.count + (end - start) <= Self.captureLimit else {
            kept.removeAll()
            state = .tooLong
            return
        }
        kept.append(bytes.extracting(start..<end))
    }
}
