/// The tables of Bedrock's Converse (providers.md, section 6.2). The service passes over some unknown members; the mock does not, for whoever
/// sends them is wrong about what they do.
enum BedrockShapes {
    static let converse: Shape = .object([
        .must("messages", .array(message)), .may("system", .array(system)),
        .may(
            "inferenceConfig",
            .object([
                .may("maxTokens", .integer(1...Int(Int32.max))), .may("temperature", .number(0...1)),
                .may("topP", .number(0...1)), .may("stopSequences", .array(.string)),
            ])),
        .may("toolConfig", toolConfig), .may("outputConfig", outputConfig),
        .may("additionalModelRequestFields", .map), .may("additionalModelResponseFieldPaths", .array(.string)),
        .may("guardrailConfig", .map), .may("requestMetadata", .map), .may("promptVariables", .map),
        .may("performanceConfig", .object([.may("latency", .words(["standard", "optimized"]))])),
        .may("serviceTier", .object([.must("type", .words(["priority", "default", "flex", "reserved"]))])),
    ])

    private static let cachePoint: Shape = .object([
        .must("type", .words(["default"])), .may("ttl", .words(["5m", "1h"])),
    ])

    private static let system: Shape = .union(
        [.may("text", .string), .may("cachePoint", cachePoint), .may("guardContent", .map)], plus: [])

    private static let message: Shape = .object([
        .must("role", .words(["user", "assistant", "system"])), .must("content", .array(block)),
    ])

    private static let source: Shape = .union([.may("bytes", .string), .may("s3Location", .map)], plus: [])

    private static let image: Shape = .object([
        .must("format", .words(["png", "jpeg", "gif", "webp"])), .must("source", source),
    ])

    private static let document: Shape = .object([
        .may("format", .words(["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"])),
        .must("name", .string), .may("context", .string), .may("citations", .map),
        .must(
            "source",
            .union(
                [.may("bytes", .string), .may("s3Location", .map), .may("text", .string), .may("content", .any)],
                plus: [])),
    ])

    private static let toolUse: Shape = .object([
        .must("toolUseId", .string), .must("name", .string), .must("input", .any), .may("type", .string),
    ])

    private static let toolResult: Shape = .object([
        .must("toolUseId", .string), .may("status", .words(["success", "error"])), .may("type", .string),
        .must(
            "content",
            .array(
                .union(
                    [
                        .may("text", .string), .may("json", .any), .may("image", image), .may("document", document),
                        .may("video", .map), .may("searchResult", .map),
                    ], plus: []))),
    ])

    private static let block: Shape = .union(
        [
            .may("text", .string), .may("image", image), .may("document", document), .may("video", .map),
            .may("audio", .map), .may("toolUse", toolUse), .may("toolResult", toolResult),
            .may("cachePoint", cachePoint),
            .may(
                "reasoningContent",
                .union(
                    [
                        .may("reasoningText", .object([.must("text", .string), .may("signature", .string)])),
                        .may("redactedContent", .string),
                    ], plus: [])),
            .may("citationsContent", .map), .may("searchResult", .map), .may("guardContent", .map),
            .may("toolAddition", .map), .may("toolRemoval", .map),
        ], plus: [])

    private static let toolConfig: Shape = .object([
        .must(
            "tools",
            .array(
                .union(
                    [
                        .may(
                            "toolSpec",
                            .object([
                                .must("name", .string), .may("description", .string), .may("strict", .bool),
                                .must("inputSchema", .union([.may("json", .map)], plus: [])),
                            ])),
                        .may("cachePoint", cachePoint), .may("systemTool", .object([.must("name", .string)])),
                    ], plus: []))),
        .may(
            "toolChoice",
            .union(
                [
                    .may("auto", .object([])), .may("any", .object([])),
                    .may("tool", .object([.must("name", .string)])),
                ], plus: [])),
    ])

    private static let outputConfig: Shape = .object([
        .may("effort", .words(["low", "medium", "high", "xhigh", "max"])),
        .may(
            "textFormat",
            .object([
                .must("type", .words(["json_schema"])),
                .must(
                    "structure",
                    .union(
                        [
                            .may(
                                "jsonSchema",
                                .object([
                                    .must("schema", .string), .may("name", .string), .may("description", .string),
                                ]))
                        ], plus: [])),
            ])),
    ])
}
