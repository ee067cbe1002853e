import Testing
import WeirBase

@testable import WeirDialects

@Suite("usage objects of every provider, as one vector") struct UsageMappingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let what: String
        let shape: UsageShape
        let json: String
        let usage: Usage
        var testDescription: String { what }

        init(_ what: String, _ shape: UsageShape, _ json: String, _ change: (inout Usage) -> Void) {
            self.what = what
            self.shape = shape
            self.json = json
            usage = PriceFixture.usage(change)
        }
    }

    /// Objects as the providers' documents and SDKs show them (specs/providers.md, sections 2 to 7).
    static let cases: [Case] = [
        Case(
            "OpenAI chat", .openAIChat,
            #"{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"cache_write_tokens":50,"audio_tokens":10,"text_tokens":1980,"image_tokens":16},"completion_tokens_details":{"reasoning_tokens":192,"audio_tokens":8,"text_tokens":100,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#
        ) {
            $0.input = 2006
            $0.cachedInput = 1920
            $0.cacheWriteInput = 50
            $0.audioInput = 10
            $0.imageInput = 16
            $0.output = 300
            $0.reasoningOutput = 192
            $0.audioOutput = 8
        },
        Case(
            "details may be null, counts in them too", .openAIChat,
            #"{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}"#
        ) {
            $0.input = 5
            $0.output = 7
        },
        Case("escaped names are the same names", .openAIChat, #"{"prompt\u005ftokens":5}"#) { $0.input = 5 },
        Case(
            "DeepSeek", .openAIChat,
            #"{"prompt_tokens":20,"completion_tokens":9,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":12},"prompt_cache_hit_tokens":12,"prompt_cache_miss_tokens":8,"completion_tokens_details":{"reasoning_tokens":4}}"#
        ) {
            $0.input = 20
            $0.cachedInput = 12
            $0.output = 9
            $0.reasoningOutput = 4
        },
        Case(
            "DeepSeek's own count alone", .openAIChat,
            #"{"prompt_tokens":20,"completion_tokens":9,"prompt_cache_hit_tokens":12}"#
        ) {
            $0.input = 20
            $0.cachedInput = 12
            $0.output = 9
        },
        Case(
            "Groq", .openAIChat,
            #"{"queue_time":0.01,"prompt_tokens":18,"prompt_time":0.0003,"completion_tokens":3,"completion_time":0.005,"total_tokens":21,"total_time":0.0053}"#
        ) {
            $0.input = 18
            $0.output = 3
        },
        Case(
            "Mistral with audio", .openAIChat,
            #"{"prompt_audio_seconds":12,"prompt_tokens":400,"total_tokens":430,"completion_tokens":30,"num_cached_tokens":100}"#
        ) {
            $0.input = 400
            $0.output = 30
            $0.cachedInput = 100
            $0.audioMilliseconds = 12_000
        },
        Case(
            "OpenRouter", .openAIChat,
            #"{"prompt_tokens":14,"completion_tokens":163,"total_tokens":177,"cost":0.0017,"is_byok":false,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0,"video_tokens":4},"cost_details":{"upstream_inference_cost":null},"completion_tokens_details":{"reasoning_tokens":150,"image_tokens":0},"server_tool_use":{"web_search_requests":2}}"#
        ) {
            $0.input = 14
            $0.videoInput = 4
            $0.output = 163
            $0.reasoningOutput = 150
            $0.webSearches = 2
        },
        Case(
            "xAI counts reasoning beside the completion", .xaiChat,
            #"{"prompt_tokens":37,"completion_tokens":530,"total_tokens":1354,"prompt_tokens_details":{"text_tokens":37,"audio_tokens":0,"image_tokens":0,"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":787,"audio_tokens":0},"num_sources_used":0}"#
        ) {
            $0.input = 37
            $0.cachedInput = 8
            $0.output = 1317
            $0.reasoningOutput = 787
        },
        Case(
            "Responses", .openAIResponses,
            #"{"input_tokens":328,"input_tokens_details":{"cached_tokens":100,"cache_write_tokens":28},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":40},"total_tokens":380}"#
        ) {
            $0.input = 328
            $0.cachedInput = 100
            $0.cacheWriteInput = 28
            $0.output = 52
            $0.reasoningOutput = 40
        },
        Case(
            "Realtime", .openAIResponses,
            #"{"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":64,"cached_tokens_details":{"text_tokens":60,"audio_tokens":4,"image_tokens":0}},"output_token_details":{"text_tokens":30,"audio_tokens":91}}"#
        ) {
            $0.input = 132
            $0.audioInput = 13
            $0.cachedInput = 64
            $0.cachedAudioInput = 4
            $0.output = 121
            $0.audioOutput = 91
        },
        Case(
            "images: what comes out is images unless it is said to be text", .openAIImages,
            #"{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}"#
        ) {
            $0.input = 50
            $0.imageInput = 40
            $0.output = 50
            $0.imageOutput = 50
        },
        Case(
            "images with text", .openAIImages,
            #"{"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":50,"image_tokens":0},"output_tokens_details":{"text_tokens":20,"image_tokens":30}}"#
        ) {
            $0.input = 50
            $0.output = 50
            $0.imageOutput = 30
        },
        Case("transcription by time", .openAITranscription, #"{"type":"duration","seconds":9.25}"#) {
            $0.audioMilliseconds = 9_250
        },
        Case(
            "transcription by tokens", .openAITranscription,
            #"{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":45,"total_tokens":59}"#
        ) {
            $0.input = 14
            $0.audioInput = 14
            $0.output = 45
        },
        Case("embeddings", .embeddings, #"{"prompt_tokens":8,"total_tokens":8}"#) { $0.input = 8 },
        Case("embeddings of Voyage", .embeddings, #"{"total_tokens":10}"#) { $0.input = 10 },
        Case(
            "Anthropic", .anthropic,
            #"{"input_tokens":2095,"cache_creation_input_tokens":500,"cache_read_input_tokens":1800,"cache_creation":{"ephemeral_5m_input_tokens":356,"ephemeral_1h_input_tokens":100},"output_tokens":503,"output_tokens_details":{"thinking_tokens":300},"server_tool_use":{"web_search_requests":2,"web_fetch_requests":1},"service_tier":"standard","inference_geo":null}"#
        ) {
            $0.input = 4395
            $0.cachedInput = 1800
            $0.cacheWriteInput = 500
            $0.cacheWrite1hInput = 100
            $0.output = 503
            $0.reasoningOutput = 300
            $0.webSearches = 2
        },
        Case(
            "Anthropic without a split", .anthropic,
            #"{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":null,"cache_creation":null,"output_tokens":1}"#
        ) {
            $0.input = 15
            $0.cacheWriteInput = 5
            $0.output = 1
        },
        Case(
            "Anthropic with the split alone", .anthropic,
            #"{"input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4},"output_tokens":1}"#
        ) {
            $0.input = 17
            $0.cacheWriteInput = 7
            $0.cacheWrite1hInput = 4
            $0.output = 1
        },
        Case(
            "Gemini", .gemini,
            #"{"promptTokenCount":1200,"candidatesTokenCount":30,"thoughtsTokenCount":70,"cachedContentTokenCount":600,"toolUsePromptTokenCount":40,"totalTokenCount":1340,"promptTokensDetails":[{"modality":"TEXT","tokenCount":700},{"modality":"AUDIO","tokenCount":300},{"modality":"IMAGE","tokenCount":200}],"cacheTokensDetails":[{"modality":"TEXT","tokenCount":500},{"modality":"AUDIO","tokenCount":100}],"candidatesTokensDetails":[{"modality":"TEXT","tokenCount":10},{"modality":"IMAGE","tokenCount":20}],"toolUsePromptTokensDetails":[{"modality":"TEXT","tokenCount":35},{"modality":"VIDEO","tokenCount":5}],"trafficType":"ON_DEMAND"}"#
        ) {
            $0.input = 1240
            $0.cachedInput = 600
            $0.audioInput = 300
            $0.imageInput = 200
            $0.videoInput = 5
            $0.cachedAudioInput = 100
            $0.output = 100
            $0.reasoningOutput = 70
            $0.imageOutput = 20
        },
        Case("Gemini leaves out what is 0", .gemini, #"{"promptTokenCount":7,"totalTokenCount":7}"#) { $0.input = 7 },
        Case(
            "Bedrock", .bedrock,
            #"{"inputTokens":30,"outputTokens":20,"totalTokens":90,"cacheReadInputTokens":15,"cacheWriteInputTokens":25,"cacheDetails":[{"ttl":"1h","inputTokens":10},{"ttl":"5m","inputTokens":15}]}"#
        ) {
            $0.input = 70
            $0.cachedInput = 15
            $0.cacheWriteInput = 25
            $0.cacheWrite1hInput = 10
            $0.output = 20
        },
        Case(
            "Perplexity", .perplexity,
            #"{"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,"citation_tokens":20016,"num_search_queries":18,"reasoning_tokens":73997,"search_context_size":"low","cost":{"total_cost":0.4}}"#
        ) {
            $0.input = 33
            $0.output = 101_176
            $0.citationOutput = 20_016
            $0.reasoningOutput = 73_997
            $0.webSearches = 18
        },
        Case("Mistral's document reader", .mistralOCR, #"{"pages_processed":29,"doc_size_bytes":1234567}"#) {
            $0.documentPages = 29
        },
    ]

    private func read(_ json: String, _ shape: UsageShape) throws(UsageProblem) -> Usage {
        let bytes = Array(json.utf8)
        return try UsageMapping.read(bytes.span, ByteRange(start: 0, end: bytes.count), as: shape)
    }

    @Test("golden objects", arguments: cases)
    func golden(example: Case) throws { #expect(try read(example.json, example.shape) == example.usage) }

    @Test(
        "what nobody should be billed by is told",
        arguments: [
            (.openAIChat, "[]", .notAnObject), (.openAIChat, "{", .badJSON),
            (.openAIChat, "{}", .missing(name: "prompt_tokens")),
            (.openAIChat, #"{"completion_tokens":1}"#, .missing(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":null}"#, .missing(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":-1}"#, .badCount(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":1.5}"#, .badCount(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":1e3}"#, .badCount(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":"7"}"#, .badCount(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":true}"#, .badCount(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":1000000001}"#, .badCount(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":99999999999999999999}"#, .badCount(name: "prompt_tokens")),
            (.openAIChat, #"{"prompt_tokens":1,"total_tokens":-2}"#, .badCount(name: "total_tokens")),
            (.openAIChat, #"{"prompt_tokens":1,"prompt_tokens":2}"#, .repeated(name: "prompt_tokens")),
            (
                .openAIChat, #"{"prompt_tokens":1,"prompt_tokens_details":7}"#,
                .badDetails(name: "prompt_tokens_details")
            ),
            (
                .openAIChat, #"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":11}}"#,
                .excess(part: "cached_tokens", of: "prompt_tokens")
            ),
            (
                .openAIChat, #"{"prompt_tokens":10,"prompt_cache_hit_tokens":11}"#,
                .excess(part: "prompt_cache_hit_tokens", of: "prompt_tokens")
            ),
            (
                .openAIChat,
                #"{"prompt_tokens":10,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":2}}"#,
                .excess(part: "reasoning_tokens", of: "completion_tokens")
            ),
            (
                .openAIChat,
                #"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":6}}"#,
                .excess(part: "cached_tokens and cache_write_tokens", of: "prompt_tokens")
            ),
            (
                .openAIChat, #"{"prompt_tokens":10,"prompt_tokens_details":{"audio_tokens":6,"image_tokens":6}}"#,
                .excess(part: "audio, images and video", of: "prompt_tokens")
            ),
            (.openAIChat, #"{"prompt_tokens":10,"prompt_audio_seconds":-1}"#, .badCount(name: "prompt_audio_seconds")),
            (
                .xaiChat,
                #"{"prompt_tokens":1,"completion_tokens":900000000,"completion_tokens_details":{"reasoning_tokens":900000000}}"#,
                .badCount(name: "reasoning_tokens")
            ),
            (
                .anthropic,
                #"{"input_tokens":1,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":6}}"#,
                .excess(part: "ephemeral_1h_input_tokens", of: "cache_creation_input_tokens")
            ),
            (
                .anthropic, #"{"input_tokens":1,"output_tokens":5,"output_tokens_details":{"thinking_tokens":6}}"#,
                .excess(part: "thinking_tokens", of: "output_tokens")
            ),
            (.anthropic, #"{"output_tokens":5}"#, .missing(name: "input_tokens")),
            (.gemini, "{}", .missing(name: "promptTokenCount")),
            (
                .gemini, #"{"promptTokenCount":5,"cachedContentTokenCount":6}"#,
                .excess(part: "cachedContentTokenCount", of: "promptTokenCount")
            ),
            (
                .gemini, #"{"promptTokenCount":5,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":6}]}"#,
                .excess(part: "promptTokensDetails", of: "promptTokenCount")
            ),
            (.gemini, #"{"promptTokenCount":5,"promptTokensDetails":{}}"#, .badDetails(name: "promptTokensDetails")),
            (.gemini, #"{"promptTokenCount":5,"promptTokensDetails":[7]}"#, .badDetails(name: "promptTokensDetails")),
            (
                .gemini, #"{"promptTokenCount":5,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":-6}]}"#,
                .badCount(name: "tokenCount")
            ),
            (
                .bedrock, #"{"inputTokens":1,"cacheWriteInputTokens":5,"cacheDetails":[{"ttl":"5m","inputTokens":6}]}"#,
                .excess(part: "cacheDetails", of: "cacheWriteInputTokens")
            ),
            (.openAITranscription, #"{"type":"duration","seconds":"9"}"#, .badCount(name: "seconds")),
            (.openAITranscription, #"{"type":"duration"}"#, .missing(name: "input_tokens")),
            (.mistralOCR, "{}", .missing(name: "pages_processed")),
        ] as [(UsageShape, String, UsageProblem)])
    func problems(shape: UsageShape, json: String, expected: UsageProblem) {
        #expect(throws: expected) { try read(json, shape) }
    }

    @Test(
        "seconds are exact to the millisecond, and rounded up beyond",
        arguments: [
            ("0", 0), ("1", 1_000), ("1.5", 1_500), ("0.001", 1), ("0.0001", 1), ("2.9999", 3_000),
            ("2000000", 2_000_000_000), ("2000001", nil),
            ("-1", nil), ("1e3", nil),
        ] as [(String, Int?)])
    func seconds(text: String, milliseconds: Int?) {
        let bytes = Array(text.utf8)
        #expect(UsageReader.milliseconds(bytes.span, ByteRange(start: 0, end: bytes.count)) == milliseconds)
    }

    @Test("a byte changed or left out never ends the program, and no part is ever larger than its whole")
    func mutations() {
        var random = SeededGenerator(seed: 4)
        for example in Self.cases {
            let whole = Array(example.json.utf8)
            for _ in 0..<300 {
                var bytes = whole
                let place = Int.random(in: whole.indices, using: &random)
                if Bool.random(using: &random) {
                    bytes.remove(at: place)
                } else {
                    bytes[place] = .random(in: 0x20...0x7E, using: &random)
                }
                guard let usage = try? read(String(decoding: bytes, as: UTF8.self), example.shape) else { continue }
                #expect(
                    usage.cachedInput + usage.cacheWriteInput <= usage.input
                        && usage.cacheWrite1hInput <= usage.cacheWriteInput)
                #expect(usage.audioInput + usage.imageInput + usage.videoInput <= usage.input)
                #expect(usage.reasoningOutput <= usage.output && usage.cachedAudioInput <= usage.audioInput)
            }
        }
    }
}
