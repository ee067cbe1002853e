import WeirBase
import WeirWire

extension Core {
    static let http: [Core] = [
        Core("http/request-head") { iterations in
            let bytes = hidden(Texts.requestHead)
            var head = RequestHead()
            let limits = HTTPLimits()
            for _ in 0..<iterations {
                guard (try? head.read(bytes.span, limits: limits)) == bytes.count else {
                    preconditionFailure("the head is whole")
                }
                keep(head)
            }
        },
        Core("http/response-head") { iterations in
            let bytes = hidden(Texts.responseHead)
            var head = ResponseHead()
            let limits = HTTPLimits.upstream
            for _ in 0..<iterations {
                guard (try? head.read(bytes.span, answering: .post, limits: limits)) == bytes.count else {
                    preconditionFailure("the head is whole")
                }
                keep(head)
            }
        },
        Core("http/one-chunk") { iterations in decodeChunks(iterations, read: Texts.chunks(1)) },
        Core("http/16-chunks") { iterations in decodeChunks(iterations, read: Texts.chunks(16)) },
    ]

    /// Decodes one read that holds whole chunks, `iterations` times, as a body that goes on.
    private static func decodeChunks(_ iterations: Int, read: [UInt8]) {
        let read = hidden(read)
        let limits = HTTPLimits.upstream
        var decoder = ChunkedDecoder()
        for _ in 0..<iterations {
            var offset = 0
            while case .data(let range)? = try? decoder.next(in: read.span, from: &offset, limits: limits) {
                keep(range)
            }
            precondition(offset == read.count, "the chunks are whole")
        }
    }
}
