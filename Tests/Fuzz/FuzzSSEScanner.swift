// Event streams. The first byte chooses a cut, the rest is the stream.
// Checked: a reader that follows the standard word for word, and knows the whole stream, sees the same events as the scanner does over any
// splits; the ranges lie inside and cover the stream without a gap.

import WeirBase
import WeirWire

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSSEScanner(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let wire = Array(input.dropFirst())
    let expected = byTheBook(wire)
    let cut = min(Int(choice), wire.count)
    for parts in [
        [wire], wire.map { [$0] }, [Array(wire[..<cut]), [], Array(wire[cut...])], pieces(wire, Int(choice & 7) + 2),
    ] {
        precondition(scan(parts) == expected, "\(parts.map(\.count))")
    }
    return 0
}

struct Event: Equatable {
    var lines: [[UInt8]] = []
    var name: [UInt8] = []
    var id: [UInt8]?
    var retry: [UInt8]?
}

func pieces(_ wire: [UInt8], _ size: Int) -> [[UInt8]] {
    stride(from: 0, to: wire.count, by: size).map { Array(wire[$0..<min($0 + size, wire.count)]) }
}

/// Reads as the owner of a connection does: an event that a read leaves incomplete is kept and handed over whole.
func scan(_ parts: [[UInt8]]) -> [Event] {
    var scanner = SSEScanner()
    var events: [Event] = []
    var kept: [UInt8] = []
    for part in parts {
        var at = scanner.leadingLineFeed(in: part.span)
        precondition(at == 0 || (kept.isEmpty && part[0] == 0x0A))
        if !kept.isEmpty {
            guard let end = scanner.findEnd(in: part.span, from: at) else {
                kept += part[at...]
                continue
            }
            precondition(end > at && end <= part.count)
            kept += part[at..<end]
            guard let event = scanner.complete(kept.span) else { preconditionFailure("an end, but no event") }
            precondition(event.range == ByteRange(start: 0, end: kept.count), "an event of other bytes")
            events.append(read(event, kept))
            kept = []
            at = end
        }
        while let event = scanner.next(in: part.span, from: at) {
            precondition(
                Int(event.range.start) == at && Int(event.range.end) > at && Int(event.range.end) <= part.count)
            events.append(read(event, part))
            at = Int(event.range.end)
        }
        kept = Array(part[at...])
    }
    return events
}

func read(_ event: SSEEvent, _ bytes: [UInt8]) -> Event {
    for range in [event.data, event.name, event.id ?? event.range, event.retry ?? event.range] {
        precondition(range.start >= event.range.start && range.end <= event.range.end, "a range outside of the event")
    }
    var result = Event(
        name: Array(bytes[event.name.bounds]), id: event.id.map { Array(bytes[$0.bounds]) },
        retry: event.retry.map { Array(bytes[$0.bounds]) })
    // NUL joins the lines: it is told apart from LF, and lines with NUL in them count as two on both sides.
    var joined = ByteBuffer()
    event.appendData(of: bytes.span, to: &joined, separator: 0)
    if event.dataLines > 0 {
        let text = (0..<joined.count).map { joined.span[$0] }
        result.lines = text.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        precondition(event.dataLines <= result.lines.count)
        precondition(text.starts(with: bytes[event.data.bounds]), "the first line is not the first")
    } else {
        precondition(joined.isEmpty)
    }
    return result
}

/// HTML standard, section 9.2.6, for a stream that is known whole; one entry for each blank line.
func byTheBook(_ wire: [UInt8]) -> [Event] {
    var rest = wire[...]
    var hasMark = false
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) {
        rest = rest.dropFirst(3)
        hasMark = true
    }
    var events: [Event] = []
    var event = Event()
    while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
        let line = rest[..<end]
        let isCRLF = rest[end] == 0x0D && end + 1 < rest.endIndex && rest[end + 1] == 0x0A
        rest = rest[(end + (isCRLF ? 2 : 1))...]
        let afterMark = hasMark  // a blank line right behind the mark ends nothing
        hasMark = false
        if line.isEmpty {
            if afterMark { continue }
            events.append(event)
            event = Event()
            continue
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        let name = String(decoding: line[..<(colon ?? line.endIndex)], as: UTF8.self)
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch name {
        case "data": event.lines += value.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        case "event": event.name = Array(value)
        case "id" where !value.contains(0): event.id = Array(value)
        case "retry" where !value.isEmpty && value.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }: event.retry = Array(value)
        default: break
        }
    }
    return events
}
