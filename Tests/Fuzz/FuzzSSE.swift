import WeirBase
import WeirDialects
import WeirWire

// libFuzzer target for event streams (scripts/fuzz sse). The first byte says where the stream after it is cut. Besides not crashing: what a client
// gets and what the meter reports depend neither on the cut nor on single bytes, and without stripping every byte passes.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSSE(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 1 else { return 0 }
    let all = Array(UnsafeBufferPointer(start: data, count: size))
    let stream = Array(all[1...])
    let cut = Int(all[0]) % stream.count
    let splits = [[Array(stream[..<cut]), Array(stream[cut...])], stream.map { [$0] }]
    for (strips, place) in [(true, OpenAIBody.UsagePlace.top), (false, .top), (false, .inResponse)] {
        let whole = relay([stream], strips, place)
        precondition(strips ? whole.bytes.count <= stream.count : whole.bytes == stream)
        for parts in splits {
            let other = relay(parts, strips, place)
            precondition(other.bytes == whole.bytes && other.report == whole.report)
        }
    }
    return 0
}

private func relay(
    _ parts: [[UInt8]], _ strips: Bool, _ place: OpenAIBody.UsagePlace
) -> (bytes: [UInt8], report: OpenAIStreamReport) {
    var meter = OpenAIStreamMeter(place, strips: strips)
    var out = ByteBuffer()
    for part in parts {
        let before = out.count
        if meter.feed(part.span, into: &out) == .whole {
            precondition(out.count == before)
            out.append(part.span)
        }
    }
    meter.finish(into: &out)
    var bytes: [UInt8] = []
    for at in out.span.indices { bytes.append(out.span[at]) }
    return (bytes, meter.report)
}
