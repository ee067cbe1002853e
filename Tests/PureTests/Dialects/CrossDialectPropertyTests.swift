import Testing
import WeirBase
import WeirWire

@testable import WeirDialects

/// Random conversations from each surface to each provider's dialect that can be read again: what both can say has arrived.
@Suite("Requests across dialects: a surface's form, read, written for a provider and read back")
struct CrossDialectPropertyTests {
    enum Surface: String, CaseIterable {
        case chat, responses, messages

        /// `request` as a client of the surface writes it.
        func form(of request: ChatRequest) throws -> ByteBuffer {
            var out = ByteBuffer()
            var notes = TranslationNotes()
            switch self {
            case .chat:
                try OpenAIChatRequestWriter.write(request, to: TargetOptions(model: "gpt-5.1"), &notes, &out)
            case .messages:
                try AnthropicRequestWriter.write(request, to: TargetOptions(model: "claude-sonnet-4-5"), &notes, &out)
            case .responses: ResponsesForm.write(request, &out)
            }
            return out
        }

        /// Responses has no stop sequences.
        func sayable(_ request: ChatRequest) -> ChatRequest {
            var request = request
            if self == .responses { request.stop = [] }
            return request
        }

        func read(_ form: borrowing ByteBuffer) throws -> ChatRequest {
            var notes = TranslationNotes()
            switch self {
            case .chat: return try OpenAIChatRequestReader.read(form.span, &notes)
            case .responses: return try OpenAIResponsesRequestReader.read(form.span, &notes)
            case .messages: return try AnthropicRequestReader.read(form.span, &notes)
            }
        }
    }

    @Test("to OpenAI chat", arguments: Surface.allCases) func chat(surface: Surface) throws {
        for seed in 1...200 {
            var source = RandomRequest(seed: UInt64(seed))
            let request = surface.sayable(source.request())
            let client = try surface.read(try surface.form(of: request))
            let provider = try Surface.chat.read(try Surface.chat.form(of: client))
            // Errors are told in words there; a client of Messages has told them by a member.
            try compare(provider, request, hasErrorMember: false, "seed \(seed)")
        }
    }

    @Test("to Anthropic", arguments: Surface.allCases) func anthropic(surface: Surface) throws {
        for seed in 1...200 {
            var source = RandomRequest(seed: UInt64(seed))
            let request = surface.sayable(source.request())
            let client = try surface.read(try surface.form(of: request))
            let provider = try Surface.messages.read(try Surface.messages.form(of: client))
            try compare(provider, request, hasErrorMember: surface == .messages, "seed \(seed)")
        }
    }

    private func compare(
        _ arrived: ChatRequest, _ request: ChatRequest, hasErrorMember: Bool, _ seed: Comment
    ) throws {
        #expect(Self.lines(arrived, true) == Self.lines(request, hasErrorMember), seed)
        #expect(Self.text(arrived.system) == Self.text(request.system), seed)
        #expect(arrived.stop == request.stop && arrived.user == request.user, seed)
        #expect(arrived.toolChoice == request.toolChoice, seed)
        #expect(arrived.tools.map(\.name) == request.tools.map(\.name), seed)
        #expect(arrived.tools.map(\.description) == request.tools.map(\.description), seed)
        if let maxTokens = request.maxTokens { #expect(arrived.maxTokens == maxTokens, seed) }
        // Thinking goes without sampling at Anthropic.
        if request.reasoning == Reasoning() { #expect(arrived.temperature == request.temperature, seed) }
        if case .jsonSchema(_, _, let schema, _) = request.format {
            guard case .jsonSchema(_, _, let itsSchema, _) = arrived.format else {
                Issue.record("the form of the answer is lost, \(seed)")
                return
            }
            #expect(itsSchema == schema, seed)
        }
    }

    private static func text(_ parts: [Part]) -> String {
        parts.compactMap { if case .text(let text) = $0.content { text } else { nil } }.joined(separator: "\n")
    }

    /// The conversation in lines; ids are numbered, for dialects have alphabets of their own.
    private static func lines(_ request: ChatRequest, _ hasErrorMember: Bool) -> [String] {
        var ids: [String: Int] = [:]
        func number(_ id: String) -> Int {
            let number = ids[id] ?? ids.count
            ids[id] = number
            return number
        }
        return request.messages.flatMap { message in
            message.parts.map { part in
                switch part.content {
                case .text(let text): "\(message.role): \(text)"
                case .toolCall(let call):
                    "call \(number(call.id)) of \(call.name): \(call.arguments.bytes.isEmpty ? .emptyObject : call.arguments)"
                case .toolResult(let result):
                    "result \(number(result.callID)): " + (result.isError ? (hasErrorMember ? "!" : "Error: ") : "")
                        + text(result.parts)
                default: "\(part.content)"
                }
            }
        }
    }
}

/// Writes requests as clients of Responses do; nothing in the gateway does so.
private enum ResponsesForm {
    static func write(_ request: ChatRequest, _ out: inout ByteBuffer) {
        out.append("{")
        out.append(member: "model", string: "m")
        if !request.system.isEmpty {
            out.append(
                member: "instructions",
                string: request.system.compactMap { if case .text(let text) = $0.content { text } else { nil } }
                    .joined(separator: "\n"))
        }
        out.beginMember("input")
        out.append("[")
        for message in request.messages {
            for part in message.parts { write(part, message.role, &out) }
        }
        out.append("]")
        writeTools(request, &out)
        if let maxTokens = request.maxTokens { out.append(member: "max_output_tokens", integer: maxTokens) }
        if let temperature = request.temperature { out.append(member: "temperature", number: temperature) }
        if let effort = request.reasoning.effort {
            out.append(#","reasoning":{"effort":"#)
            out.append(jsonString: effort)
            out.append("}")
        }
        if case .jsonSchema(_, _, let schema, _) = request.format {
            out.append(#","text":{"format":{"type":"json_schema","name":"n","schema":"#)
            out.append(schema.bytes)
            out.append("}}")
        }
        if let user = request.user { out.append(member: "safety_identifier", string: user) }
        out.append("}")
    }

    private static func write(_ part: Part, _ role: ChatMessage.Role, _ out: inout ByteBuffer) {
        out.beginElement()
        out.append("{")
        switch part.content {
        case .text(let text):
            out.append(member: "role", string: "\(role)")
            out.append(member: "content", string: text)
        case .toolCall(let call):
            out.append(member: "type", string: "function_call")
            out.append(member: "call_id", string: call.id)
            out.append(member: "name", string: call.name)
            out.beginMember("arguments")
            out.append(jsonString: call.arguments.bytes.span)
        case .toolResult(let result):
            out.append(member: "type", string: "function_call_output")
            out.append(member: "call_id", string: result.callID)
            let text = result.parts.compactMap { if case .text(let text) = $0.content { text } else { nil } }
            out.append(
                member: "output", string: (result.isError ? "Error: " : "") + text.joined(separator: "\n"))
        default: break
        }
        out.append("}")
    }

    private static func writeTools(_ request: ChatRequest, _ out: inout ByteBuffer) {
        guard !request.tools.isEmpty else { return }
        out.append(#","tools":["#)
        for tool in request.tools {
            out.beginElement()
            out.append(#"{"type":"function","name":"#)
            out.append(jsonString: tool.name)
            if let description = tool.description { out.append(member: "description", string: description) }
            if let parameters = tool.parameters {
                out.beginMember("parameters")
                out.append(parameters.bytes)
            }
            out.append("}")
        }
        out.append("]")
        switch request.toolChoice {
        case nil: break
        case .auto: out.append(member: "tool_choice", string: "auto")
        case .some(.none): out.append(member: "tool_choice", string: "none")
        case .required: out.append(member: "tool_choice", string: "required")
        case .named(let name):
            out.append(#","tool_choice":{"type":"function","name":"#)
            out.append(jsonString: name)
            out.append("}")
        }
    }
}
