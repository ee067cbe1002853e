public import WeirBase

/// A request that is over, as one row: what was held, every attempt, how it ended. Names are the sink's own numbers.
public struct SettledRequest: Sendable {
    public let hold: HoldRecord
    /// Attempts after which the request went on.
    public let earlier: [AttemptRecord]
    /// The last attempt; nil where no upstream was called.
    public let last: AttemptRecord?
    public let settle: SettleRecord
    /// Whether the hold was lost to damage: nobody knows whose request it was. It is booked all the same, for the money is spent.
    public let isOrphan: Bool

    public var request: RequestID { settle.request }
}

/// A request that is not over as far as the journal was read.
public struct OpenRequest: Sendable {
    public internal(set) var hold: HoldRecord
    public internal(set) var attempts: [AttemptRecord] = []

    public init(hold: HoldRecord, attempts: [AttemptRecord] = []) {
        self.hold = hold
        self.attempts = attempts
    }

    /// What its attempts have cost so far.
    public var cost: Money { attempts.reduce(.zero) { $0.adding($1.cost) } }
}

/// Something in a journal that should not be there. None stops the fold; all are told to whoever runs it.
public enum JournalProblem: Hashable, Sendable, CustomStringConvertible {
    /// No header, or another segment's.
    case badHeader(loop: Int, segment: UInt32)
    /// What stands from `position` on is no record; the rest of the segment is not believed.
    case damaged(loop: Int, JournalPosition)
    /// A settle or an attempt without its hold.
    case withoutHold(loop: Int, RequestID)
    /// A record names a number that its segment does not declare.
    case undeclaredName(loop: Int, JournalPosition)

    public var description: String {
        switch self {
        case .badHeader(let loop, let segment):
            "journal of loop \(loop): segment \(segment) does not begin with its header"
        case .damaged(let loop, let position):
            "journal of loop \(loop): segment \(position.segment) is damaged from byte \(position.offset) on"
        case .withoutHold(let loop, let request):
            "journal of loop \(loop): request \(request) ends without having begun"
        case .undeclaredName(let loop, let position):
            "journal of loop \(loop): segment \(position.segment) uses a name that it does not declare, at byte \(position.offset)"
        }
    }
}

/// Where a fold puts what it reads.
public protocol FoldSink: AnyObject {
    /// The sink's own number for a name; asked once a segment.
    func name(_ space: NameSpace, _ text: String) -> NameNumber
    /// Takes a row. Each request comes once, however often the journal is read from the same position with the same open requests.
    func settled(_ row: borrowing SettledRequest)
    func adjusted(_ adjustment: AdjustmentRecord)
    func problem(_ problem: JournalProblem)
}

extension Money {
    /// The sum, or the nearest that fits: for numbers from a file, which must not end the process.
    public func adding(_ other: Money) -> Money {
        let (sum, overflows) = nanoUSD.addingReportingOverflow(other.nanoUSD)
        return Money(nanoUSD: overflows ? (other.nanoUSD < 0 ? .min : .max) : sum)
    }
}
