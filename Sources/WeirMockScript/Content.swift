public import WeirBase

/// The text of an answer, made from a seed: the same seed and sizes give the same bytes in every process, so that a client checks each
/// answer without having kept anything. It comes in pieces, one for each event of a stream; a piece can be made without those before it.
public struct Content: Sendable {
    /// A spelling of the text.
    public enum Form: Sendable {
        /// UTF-8 as it is.
        case plain
        /// Inside a JSON string.
        case json
        /// Inside a JSON string that holds a JSON text (tool arguments).
        case nested
    }

    /// The seed of this choice of the answer.
    public let seed: UInt64
    public let pieces: Int
    /// Bytes of words in each piece in `plain` form.
    public let bytesPerPiece: Int
    /// Whether the text is a JSON object, as of a model that answers by a schema: `{"text":"` before the words and `"}` after them.
    public let isObject: Bool

    /// - Parameter choice: the `index` of the choice: each of several has a text of its own.
    public init(seed: UInt64, choice: Int = 0, pieces: Int, bytesPerPiece: Int, isObject: Bool = false) {
        self.isObject = isObject
        self.seed = choice == 0 ? seed : mixed(seed ^ UInt64(truncatingIfNeeded: choice) &* 0xD1B5_4A32_D192_ED03)
        self.pieces = pieces
        self.bytesPerPiece = bytesPerPiece
    }

    /// Appends piece `index`.
    public func append(_ index: Int, as form: Form, to buffer: inout ByteBuffer) {
        guard isObject else { return appendWords(index, as: form, to: &buffer) }
        precondition(form != .nested, "tool arguments are an object already")
        let isPlain = form == .plain
        if index == 0 { buffer.put(isPlain ? "{\"text\":\"" : "{\\\"text\\\":\\\"") }
        appendWords(index, as: isPlain ? .json : .nested, to: &buffer)
        if index == pieces - 1 { buffer.put(isPlain ? "\"}" : "\\\"}") }
    }

    private func appendWords(_ index: Int, as form: Form, to buffer: inout ByteBuffer) {
        var random = mixed(seed &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15)
        var bits = random
        var left = bytesPerPiece
        var drawn = 0
        while left > 0 {
            if drawn == 10 {  // ten draws of six bits from one number
                random = mixed(random)
                bits = random
                drawn = 0
            }
            let word = Word.all[Int(truncatingIfNeeded: bits) & (Word.count - 1)]
            let size = word.plain.utf8CodeUnitCount
            if size <= left {
                switch form {
                case .plain: buffer.append(word.plain)
                case .json: buffer.append(word.json)
                case .nested: buffer.append(word.nested)
                }
                left &-= size
            } else {  // no room for this one: letters up to the exact size
                buffer.append(UInt8(ascii: "a") &+ UInt8(truncatingIfNeeded: bits & 15))
                left &-= 1
            }
            bits >>= 6
            drawn &+= 1
        }
    }

    /// Appends the whole text.
    public func appendAll(as form: Form, to buffer: inout ByteBuffer) {
        for index in 0..<pieces { append(index, as: form, to: &buffer) }
    }
}

/// What tool arguments begin and end with: `{"text":"` ... `"}`.
public enum ToolArguments {
    /// Appends piece `index` of the arguments, as inside a JSON string.
    public static func append(_ index: Int, of content: Content, to buffer: inout ByteBuffer) {
        if index == 0 { buffer.put("{\\\"text\\\":\\\"") }
        content.append(index, as: .nested, to: &buffer)
        if index == content.pieces - 1 { buffer.put("\\\"}") }
    }

    /// Appends the whole arguments as members of an object, its braces left out.
    static func appendMembers(of content: Content, to buffer: inout ByteBuffer) {
        buffer.put("\"text\":\"")
        content.appendAll(as: .json, to: &buffer)
        buffer.put("\"")
    }

    public static func appendAll(of content: Content, to buffer: inout ByteBuffer) {
        for index in 0..<content.pieces { append(index, of: content, to: &buffer) }
    }
}

/// SplitMix64's finalizer: any change of the input changes half of the output's bits.
func mixed(_ value: UInt64) -> UInt64 {
    var mix = value &+ 0x9E37_79B9_7F4A_7C15
    mix = (mix ^ (mix >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mix = (mix ^ (mix >> 27)) &* 0x94D0_49BB_1331_11EB
    return mix ^ (mix >> 31)
}

/// A hash of `bytes` that is the same in every process: seeds from prompts, keys of the answer cache. Not for enemies.
public func stableHash(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
    let raw = unsafe bytes.bytes
    var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset &+ 8 <= raw.byteCount {
        // Bounds-checked, and any eight bytes are a UInt64.
        let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        hash = (hash ^ word) &* 0x9FB2_1C65_1E98_DF25
        hash ^= hash >> 32
        offset &+= 8
    }
    while offset < bytes.count {
        hash = (hash ^ UInt64(bytes[offset])) &* 0x100_0000_01B3
        offset &+= 1
    }
    return mixed(hash)
}

/// Whether two runs of bytes are the same, eight at a time.
public func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    let (one, other) = unsafe (left.bytes, right.bytes)
    var at = 0
    while at &+ 8 <= left.count {
        // Bounds-checked, and any eight bytes are a UInt64.
        let (a, b) = unsafe (
            one.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self),
            other.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
        )
        if a != b { return false }
        at &+= 8
    }
    while at < left.count {
        if left[at] != right[at] { return false }
        at &+= 1
    }
    return true
}

extension ByteBuffer {
    /// A literal as it stands in the program: no String is made.
    @inline(__always) mutating func put(_ text: StaticString) { append(text) }

    mutating func put(_ bytes: [UInt8]) { append(bytes.span) }
}
