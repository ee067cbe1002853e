import WeirBase
import WeirDialects

/// Requests, answers and events from one dialect to another: what translation costs on top of a pass.
extension Core {
    static let translation: [Core] = [
        Core("translation/chat-to-anthropic") { iterations in
            translate(
                iterations, Texts.chatRequest, OpenAIChatRequestReader.self, AnthropicRequestWriter.self,
                model: "claude-sonnet-4-5")
        },
        Core("translation/chat-to-gemini") { iterations in
            translate(
                iterations, Texts.chatRequest, OpenAIChatRequestReader.self, GeminiRequestWriter.self,
                model: "gemini-2.5-flash")
        },
        Core("translation/chat-to-bedrock") { iterations in
            translate(
                iterations, Texts.chatRequest, OpenAIChatRequestReader.self, BedrockRequestWriter.self,
                model: "anthropic.claude-sonnet-4-5-20250929-v1:0")
        },
        Core("translation/messages-to-openai") { iterations in
            translate(
                iterations, Texts.messagesRequest, AnthropicRequestReader.self, OpenAIChatRequestWriter.self,
                model: "gpt-5.1")
        },
        Core("translation/responses-to-anthropic") { iterations in
            translate(
                iterations, Texts.responsesRequest, OpenAIResponsesRequestReader.self, AnthropicRequestWriter.self,
                model: "claude-sonnet-4-5")
        },
        Core("translation/answer-anthropic-to-chat") { iterations in
            translate(iterations, Texts.anthropicAnswer, AnthropicAnswerReader.self, OpenAIChatAnswerWriter.self)
        },
        Core("translation/answer-openai-to-messages") { iterations in
            translate(
                iterations, Texts.response(answerBytes: 640), OpenAIChatAnswerReader.self, AnthropicAnswerWriter.self)
        },
        Core("translation/event-anthropic-to-chat") { iterations in
            relay(iterations, Texts.anthropicStream, AnthropicAnswerReader.self, OpenAIChatStreamWriter.self)
        },
        Core("translation/event-openai-to-messages") { iterations in
            relay(iterations, Texts.openAIStream, OpenAIChatAnswerReader.self, AnthropicStreamWriter.self)
        },
        Core("translation/event-gemini-to-chat") { iterations in
            relay(iterations, Texts.geminiStream, GeminiAnswerReader.self, OpenAIChatStreamWriter.self)
        },
        Core("translation/event-bedrock-to-chat") { iterations in
            relay(iterations, Texts.bedrockStream, BedrockAnswerReader.self, OpenAIChatStreamWriter.self)
        },
    ]

    /// Reads a request of a surface and writes it for a provider.
    private static func translate(
        _ iterations: Int, _ body: [UInt8], _ reader: any ChatRequestReader.Type, _ writer: any ChatRequestWriter.Type,
        model: String
    ) {
        let body = hidden(body)
        let target = TargetOptions(model: model)
        var out = ByteBuffer(capacity: 4096)
        for _ in 0..<iterations {
            out.removeAll()
            var notes = TranslationNotes()
            do throws(Untranslatable) {
                try writer.write(try reader.read(body.span, &notes), to: target, &notes, &out)
            } catch {
                fatalError("\(error.param): \(error.message)")
            }
            keep(out)
        }
    }

    /// Reads a whole answer of a provider and writes it for a surface.
    private static func translate(
        _ iterations: Int, _ body: [UInt8], _ reader: any AnswerReader.Type, _ writer: any AnswerWriter.Type
    ) {
        let body = hidden(body)
        let context = Texts.context
        var out = ByteBuffer(capacity: 4096)
        for _ in 0..<iterations {
            out.removeAll()
            var writer = writer.init(context)
            reader.read(whole: body.span) { event in writer.write(event, to: &out) }
            keep(out)
        }
    }

    /// Reads and writes the last event of a stream over and over, after those before it.
    private static func relay(
        _ iterations: Int, _ events: [(name: String, data: String)], _ reader: any AnswerReader.Type,
        _ writer: any AnswerWriter.Type
    ) {
        var reader = reader.init()
        var writer = writer.init(Texts.context)
        var out = ByteBuffer(capacity: 4096)
        let events = events.map { (name: Array($0.name.utf8), data: Array($0.data.utf8)) }
        for event in events.dropLast() {
            reader.read(event: event.name.span, event.data.span) { writer.write($0, to: &out) }
        }
        let (name, data) = hidden(events[events.count - 1])
        for _ in 0..<iterations {
            out.removeAll()
            reader.read(event: name.span, data.span) { writer.write($0, to: &out) }
            keep(out)
        }
    }
}
