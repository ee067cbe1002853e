public import WeirBase

/// Maps the usage object of every API to the one usage vector. Which member means what is in `UsageShape`; how a provider's counts make up wholes
/// and parts is here. The OpenAI surface reads its own answers faster (`OpenAIUsage`); this reads all shapes and says what is wrong.
public enum UsageMapping {
    /// Reads the usage object in `range`. Missing and null counts and details are 0, members that no price depends on are passed over.
    /// - Throws: `UsageProblem` for what nobody should be billed by.
    public static func read(
        _ bytes: Span<UInt8>, _ range: ByteRange, as shape: UsageShape
    ) throws(UsageProblem) -> Usage {
        var reader = UsageReader(shape)
        try reader.readObject(bytes, range, shape.members, named: nil)
        return try reader.usage()
    }
}
