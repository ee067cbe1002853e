public import WeirBase

extension ChunkedDecoder {
    /// Appends the data in `bytes` to `body`, for who wants a body in one piece.
    /// - Returns: how many bytes were used: all of them, but for what follows the end.
    /// - Throws: as `next`.
    public mutating func append(
        _ bytes: Span<UInt8>, to body: inout ByteBuffer, _ limits: HTTPLimits
    ) throws(HTTPError) -> Int {
        var offset = 0
        while true {
            switch try next(in: bytes, from: &offset, limits: limits) {
            case .data(let range): body.append(bytes, range)
            case .needsMore, .end: return offset
            }
        }
    }
}
