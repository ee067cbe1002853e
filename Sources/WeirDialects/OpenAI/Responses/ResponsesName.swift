internal import WeirBase

/// The names of members that Weir reads in a Responses request.
enum ResponsesName: String, CaseIterable {
    case model, input, instructions, include, metadata, reasoning, store, stream, temperature, text, tools, truncation
    case user, background, conversation, prompt
    case previousResponseID = "previous_response_id"
    case contextManagement = "context_management"
    case maxOutputTokens = "max_output_tokens"
    case maxToolCalls = "max_tool_calls"
    case parallelToolCalls = "parallel_tool_calls"
    case promptCacheKey = "prompt_cache_key"
    case safetyIdentifier = "safety_identifier"
    case serviceTier = "service_tier"
    case streamOptions = "stream_options"
    case toolChoice = "tool_choice"
    case topLogprobs = "top_logprobs"
    case topP = "top_p"

    case type, id, role, content, status, name, arguments, output, summary, refusal, detail, filename, data, format
    case annotations, logprobs, ttl
    case callID = "call_id"
    case encryptedContent = "encrypted_content"
    case imageURL = "image_url"
    case fileID = "file_id"
    case fileData = "file_data"
    case fileURL = "file_url"
    case inputAudio = "input_audio"
    case cacheBreakpoint = "prompt_cache_breakpoint"

    case description, parameters, strict, mode, schema, verbosity, effort
    case includeObfuscation = "include_obfuscation"

    /// The name that `name` is; nil if it is none of these.
    init?(_ name: ShortName) {
        guard let known = Self.table[name] else { return nil }
        self = known
    }

    private static let table: [ShortName: ResponsesName] = {
        var table: [ShortName: ResponsesName] = [:]
        for name in allCases {
            let bytes = Array(name.rawValue.utf8)
            if let short = ShortName(bytes.span, from: 0, to: bytes.count) { table[short] = name }
        }
        return table
    }()
}
