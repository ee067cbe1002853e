public import WeirBase

extension Directive {
    /// Every key that a directive may hold.
    public static let keys = [
        "seed", "events", "bytes", "first", "gap", "burst", "status", "retry-after", "cut", "stall", "error", "garbage",
        "tool", "finish", "calls", "json",
        "input", "output", "cached", "written", "reasoning", "dimensions", "usage", "close", "close-delimited",
        "slow-head",
        "crlf",
        "comments", "split",
    ]

    private static let mark: StaticString = "#mock"

    /// Finds the last directive in a request's body.
    /// - Returns: the range of its settings, the mark left out; nil if there is none.
    public static func find(in body: Span<UInt8>) -> ByteRange? {
        let markBytes = mark.utf8CodeUnitCount
        var start = body.count - markBytes
        while start >= 0 {
            if body[start] == UInt8(ascii: "#"), isMark(body, at: start) {
                var end = start + markBytes
                while end < body.count, !endsDirective(body[end]) { end += 1 }
                return ByteRange(start: start + markBytes, end: end)
            }
            start -= 1
        }
        return nil
    }

    private static func isMark(_ body: Span<UInt8>, at start: Int) -> Bool {
        let next = start + mark.utf8CodeUnitCount
        guard body[start + 1] == UInt8(ascii: "m"), body[start + 2] == UInt8(ascii: "o"),
            body[start + 3] == UInt8(ascii: "c"), body[start + 4] == UInt8(ascii: "k")
        else { return false }
        return next == body.count || body[next] == UInt8(ascii: " ") || endsDirective(body[next])
    }

    private static func endsDirective(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < UInt8(ascii: " ")
    }

    /// What `body` asks for, or `defaults` as they are.
    public static func read(from body: Span<UInt8>, defaults: Directive) throws(DirectiveError) -> Directive {
        guard let range = find(in: body) else { return defaults }
        return try Directive(settings: body.extracting(range.bounds), defaults: defaults)
    }

    /// Reads `key=value key=value`, on top of `defaults`.
    public init(settings: Span<UInt8>, defaults: Directive = Directive()) throws(DirectiveError) {
        self = defaults
        var offset = 0
        while offset < settings.count {
            guard settings[offset] != UInt8(ascii: " ") else { offset += 1; continue }
            var end = offset
            while end < settings.count, settings[end] != UInt8(ascii: " ") { end += 1 }
            let word = settings.extracting(offset..<end)
            let equals = word.indices.first { word[$0] == UInt8(ascii: "=") }
            let key = text(word.extracting(0..<(equals ?? word.count)))
            try set(key, to: equals.map { text(word.extracting(($0 + 1)..<word.count)) })
            offset = end
        }
    }

    /// The same for a text: an option of a command.
    public init(_ settings: String, defaults: Directive = Directive()) throws(DirectiveError) {
        let bytes = Array(settings.utf8)
        try self.init(settings: bytes.span, defaults: defaults)
    }

    /// A table: one line a key, in the order of `keys`.
    private mutating func set(_ key: String, to value: String?) throws(DirectiveError) {
        let setting = Setting(key: key, value: value)
        switch key {
        case "seed": seed = try setting.unsigned()
        case "events": events = try setting.number(upTo: Limits.events)
        case "bytes": bytesPerEvent = try setting.number(upTo: Limits.bytesPerEvent)
        case "first": first = try setting.delay()
        case "gap": gap = try setting.delay()
        case "burst": burst = try setting.number(from: 1, upTo: Limits.events)
        case "status": status = try setting.number(from: 200, upTo: 599)
        case "retry-after": retryAfter = try setting.number(upTo: 1_000_000)
        case "cut": cut = try setting.number(upTo: Limits.events)
        case "stall": stall = try setting.number(upTo: Limits.events)
        case "error": errorAfter = try setting.number(upTo: Limits.events)
        case "garbage": garbage = try setting.garbage()
        case "tool": tool = try setting.name()
        case "finish": finish = try setting.name()
        case "calls": calls = try setting.number(from: 1, upTo: Limits.calls)
        case "json": isJSON = try setting.flag()
        case "input": inputTokens = try setting.number(upTo: Limits.tokens)
        case "output": outputTokens = try setting.number(upTo: Limits.tokens)
        case "cached": cachedTokens = try setting.number(upTo: Limits.tokens)
        case "written": writtenTokens = try setting.number(upTo: Limits.tokens)
        case "reasoning": reasoningTokens = try setting.number(upTo: Limits.tokens)
        case "dimensions": dimensions = try setting.number(from: 1, upTo: Limits.dimensions)
        case "usage": omitsUsage = try !setting.flag()
        case "close": closes = try setting.flag()
        case "close-delimited": closeDelimited = try setting.flag()
        case "slow-head": slowHead = try setting.flag()
        case "crlf": crlf = try setting.flag()
        case "comments": comments = try setting.flag()
        case "split": split = try setting.number(from: 1, upTo: Limits.bytesPerEvent)
        default: throw .unknownKey(key)
        }
    }
}

/// One `key=value` of a directive.
private struct Setting {
    let key: String
    let value: String?

    private var bad: DirectiveError { .badValue(key: key, value: value ?? "") }

    func unsigned() throws(DirectiveError) -> UInt64 {
        guard let value, let number = UInt64(value), value.utf8.first != UInt8(ascii: "+") else { throw bad }
        return number
    }

    func number(from least: Int = 0, upTo most: Int) throws(DirectiveError) -> Int {
        guard let number = Int(exactly: try unsigned()), number >= least, number <= most else { throw bad }
        return number
    }

    /// `50ms`, `2s`, `100us`; a bare number is 0 or a mistake.
    func delay() throws(DirectiveError) -> TimeSpan {
        guard let value else { throw bad }
        let digits = value.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count <= 3_600_000_000 else { throw bad }
        let span: TimeSpan
        switch value.dropFirst(digits.count) {
        case "us": span = .microseconds(count)
        case "ms": span = .milliseconds(count)
        case "s": span = .seconds(count)
        case "" where count == 0: span = .zero
        default: throw bad
        }
        guard span <= Directive.Limits.delay else { throw bad }
        return span
    }

    func garbage() throws(DirectiveError) -> Directive.Garbage {
        guard let value, let kind = Directive.Garbage(rawValue: value) else { throw bad }
        return kind
    }

    /// A function's name (providers.md, section 2.1).
    func name() throws(DirectiveError) -> String {
        guard let value, (1...64).contains(value.utf8.count), value.utf8.allSatisfy(isNameByte) else { throw bad }
        return value
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// A bare key and `on` mean yes, `off` no.
    func flag() throws(DirectiveError) -> Bool {
        switch value {
        case nil, "on": true
        case "off": false
        default: throw bad
        }
    }
}

/// The text of `bytes`, invalid UTF-8 repaired: for messages and keys, never for content.
func text(_ bytes: Span<UInt8>) -> String {
    String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
}
