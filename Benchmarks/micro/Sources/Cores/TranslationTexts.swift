import WeirBase
import WeirDialects

/// What translation works on: requests of about 1 KiB with a call, its result and a tool, answers of about 1 KiB, and streams up to a piece of text.
extension Texts {
    private static let prompt = String(repeating: "The weir keeps the river level. ", count: 10)
    private static let schema =
        #"{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}"#

    static let chatRequest = Array(
        (#"{"model":"fast","messages":[{"role":"system","content":"You are brief."},{"role":"user","content":""#
            + prompt
            + #""},{"role":"assistant","content":null,"tool_calls":[{"id":"call_0a1b2c3d","type":"function","function":"#
            + #"{"name":"weather","arguments":"{\"city\":\"Oslo\",\"days\":2}"}}]},{"role":"tool","#
            + #""tool_call_id":"call_0a1b2c3d","content":"rain, 4 C"},{"role":"user","content":"So what shall I wear?"}],"#
            + #""tools":[{"type":"function","function":{"name":"weather","description":"The weather of a city.","#
            + #""parameters":"# + schema + #"}}],"tool_choice":"auto","max_completion_tokens":800,"temperature":0.2,"#
            + #""stop":["END"],"user":"user-17","stream":true,"stream_options":{"include_usage":true}}"#).utf8)

    static let messagesRequest = Array(
        (#"{"model":"fast","max_tokens":800,"system":"You are brief.","messages":[{"role":"user","content":""# + prompt
            + #""},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_0a1b2c3d","name":"weather","#
            + #""input":{"city":"Oslo","days":2}}]},{"role":"user","content":[{"type":"tool_result","#
            + #""tool_use_id":"toolu_0a1b2c3d","content":"rain, 4 C"},{"type":"text","text":"So what shall I wear?"}]}],"#
            + #""tools":[{"name":"weather","description":"The weather of a city.","input_schema":"# + schema
            + #"}],"tool_choice":{"type":"auto"},"temperature":0.2,"stop_sequences":["END"],"#
            + #""metadata":{"user_id":"user-17"},"stream":true}"#).utf8)

    static let responsesRequest = Array(
        (#"{"model":"fast","instructions":"You are brief.","input":[{"role":"user","content":""# + prompt
            + #""},{"type":"function_call","call_id":"call_0a1b2c3d","name":"weather","#
            + #""arguments":"{\"city\":\"Oslo\",\"days\":2}"},{"type":"function_call_output","call_id":"call_0a1b2c3d","#
            + #""output":"rain, 4 C"},{"role":"user","content":[{"type":"input_text","text":"So what shall I wear?"}]}],"#
            + #""tools":[{"type":"function","name":"weather","description":"The weather of a city.","parameters":"#
            + schema
            + #","strict":false}],"tool_choice":"auto","max_output_tokens":800,"temperature":0.2,"#
            + #""safety_identifier":"user-17","stream":true}"#).utf8)

    static let anthropicAnswer = Array(
        (#"{"id":"msg_01AbCdEfGh","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":"#
            + #"[{"type":"text","text":""# + prompt + prompt
            + #""}],"stop_reason":"end_turn","stop_sequence":null,"usage":"#
            + #"{"input_tokens":20,"cache_creation_input_tokens":20,"cache_read_input_tokens":60,"cache_creation":"#
            + #"{"ephemeral_5m_input_tokens":15,"ephemeral_1h_input_tokens":5},"output_tokens":40,"service_tier":"standard"}}"#)
            .utf8)

    /// What the request of the answers was.
    static var context: AnswerContext {
        var request = ChatRequest()
        request.model = "fast"
        return AnswerContext(id: "0123456789abc", created: 1_790_000_000, request: request)
    }

    static let anthropicStream = [
        (
            name: "message_start",
            data: #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","#
                + #""model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"usage":{"input_tokens":9}}}"#
        ),
        (
            name: "content_block_start",
            data: #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
        ),
        (
            name: "content_block_delta",
            data: #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" and the water"}}"#
        ),
    ]

    static let openAIStream = [
        (
            name: "",
            data: #"{"id":"chatcmpl-8f2ab1","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5.1","#
                + #""choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#
        ),
        (
            name: "",
            data: #"{"id":"chatcmpl-8f2ab1","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5.1","#
                + #""choices":[{"index":0,"delta":{"content":" and the water"},"finish_reason":null}]}"#
        ),
    ]

    static let geminiStream = [
        (
            name: "",
            data: #"{"candidates":[{"content":{"parts":[{"text":" and the water"}],"role":"model"},"index":0}],"#
                + #""usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3,"totalTokenCount":12},"#
                + #""modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
        )
    ]

    static let bedrockStream = [
        (name: "messageStart", data: #"{"p":"abcdefghij","role":"assistant"}"#),
        (
            name: "contentBlockDelta",
            data: #"{"contentBlockIndex":0,"delta":{"text":" and the water"},"p":"abcdefghijklmnop"}"#
        ),
    ]
}
