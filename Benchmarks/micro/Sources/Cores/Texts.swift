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

    /// The same event as servers send it when usage was asked for.
    static let eventWithNoUsage = event.dropLast(3) + #","usage":null}"# + "\n\n"

    /// A JSON answer of `bytes` bytes of text, with its usage at the end.
    static func response(answerBytes bytes: Int) -> [UInt8] {
        let text =
            #"{"id":"chatcmpl-8f2ab1","object":"chat.completion","created":1760000000,"model":"mock-1","choices":[{"index":0,"#
            + #""message":{"role":"assistant","content":""#
            + String(repeating: "The weir keeps the river level. ", count: bytes / 32)
            + #"","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1024,"completion_tokens":256,"#
            + #""total_tokens":1280,"prompt_tokens_details":{"cached_tokens":512,"audio_tokens":0},"#
            + #""completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}}"#
        return Array(text.utf8)
    }

    /// A head as the OpenAI SDK for Python sends it.
    static let requestHead = Array(
        """
        POST /v1/chat/completions HTTP/1.1\r
        Host: 127.0.0.1:8080\r
        Accept-Encoding: gzip, deflate\r
        Connection: keep-alive\r
        Accept: application/json\r
        Content-Type: application/json\r
        User-Agent: OpenAI/Python 1.109.1\r
        X-Stainless-Lang: python\r
        X-Stainless-Package-Version: 1.109.1\r
        X-Stainless-OS: Linux\r
        X-Stainless-Arch: x64\r
        X-Stainless-Runtime: CPython\r
        X-Stainless-Runtime-Version: 3.11.2\r
        Authorization: Bearer sk-weir-bench-0123456789abcdef0123456789abcdef\r
        X-Stainless-Async: false\r
        x-stainless-retry-count: 0\r
        x-stainless-read-timeout: 600\r
        Content-Length: 1211\r
        \r

        """.utf8)

    /// A head as OpenAI answers.
    static let responseHead = Array(
        """
        HTTP/1.1 200 OK\r
        Date: Thu, 09 Oct 2025 08:53:20 GMT\r
        Content-Type: application/json\r
        Content-Length: 1402\r
        Connection: keep-alive\r
        access-control-expose-headers: X-Request-ID\r
        openai-organization: weir\r
        openai-processing-ms: 412\r
        openai-version: 2020-10-01\r
        x-ratelimit-limit-requests: 10000\r
        x-ratelimit-remaining-requests: 9999\r
        x-ratelimit-reset-requests: 6ms\r
        x-request-id: req_5f1d6c0f8e2b4a9c8d7e6f5a4b3c2d1e\r
        strict-transport-security: max-age=31536000; includeSubDomains; preload\r
        X-Content-Type-Options: nosniff\r
        Server: cloudflare\r
        \r

        """.utf8)

    /// Chunks with an event each.
    static func chunks(_ count: Int) -> [UInt8] {
        let chunk = String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n"
        return Array(String(repeating: chunk, count: count).utf8)
    }

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
