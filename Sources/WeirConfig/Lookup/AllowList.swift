/// Which key may use which model: one bit for each pair, so that the check of a request is one load and one mask.
public struct AllowList: Sendable {
    private let wordsPerKey: Int
    private var words: [UInt64]

    /// Nobody may use anything yet.
    init(keys: Int, models: Int) {
        wordsPerKey = (models + 63) / 64
        words = [UInt64](repeating: 0, count: keys * wordsPerKey)
    }

    mutating func allow(key: Int, model: Int) {
        words[key * wordsPerKey + model / 64] |= 1 << UInt64(model % 64)
    }

    /// Whether the key with index `key` may use the model with index `model`.
    public func allows(key: Int, model: Int) -> Bool {
        words[key &* wordsPerKey &+ (model >> 6)] >> UInt64(model & 63) & 1 == 1
    }
}
