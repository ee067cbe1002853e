/// What the cores work on: the shapes of OpenAI chat, as they come over the wire.
enum Texts {
    /// One event of a chat stream, about 200 bytes.
    static let event =
        #"data: {"id":"chatcmpl-8f2ab1","object":"chat.completion.chunk","created":1760000000,"model":"mock-1","#
        + #""choices":[{"index":0,"delta":{"content":" and the water"},"finish_reason":null}]}"# + "\n\n"

    /// The last event before `[DONE]` when usage was asked for.
    static let usageEvent =
        #"data: {"id":"chatcmpl-8f2ab1","object":"chat.completion.chunk","created":1760000000,"model":"mock-1","choices":[],"#
        + #""usage":{"prompt_tokens":1024,"completion_tokens":256,"total_tokens":1280}}"# + "\n\n"

    /// A request body whose prompt has `bytes` bytes; `model` comes first and `stream` last, as SDKs write them.
    static func request(promptBytes bytes: Int) -> [UInt8] {
        let prompt = String(repeating: "The weir keeps the river level. ", count: bytes / 32)
        let text =
            #"{"model":"gpt-4o","messages":[{"role":"system","content":"You are brief."},{"role":"user","content":""#
            + prompt + #""}],"temperature":0.2,"stream":true}"#
        return Array(text.utf8)
    }

    static func events(_ count: Int) -> [UInt8] { Array(String(repeating: event, count: count).utf8) }
}
