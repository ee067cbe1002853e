/// A request's id: 63 bits that sort by time: 41 of milliseconds since 2020, 10 of node (process and loop), 12 of sequence. Printed in 13
/// characters of base 32 (Crockford's digits), which sort alike. The ledger's primary key: an id says when the request came, and so where
/// to look.
public struct RequestID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: Int64

    public init(value: Int64) { self.value = value }

    /// The smallest id of requests that came at `unixMilliseconds` or later: the border of a range of time.
    public init(firstAt unixMilliseconds: Int64) {
        let millisecond = min(max(unixMilliseconds - RequestIDs.epoch, 0), 1 << 41 - 1)
        self.init(value: millisecond << 22)
    }

    /// Reads what `description` prints; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 13 else { return nil }
        var value: Int64 = 0
        for byte in text.utf8 {
            guard let digit = (UInt8(0)..<32).first(where: { RequestID.digit($0) == byte }) else { return nil }
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 32)
            guard !isTooLarge else { return nil }
            value = shifted | Int64(digit)
        }
        self.init(value: value)
    }

    public static func < (left: RequestID, right: RequestID) -> Bool { left.value < right.value }

    /// When the request came: milliseconds since 1970. After a clock went back, the last time that it had shown.
    public var unixMilliseconds: Int64 { value >> 22 + RequestIDs.epoch }

    /// Of the digits of base 32: 0 to 9 and the letters without i, l, o and u.
    private static func digit(_ value: UInt8) -> UInt8 {
        guard value > 9 else { return UInt8(ascii: "0") &+ value }
        let left: UInt8 = (value > 17 ? 1 : 0) &+ (value > 19 ? 1 : 0) &+ (value > 21 ? 1 : 0) &+ (value > 26 ? 1 : 0)
        return UInt8(ascii: "a") &+ value &- 10 &+ left
    }

    public var description: String {
        var out = ByteBuffer(capacity: 16)
        append(to: &out)
        return out.span.text(ByteRange(start: 0, end: out.count))
    }

    /// Appends the 13 characters.
    public func append(to out: inout ByteBuffer) {
        var shift: Int64 = 60
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> shift & 31)
            out.append(RequestID.digit(digit))
            shift -= 5
        }
    }
}

/// Makes request ids that never repeat and never go back, also when the wall clock does.
public struct RequestIDs: Sendable {
    private let node: Int64
    private var lastMillisecond: Int64 = 0
    private var sequence: Int64 = 0

    /// 2020-01-01 in milliseconds since 1970.
    static let epoch: Int64 = 1_577_836_800_000

    /// - Parameters:
    ///   - node: 0 to 1023; no other maker of ids for the same ledger has the same.
    ///   - last: an id that exists already; all that are made are greater, whatever the clock says.
    public init(node: Int, after last: RequestID? = nil) {
        self.node = Int64(node & 1_023)
        if let last { lastMillisecond = last.value >> 22 + 1 }
    }

    public mutating func next(wallClock nanoseconds: Int64) -> RequestID {
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
