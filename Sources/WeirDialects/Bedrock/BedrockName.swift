internal import WeirBase

/// Names of members and events of Converse and ConverseStream.
enum BedrockName {
    static let contentBlockStart: ShortName = "contentBlockStart"
    static let contentBlockDelta: ShortName = "contentBlockDelta"
    static let contentBlockIndex: ShortName = "contentBlockIndex"
    static let messageStop: ShortName = "messageStop"
    static let metadata: ShortName = "metadata"
    static let start: ShortName = "start"
    static let delta: ShortName = "delta"
    static let stopReason: ShortName = "stopReason"
    static let usage: ShortName = "usage"
    static let output: ShortName = "output"
    static let message: ShortName = "message"
    static let content: ShortName = "content"
    static let text: ShortName = "text"
    static let toolUse: ShortName = "toolUse"
    static let toolUseId: ShortName = "toolUseId"
    static let name: ShortName = "name"
    static let input: ShortName = "input"
    static let reasoningContent: ShortName = "reasoningContent"
    static let reasoningText: ShortName = "reasoningText"
    static let signature: ShortName = "signature"
    static let redactedContent: ShortName = "redactedContent"
    static let citationsContent: ShortName = "citationsContent"
}
