internal import WeirBase
internal import WeirWire

// Values of one kind. Each passes over its value, whatever it is, and sets `end`; of another kind it says so and gives nil.

extension ResponsesReader {
    mutating func skip(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) { end = try value.skip(bytes) }

    mutating func string(
        _ value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String
    ) throws(JSONError) -> String? {
        var text: String?
        end = try value.read(bytes, into: &text)
        if text == nil { mistake(param(), "has the wrong type: write a string") }
        return text
    }

    mutating func number(
        _ value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String
    ) throws(JSONError) -> JSONNumber? {
        let range = try value.range(bytes)
        end = Int(range.end)
        guard value.kind == .number else {
            mistake(param(), "has the wrong type: write a number")
            return nil
        }
        return JSONNumber(bytes.text(range))
    }

    mutating func count(
        _ value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String
    ) throws(JSONError) -> Int? {
        let range = try value.range(bytes)
        end = Int(range.end)
        guard value.kind == .number, let count = JSONText.integer(bytes, range), (0...Self.countLimit) ~= count else {
            mistake(param(), "has the wrong type: write a whole number of 0 or more")
            return nil
        }
        return Int(count)
    }

    /// No request has more tokens than this.
    private static let countLimit: Int64 = 1_000_000_000

    mutating func flag(
        _ value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String
    ) throws(JSONError) -> Bool? {
        try skip(value, bytes)
        switch value.kind {
        case .true: return true
        case .false: return false
        default:
            mistake(param(), "has the wrong type: write true or false")
            return nil
        }
    }

    /// An object as it was written.
    mutating func object(
        _ value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String
    ) throws(JSONError) -> RawJSON? {
        let range = try value.range(bytes)
        end = Int(range.end)
        guard value.kind == .object else {
            mistake(param(), "has the wrong type: write an object")
            return nil
        }
        return RawJSON(bytes, range)
    }

    /// Goes over an object's members. `read` sets `end` by reading or skipping each value.
    mutating func members(
        of value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String,
        _ read: (inout ResponsesReader, ShortName, JSONPlace) throws(JSONError) -> Void
    ) throws(JSONError) {
        if value.kind != .object { mistake(param(), "has the wrong type: write an object") }
        let last = try value.members(bytes) { (name, value) throws(JSONError) in
            try read(&self, name, value)
            return end
        }
        end = last
    }

    /// Goes over an array's elements, likewise.
    mutating func elements(
        of value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String,
        _ read: (inout ResponsesReader, JSONPlace) throws(JSONError) -> Void
    ) throws(JSONError) {
        if value.kind != .array { mistake(param(), "has the wrong type: write an array") }
        let last = try value.elements(bytes) { (element) throws(JSONError) in
            try read(&self, element)
            return end
        }
        end = last
    }
}
