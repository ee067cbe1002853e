import WeirBase

extension Core {
    static let byteBuffer: [Core] = [
        Core("buffer/append-64") { iterations in
            let piece = hidden([UInt8](repeating: 0x61, count: 64))
            var buffer = ByteBuffer(capacity: 4096)
            for _ in 0..<iterations {
                buffer.removeAll()
                buffer.append(piece.span)
                keep(buffer)
            }
        },
        Core("buffer/append-decimal") { iterations in
            var buffer = ByteBuffer(capacity: 4096)
            let value = hidden(1_234_567)
            for _ in 0..<iterations {
                buffer.removeAll()
                buffer.append(decimal: value)
                keep(buffer)
            }
        },
        Core("buffer/chunk-frame") { iterations in
            let event = hidden([UInt8](repeating: 0x61, count: 220))
            var buffer = ByteBuffer(capacity: 4096)
            for _ in 0..<iterations {
                buffer.removeAll()
                buffer.append(hexadecimal: event.count)
                buffer.append("\r\n")
                buffer.append(event.span)
                buffer.append("\r\n")
                keep(buffer)
            }
        },
        Core("buffer/remove-first") { iterations in
            let piece = hidden([UInt8](repeating: 0x61, count: 512))
            var buffer = ByteBuffer(capacity: 4096)
            for _ in 0..<iterations {
                buffer.append(piece.span)
                buffer.removeFirst(512)
                keep(buffer)
            }
        },
    ]
}
