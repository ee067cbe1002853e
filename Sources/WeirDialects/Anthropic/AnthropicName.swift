internal import WeirBase
internal import WeirWire

/// The names of members that Weir reads in messages, blocks, tools and events of the Messages API.
enum AnthropicName {
    case type, role, content, text, source, title, context, citations, cacheControl, ttl, enabled
    case mediaType, data, url
    case id, name, input, toolUseID, isError, thinking, signature
    case description, inputSchema, strict, budgetTokens, disableParallelToolUse
    case index, delta, contentBlock, message, usage, partialJSON
    case model, stopReason, stopSequence, stopDetails, explanation, error, details, errorCode
    case effort, format, schema, userID
    case other

    init(_ bytes: Span<UInt8>, _ range: ByteRange, isPlain: Bool) {
        if isPlain {
            self.init(bytes, from: Int(range.start), to: Int(range.end))
        } else {
            let plain = JSONText.plain(bytes, range)
            self.init(plain.span, from: 0, to: plain.count)
        }
    }

    // A table: long, and hot in streams.
    private init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        func isName(_ name: StaticString) -> Bool { bytes.has(name, at: start, before: end) }
        self =
            switch end &- start {
            case 2 where isName("id"): .id
            case 3 where isName("ttl"): .ttl
            case 3 where isName("url"): .url
            case 4 where isName("type"): .type
            case 4 where isName("text"): .text
            case 4 where isName("role"): .role
            case 4 where isName("name"): .name
            case 4 where isName("data"): .data
            case 5 where isName("index"): .index
            case 5 where isName("delta"): .delta
            case 5 where isName("input"): .input
            case 5 where isName("usage"): .usage
            case 5 where isName("model"): .model
            case 5 where isName("error"): .error
            case 5 where isName("title"): .title
            case 6 where isName("source"): .source
            case 6 where isName("strict"): .strict
            case 6 where isName("effort"): .effort
            case 6 where isName("format"): .format
            case 6 where isName("schema"): .schema
            case 7 where isName("content"): .content
            case 7 where isName("message"): .message
            case 7 where isName("context"): .context
            case 7 where isName("details"): .details
            case 7 where isName("enabled"): .enabled
            case 7 where isName("user_id"): .userID
            case 8 where isName("thinking"): .thinking
            case 8 where isName("is_error"): .isError
            case 9 where isName("signature"): .signature
            case 9 where isName("citations"): .citations
            case 10 where isName("media_type"): .mediaType
            case 10 where isName("error_code"): .errorCode
            case 11 where isName("tool_use_id"): .toolUseID
            case 11 where isName("description"): .description
            case 11 where isName("stop_reason"): .stopReason
            case 11 where isName("explanation"): .explanation
            case 12 where isName("partial_json"): .partialJSON
            case 12 where isName("input_schema"): .inputSchema
            case 12 where isName("stop_details"): .stopDetails
            case 13 where isName("content_block"): .contentBlock
            case 13 where isName("cache_control"): .cacheControl
            case 13 where isName("stop_sequence"): .stopSequence
            case 13 where isName("budget_tokens"): .budgetTokens
            case 25 where isName("disable_parallel_tool_use"): .disableParallelToolUse
            default: .other
            }
    }
}

/// The words that Weir reads as values: types of blocks, sources, deltas, events, tool choices and the like.
enum AnthropicType {
    case text, image, document, thinking, redactedThinking, toolUse, toolResult, searchResult, containerUpload
    case base64, url, file, content
    case textDelta, inputJSONDelta, thinkingDelta, signatureDelta
    case messageStart, contentBlockStart, contentBlockDelta, contentBlockStop, messageDelta, messageStop, ping, error
    case auto, any, tool, none, custom, enabled, disabled, adaptive, jsonSchema
    case user, assistant, system, message
    case fiveMinutes, hour, ephemeral
    case other

    /// The string in `range`, with its quotes.
    init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        if JSONText.hasEscapes(bytes, range) {
            let plain = JSONText.plain(bytes, range)
            self.init(plain.span, from: 0, to: plain.count)
        } else {
            self.init(bytes, from: Int(range.start) &+ 1, to: Int(range.end) &- 1)
        }
    }

    /// The text in `start..<end`. A table: long, and hot in streams.
    init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        func isText(_ text: StaticString) -> Bool { bytes.has(text, at: start, before: end) }
        self =
            switch end &- start {
            case 2 where isText("5m"): .fiveMinutes
            case 2 where isText("1h"): .hour
            case 3 where isText("any"): .any
            case 3 where isText("url"): .url
            case 4 where isText("text"): .text
            case 4 where isText("file"): .file
            case 4 where isText("ping"): .ping
            case 4 where isText("auto"): .auto
            case 4 where isText("tool"): .tool
            case 4 where isText("none"): .none
            case 4 where isText("user"): .user
            case 5 where isText("image"): .image
            case 5 where isText("error"): .error
            case 6 where isText("base64"): .base64
            case 6 where isText("custom"): .custom
            case 6 where isText("system"): .system
            case 7 where isText("content"): .content
            case 7 where isText("enabled"): .enabled
            case 7 where isText("message"): .message
            case 8 where isText("document"): .document
            case 8 where isText("thinking"): .thinking
            case 8 where isText("tool_use"): .toolUse
            case 8 where isText("disabled"): .disabled
            case 8 where isText("adaptive"): .adaptive
            case 9 where isText("assistant"): .assistant
            case 9 where isText("ephemeral"): .ephemeral
            case 10 where isText("text_delta"): .textDelta
            case 11 where isText("json_schema"): .jsonSchema
            case 11 where isText("tool_result"): .toolResult
            case 12 where isText("message_stop"): .messageStop
            case 13 where isText("search_result"): .searchResult
            case 13 where isText("message_start"): .messageStart
            case 13 where isText("message_delta"): .messageDelta
            case 14 where isText("thinking_delta"): .thinkingDelta
            case 15 where isText("signature_delta"): .signatureDelta
            case 16 where isText("input_json_delta"): .inputJSONDelta
            case 16 where isText("container_upload"): .containerUpload
            case 17 where isText("redacted_thinking"): .redactedThinking
            case 18 where isText("content_block_stop"): .contentBlockStop
            case 19 where isText("content_block_start"): .contentBlockStart
            case 19 where isText("content_block_delta"): .contentBlockDelta
            default: .other
            }
    }
}
