// How fast texts are counted, for scripts/bench --tokens: weir-tokens VOCABULARY TEXT... prints one JSON object a text. Times are of this thread's CPU.
import Glibc
import WeirBase
import WeirTokens

let arguments = CommandLine.arguments
guard arguments.count > 2 else { fatalError("usage: weir-tokens VOCABULARY TEXT...") }
let vocabulary = try Vocabulary(FrozenMemory(mapping: arguments[1]))

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The first time is cold: the counter has seen nothing. The best of the others is warm.
func measure(_ bytes: Span<UInt8>) -> (tokens: Int, cold: Double, warm: Double) {
    var counter = TokenCounter(vocabulary)
    var tokens = 0
    func once() -> Double {
        let start = seconds()
        tokens = counter.count(bytes)
        return seconds() - start
    }
    let cold = once()
    return (tokens, cold, (0..<7).map { _ in once() }.min()!)
}

/// Events of five bytes, as a model streams them; the best of three times.
func stream(_ bytes: Span<UInt8>) -> Double {
    var counter = TokenCounter(vocabulary)
    return (0..<3).map { _ in
        var stream = TokenStream()
        let start = seconds()
        for at in stride(from: 0, to: bytes.count, by: 5) {
            stream.feed(bytes.extracting(at..<min(at + 5, bytes.count)), &counter)
        }
        _ = stream.finish(&counter)
        return seconds() - start
    }.min()!
}

for path in arguments[2...] {
    let memory = try FrozenMemory(mapping: path)
    let bytes = (0..<memory.count).map { memory.byte(at: $0) }
    let (tokens, cold, warm) = measure(bytes.span)
    print("{\"tokens\": \(tokens), \"cold\": \(cold), \"warm\": \(warm), \"streamed\": \(stream(bytes.span))}")
}
