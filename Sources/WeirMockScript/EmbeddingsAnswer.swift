public import WeirBase

/// `POST /v1/embeddings`. Every number is a multiple of 1/256: exact in decimals and in float32.
struct EmbeddingsAnswer: AnswerFormat {
    private let ask: Ask

    init(_ ask: Ask) { self.ask = ask }

    var steps: Steps { Steps(opening: 0, content: 0, closing: 0) }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"object\":\"list\",\"data\":[")
        for index in 0..<ask.count {
            if index > 0 { buffer.put(",") }
            buffer.put("{\"object\":\"embedding\",\"index\":")
            buffer.append(decimal: index)
            buffer.put(",\"embedding\":")
            let vector = Embedding(seed: ask.seed, index: index, dimensions: ask.directive.dimensions)
            if ask.base64 { vector.appendBase64(to: &buffer) } else { vector.appendNumbers(to: &buffer) }
            buffer.put("}")
        }
        buffer.put("],\"model\":\"")
        buffer.put(ask.model)
        buffer.put("\"")
        if !ask.directive.omitsUsage {
            buffer.put(",\"usage\":{\"prompt_tokens\":")
            buffer.append(decimal: ask.usage.input)
            buffer.put(",\"total_tokens\":")
            buffer.append(decimal: ask.usage.input)
            buffer.put("}")
        }
        buffer.put("}")
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {}
}

/// The vector of one input.
public struct Embedding: Sendable {
    private let seed: UInt64
    private let dimensions: Int

    public init(seed: UInt64, index: Int, dimensions: Int) {
        self.seed = mixed(seed &+ UInt64(truncatingIfNeeded: index))
        self.dimensions = dimensions
    }

    /// Number `dimension` times 256: from -128 to 127.
    private func scaled(_ dimension: Int) -> Int {
        Int(Int8(truncatingIfNeeded: mixed(seed &+ UInt64(truncatingIfNeeded: dimension))))
    }

    /// As a JSON array.
    public func appendNumbers(to buffer: inout ByteBuffer) {
        for dimension in 0..<dimensions {
            buffer.append(dimension == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
            let value = scaled(dimension)
            if value < 0 { buffer.append(UInt8(ascii: "-")) }
            buffer.put("0.")
            var fraction = Int(value.magnitude) * 390_625  // 1/256 in units of 10^-8
            var unit = 10_000_000
            repeat {
                buffer.append(UInt8(ascii: "0") + UInt8(fraction / unit))
                fraction %= unit
                unit /= 10
            } while fraction > 0
        }
        buffer.put("]")
    }

    /// As a JSON string: base64 of little-endian float32.
    public func appendBase64(to buffer: inout ByteBuffer) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(dimensions * 4)
        for dimension in 0..<dimensions {
            let bits = (Float(scaled(dimension)) / 256).bitPattern
            for shift in stride(from: UInt32(0), through: 24, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
            }
        }
        buffer.put("\"")
        buffer.append(base64: bytes.span)
        buffer.put("\"")
    }
}

/// `POST /v1/moderations`: nothing is ever flagged.
struct ModerationsAnswer: AnswerFormat {
    private let ask: Ask

    init(_ ask: Ask) { self.ask = ask }

    var steps: Steps { Steps(opening: 0, content: 0, closing: 0) }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"id\":\"modr-mock")
        number.append(to: &buffer)
        buffer.put("\",\"model\":\"")
        buffer.put(ask.model)
        buffer.put("\",\"results\":[")
        for index in 0..<ask.count {
            if index > 0 { buffer.put(",") }
            buffer.put("{\"flagged\":false,\"categories\":{\"hate\":false,\"violence\":false},")
            buffer.put("\"category_scores\":{\"hate\":0.001,\"violence\":0.001},\"category_applied_input_types\":{}}")
        }
        buffer.put("]}")
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {}
}

extension ByteBuffer {
    /// Appends `bytes` in base64 (RFC 4648, section 4).
    public mutating func append(base64 bytes: Span<UInt8>) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var offset = 0
        while offset < bytes.count {
            let left = min(3, bytes.count - offset)
            var group = UInt32(bytes[offset]) << 16
            if left > 1 { group |= UInt32(bytes[offset + 1]) << 8 }
            if left > 2 { group |= UInt32(bytes[offset + 2]) }
            append(alphabet[Int(group >> 18)])
            append(alphabet[Int(group >> 12 & 63)])
            append(left > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            append(left > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
            offset += 3
        }
    }
}
