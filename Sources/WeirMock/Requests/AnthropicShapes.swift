/// The tables of Anthropic's requests (providers.md, section 4.1).
enum AnthropicShapes {
    /// `POST /v1/messages`.
    static func message(isBeta: Bool) -> Shape { isBeta ? .object(messageFields + betaFields) : .object(messageFields) }

    /// `POST /v1/messages/count_tokens`.
    static func count(isBeta: Bool) -> Shape { isBeta ? .object(countFields + betaFields) : .object(countFields) }

    /// A tool that the client runs.
    static let clientTool: Shape = .object([
        .must("name", .string), .may("description", .string), .must("input_schema", .map), .may("strict", .bool),
        cacheControl, .may("type", .words(["custom"])), .may("input_examples", .array(.map)),
        .may("defer_loading", .bool), .may("eager_input_streaming", .bool), .may("allowed_callers", .array(.string)),
    ])

    /// Tools that the provider runs, by the beginning of their types; what they take is their own.
    static let serverTools = [
        "web_search_", "web_fetch_", "code_execution_", "bash_", "text_editor_", "memory_", "computer_", "browser_",
        "tool_search_tool_",
    ]

    private static let cacheControl = Shape.Field.may(
        "cache_control", .tagged(["ephemeral": [.may("ttl", .words(["5m", "1h"]))]]))

    private static let countFields: [Shape.Field] = [
        .must("model", .string), .must("messages", .array(message)), cacheControl,
        .may("output_config", outputConfig), .may("system", .stringOr(.array(.tagged(["text": textFields])))),
        .may("thinking", thinking), .may("tool_choice", toolChoice), .may("tools", .array(.map)),
        .may("speed", .words(["standard", "fast"])),
    ]

    private static let messageFields: [Shape.Field] =
        countFields + [
            .must("max_tokens", .integer(1...Int(Int32.max))), .may("container", .any), .may("diagnostics", .any),
            .may("inference_geo", .string), .may("metadata", .object([.may("user_id", .string)])),
            .may("service_tier", .words(["auto", "standard_only"])), .may("stop_sequences", .array(.string)),
            .may("stream", .bool), .may("user_profile_id", .string), .may("workspace_id", .string),
            .may("temperature", .number(0...1)), .may("top_p", .number(0...1)), .may("top_k", .integer(0...Int.max)),
        ]

    private static let betaFields: [Shape.Field] = [
        .may("context_management", .any), .may("compaction", .any), .may("mcp_servers", .any),
        .may("fallbacks", .any), .may("thread", .any),
    ]

    private static let outputConfig: Shape = .object([
        .may("effort", .words(["low", "medium", "high", "xhigh", "max"])),
        .may("format", .tagged(["json_schema": [.must("schema", .map)]])),
    ])

    private static let thinking: Shape = .tagged([
        "enabled": [
            .must("budget_tokens", .integer(1_024...Int(Int32.max))),
            .may("display", .words(["summarized", "omitted"])),
        ],
        "disabled": [], "between_tools": [],
        "adaptive": [.may("display", .words(["summarized", "omitted"]))],
    ])

    private static let toolChoice: Shape = .tagged([
        "auto": [.may("disable_parallel_tool_use", .bool)], "any": [.may("disable_parallel_tool_use", .bool)],
        "tool": [.must("name", .string), .may("disable_parallel_tool_use", .bool)], "none": [],
    ])

    // MARK: Messages

    private static let message: Shape = .object([
        .must("role", .words(["user", "assistant", "system"])), .must("content", .stringOr(.array(.tagged(blocks)))),
    ])

    private static let textFields: [Shape.Field] = [
        .must("text", .string), cacheControl, .may("citations", .array(.map)),
    ]

    private static let image: [Shape.Field] = [.must("source", .tagged(imageSources)), cacheControl]

    private static let imageSources: [String: [Shape.Field]] = [
        "base64": [
            .must("media_type", .words(["image/jpeg", "image/png", "image/gif", "image/webp"])), .must("data", .string),
        ],
        "url": [.must("url", .string)], "file": [.must("file_id", .string)],
    ]

    private static let document: [Shape.Field] = [
        .must("source", .tagged(documentSources)), .may("title", .string), .may("context", .string),
        .may("citations", .object([.may("enabled", .bool)])), cacheControl,
    ]

    private static let documentSources: [String: [Shape.Field]] = [
        "base64": [.must("media_type", .words(["application/pdf"])), .must("data", .string)],
        "text": [.must("media_type", .words(["text/plain"])), .must("data", .string)],
        "content": [.must("content", .stringOr(.array(.tagged(["text": textFields, "image": image]))))],
        "url": [.must("url", .string)], "file": [.must("file_id", .string)],
    ]

    private static let searchResult: [Shape.Field] = [
        .must("source", .string), .must("title", .string), .must("content", .array(.tagged(["text": textFields]))),
        .may("citations", .object([.may("enabled", .bool)])), cacheControl,
    ]

    private static let toolResult: [Shape.Field] = [
        .must("tool_use_id", .string), .may("is_error", .bool), cacheControl,
        .may(
            "content",
            .stringOr(
                .array(
                    .tagged([
                        "text": textFields, "image": image, "document": document, "search_result": searchResult,
                        "tool_reference": [.must("tool_name", .string), cacheControl],
                    ])))),
    ]

    private static let toolUse: [Shape.Field] = [
        .must("id", .string), .must("name", .string), .must("input", .map), cacheControl, .may("caller", .map),
    ]

    private static let serverResult: [Shape.Field] = [
        .must("tool_use_id", .string), .must("content", .any), cacheControl, .may("caller", .map),
    ]

    /// Every block; which role may use which is a rule of its own.
    private static let blocks: [String: [Shape.Field]] = [
        "text": textFields, "image": image, "document": document, "search_result": searchResult,
        "tool_result": toolResult, "tool_use": toolUse, "server_tool_use": toolUse,
        "thinking": [.must("thinking", .string), .must("signature", .string)],
        "redacted_thinking": [.must("data", .string)],
        "container_upload": [.must("file_id", .string), cacheControl],
        "web_search_tool_result": serverResult, "web_fetch_tool_result": serverResult,
        "code_execution_tool_result": serverResult, "bash_code_execution_tool_result": serverResult,
        "text_editor_code_execution_tool_result": serverResult, "tool_search_tool_result": serverResult,
    ]
}
