/// The tables of Gemini's requests (providers.md, section 5.1), names in camel case.
enum GeminiShapes {
    /// `:generateContent` and `:streamGenerateContent`.
    static let generate: Shape = .object(generateFields)

    /// `:countTokens`: contents, or a whole request.
    static let count: Shape = .object([
        .may("contents", .array(content)), .may("generateContentRequest", .object(generateFields)),
    ])

    /// The members that a `Schema` knows; what else JSON Schema has belongs in `parametersJsonSchema`.
    static let schemaNames: Set<String> = [
        "type", "format", "description", "nullable", "enum", "items", "properties", "required", "anyOf", "minItems",
        "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "minimum", "maximum", "pattern",
        "default", "title", "propertyOrdering", "$ref", "$defs", "ref", "defs", "additionalProperties", "example",
    ]

    private static let generateFields: [Shape.Field] = [
        .may("model", .string), .may("contents", .array(content)), .may("systemInstruction", content),
        .may("tools", .array(tool)), .may("toolConfig", toolConfig), .may("generationConfig", generationConfig),
        .may("cachedContent", .string), .may("labels", .map), .may("store", .bool),
        .may("serviceTier", .words(["standard", "flex", "priority"])),
        .may(
            "safetySettings",
            .array(.object([.must("category", .string), .must("threshold", .string), .may("method", .string)]))),
    ]

    private static let content: Shape = .object([.may("role", .string), .must("parts", .array(part))])

    private static let blob: Shape = .object([
        .must("mimeType", .string), .must("data", .string), .may("displayName", .string),
    ])

    private static let part: Shape = .union(
        [
            .may("text", .string), .may("inlineData", blob),
            .may(
                "fileData",
                .object([.may("mimeType", .string), .must("fileUri", .string), .may("displayName", .string)])),
            .may("functionCall", .object([.may("id", .string), .must("name", .string), .may("args", .map)])),
            .may(
                "functionResponse",
                .object([
                    .may("id", .string), .must("name", .string), .must("response", .map),
                    .may("parts", .array(.object([.may("inlineData", blob)]))), .may("willContinue", .bool),
                    .may("scheduling", .string),
                ])),
            .may("executableCode", .map), .may("codeExecutionResult", .map),
        ],
        plus: [
            .may("thought", .bool), .may("thoughtSignature", .string), .may("videoMetadata", .map),
            .may("mediaResolution", .map), .may("partMetadata", .map),
        ])

    private static let tool: Shape = .object([
        .may("functionDeclarations", .array(declaration)), .may("googleSearch", .map),
        .may("googleSearchRetrieval", .map),
        .may("codeExecution", .map), .may("urlContext", .map), .may("googleMaps", .map), .may("fileSearch", .map),
        .may("computerUse", .map), .may("mcpServers", .array(.map)),
    ])

    private static let declaration: Shape = .object([
        .must("name", .string), .may("description", .string), .may("parameters", .map),
        .may("parametersJsonSchema", .any), .may("response", .map), .may("responseJsonSchema", .any),
        .may("behavior", .string),
    ])

    private static let toolConfig: Shape = .object([
        .may(
            "functionCallingConfig",
            .object([
                .may("mode", .words(["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"])),
                .may("allowedFunctionNames", .array(.string)), .may("streamFunctionCallArguments", .bool),
            ])),
        .may("retrievalConfig", .map), .may("includeServerSideToolInvocations", .bool),
    ])

    private static let generationConfig: Shape = .object([
        .may("temperature", .number(0...2)), .may("topP", .number(0...1)), .may("topK", .number(0...1_000_000)),
        .may("candidateCount", .integer(1...8)), .may("maxOutputTokens", .integer(1...Int(Int32.max))),
        .may("stopSequences", .array(.string)), .may("seed", .integer(Int(Int32.min)...Int(Int32.max))),
        .may("presencePenalty", .number(-2...2)), .may("frequencyPenalty", .number(-2...2)),
        .may("responseLogprobs", .bool), .may("logprobs", .integer(0...20)), .may("responseMimeType", .string),
        .may("responseSchema", .map), .may("responseJsonSchema", .any), .may("responseModalities", .array(.string)),
        .may("mediaResolution", .string), .may("speechConfig", .map), .may("imageConfig", .map),
        .may("enableEnhancedCivicAnswers", .bool),
        .may(
            "thinkingConfig",
            .object([
                .may("includeThoughts", .bool), .may("thinkingBudget", .integer(-1...Int(Int32.max))),
                .may("thinkingLevel", .words(["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"])),
            ])),
    ])
}
