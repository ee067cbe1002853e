public import WeirBase

/// A request's id: 63 bits that sort by time: 41 of milliseconds since 2020, 10 of node (process and loop), 12 of sequence. Printed in 13
/// characters of base 32 (Crockford's digits), which sort alike.
public struct RequestID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: Int64

    public init(value: Int64) { self.value = value }

    public static func < (left: RequestID, right: RequestID) -> Bool { left.value < right.value }

    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    public var description: String {
        var out = ByteBuffer(capacity: 16)
        append(to: &out)
        return out.span.text(ByteRange(start: 0, end: out.count))
    }

    /// Appends the 13 characters.
    public func append(to out: inout ByteBuffer) {
        var shift: Int64 = 60
        while shift >= 0 {
            let digit = Int(truncatingIfNeeded: value >> shift & 31)
            out.append(RequestID.digits[digit])
            shift -= 5
        }
    }
}

/// Makes request ids that never repeat and never go back, also when the wall clock does.
struct RequestIDs {
    private let node: Int64
    private var lastMillisecond: Int64 = 0
    private var sequence: Int64 = 0

    /// 2020-01-01 in milliseconds since 1970.
    private static let epoch: Int64 = 1_577_836_800_000

    init(node: Int) { self.node = Int64(node & 1_023) }

    mutating func next(wallClock nanoseconds: Int64) -> RequestID {
        let millisecond = nanoseconds / 1_000_000 - RequestIDs.epoch
        if millisecond > lastMillisecond {
            lastMillisecond = millisecond
            sequence = 0
        } else {
            sequence += 1
            if sequence > 4_095 {
                lastMillisecond += 1
                sequence = 0
            }
        }
        return RequestID(value: lastMillisecond << 22 | node << 12 | sequence)
    }
}
