// Chunked bodies. The first byte chooses limits and a cut, the rest is the encoded body.
// Checked: splits give the same content, error and position; ranges lie inside the window; a plain decoder that sees the whole body agrees;
// content written as chunks decodes to itself.

import WeirBase
import WeirWire

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChunked(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let wire = Array(input.dropFirst())
    var limits = HTTPLimits()
    if choice & 1 != 0 {
        (limits.bodyBytes, limits.chunkLineBytes, limits.chunkExtensionBytes) = (64, 12, 16)
        (limits.trailerBytes, limits.fields) = (24, 2)
    }
    let whole = decode([wire], limits)
    precondition(whole == decode(wire.map { [$0] }, limits), "byte by byte")
    let cut = min(Int(choice >> 1), wire.count)
    precondition(whole == decode([Array(wire[..<cut]), [], Array(wire[cut...])], limits), "two parts")
    precondition(whole.content.count <= limits.bodyBytes && whole.position <= wire.count)
    if whole.isEnded {
        precondition(whole.position < 5 || Array(wire[..<whole.position].suffix(2)) == [0x0D, 0x0A])
        precondition(plainlyDecoded(Array(wire[..<whole.position])) == whole.content, "the plain decoder disagrees")
    }
    var buffer = ByteBuffer()
    buffer.appendChunk(wire.span.extracting(0..<cut))
    buffer.appendChunk(wire.span.extracting(cut..<wire.count))
    buffer.appendLastChunk()
    let again = decode([(0..<buffer.count).map { buffer.span[$0] }], HTTPLimits())
    precondition(again.isEnded && again.content == wire && again.position == buffer.count, "written and read again")
    return 0
}

struct Decoded: Equatable {
    var content: [UInt8] = []
    var position = 0
    var isEnded = false
    var error: HTTPError?
}

func decode(_ parts: [[UInt8]], _ limits: HTTPLimits) -> Decoded {
    var decoder = ChunkedDecoder()
    var result = Decoded()
    do throws(HTTPError) {
        parts: for part in parts {
            var offset = 0
            while true {
                switch try decoder.next(in: part.span, from: &offset, limits: limits) {
                case .data(let range):
                    precondition(!range.isEmpty && Int(range.end) == offset && offset <= part.count)
                    result.content += part[range.bounds]
                case .end:
                    result.isEnded = true
                    break parts
                case .needsMore:
                    precondition(offset == part.count)
                    continue parts
                }
            }
        }
    } catch { result.error = error }
    result.position = decoder.position
    return result
}

/// The content of a body that is known to be complete and good, by the book.
func plainlyDecoded(_ wire: [UInt8]) -> [UInt8]? {
    var content: [UInt8] = []
    var rest = wire[...]
    while let lineEnd = rest.firstIndex(of: 0x0A) {
        let line = String(decoding: rest[..<lineEnd], as: UTF8.self)
        guard let size = Int(line.prefix { $0.isHexDigit }, radix: 16), line.utf8.last == 0x0D else { return nil }
        rest = rest[(lineEnd + 1)...]
        if size == 0 { return rest.suffix(2).elementsEqual([0x0D, 0x0A]) ? content : nil }
        guard rest.count >= size + 2 else { return nil }
        content += rest.prefix(size)
        rest = rest.dropFirst(size)
        guard rest.prefix(2).elementsEqual([0x0D, 0x0A]) else { return nil }
        rest = rest.dropFirst(2)
    }
    return nil
}
