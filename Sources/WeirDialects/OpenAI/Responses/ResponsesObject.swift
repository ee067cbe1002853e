internal import WeirBase
internal import WeirWire

/// Writes the response object (providers.md, section 2.4), which answers are and streams hold three times.
struct ResponsesObject {
    /// Where the response stands.
    enum Stage {
        case inProgress
        /// The answer has ended, as its finish reason says.
        case ended
        case failed(UpstreamProblem)
    }

    let context: AnswerContext

    /// Appends the object with what `output` holds so far; in progress it has no items yet.
    func append(_ output: borrowing ResponsesOutput, _ stage: Stage, to out: inout ByteBuffer) {
        out.append(#"{"id":"#)
        out.append(jsonString: "resp_\(context.id)")
        out.append(#","object":"response","created_at":"#)
        out.append(decimal: Int(context.created))
        append(output.finish, stage, &out)
        out.append(member: "model", string: output.model.isEmpty ? context.request.model : output.model)
        out.append(#","output":["#)
        switch stage {
        case .inProgress: break
        case .ended, .failed:
            for (index, item) in output.items.enumerated() {
                out.beginElement()
                out.append(responsesItem: item, at: index, of: context.id)
            }
        }
        out.append("]")
        appendEcho(&out)
        out.beginMember("usage")
        if let usage = output.usage { out.append(responsesUsage: usage) } else { out.append("null") }
        out.append("}")
    }

    private func append(_ finish: FinishReason?, _ stage: Stage, _ out: inout ByteBuffer) {
        var reason: StaticString?
        var problem: UpstreamProblem?
        let status: StaticString
        switch stage {
        case .inProgress: status = "in_progress"
        case .ended:
            reason = finish?.responsesIncompleteReason
            status = reason == nil ? "completed" : "incomplete"
        case .failed(let failure):
            problem = failure
            status = "failed"
        }
        out.beginMember("status")
        out.append("\"")
        out.append(status)
        out.append("\"")
        out.beginMember("error")
        if let problem {
            out.append(#"{"code":""#)
            out.append(problem.kind.responsesCode)
            out.append(#"","message":"#)
            out.append(jsonString: problem.message)
            out.append("}")
        } else {
            out.append("null")
        }
        out.beginMember("incomplete_details")
        if let reason {
            out.append(#"{"reason":""#)
            out.append(reason)
            out.append(#""}"#)
        } else {
            out.append("null")
        }
    }

    // MARK: What the response repeats of its request

    private func appendEcho(_ out: inout ByteBuffer) {
        let request = context.request
        let echo = request.echo ?? ResponsesEcho()
        out.append(#","background":false,"previous_response_id":null,"store":false,"truncation":"disabled""#)
        append("instructions", echo.instructions, &out)
        out.beginMember("metadata")
        if let metadata = echo.metadata { out.append(onOneLine: metadata.bytes.span) } else { out.append("{}") }
        append("max_output_tokens", request.maxTokens, &out)
        out.append(#","max_tool_calls":null"#)
        out.beginMember("parallel_tool_calls")
        out.append(request.parallelToolCalls == false ? "false" : "true" as StaticString)
        append("prompt_cache_key", echo.promptCacheKey, &out)
        out.append(#","reasoning":{"#)
        append("effort", request.reasoning.effort, &out)
        append("summary", echo.reasoningSummary, &out)
        out.append("}")
        append("safety_identifier", echo.safetyIdentifier, &out)
        out.append(member: "temperature", number: request.temperature ?? JSONNumber("1.0"))
        appendText(request, &out)
        appendToolChoice(request, &out)
        appendTools(request.tools, &out)
        out.append(member: "top_logprobs", integer: echo.topLogprobs ?? 0)
        out.append(member: "top_p", number: request.topP ?? JSONNumber("1.0"))
        append("user", echo.user, &out)
    }

    private func append(_ name: StaticString, _ text: String?, _ out: inout ByteBuffer) {
        out.beginMember(name)
        if let text { out.append(jsonString: text) } else { out.append("null") }
    }

    private func append(_ name: StaticString, _ number: Int?, _ out: inout ByteBuffer) {
        out.beginMember(name)
        if let number { out.append(decimal: number) } else { out.append("null") }
    }

    private func append(_ name: StaticString, _ flag: Bool, _ out: inout ByteBuffer) {
        out.beginMember(name)
        out.append(flag ? "true" : "false" as StaticString)
    }

    private func appendText(_ request: ChatRequest, _ out: inout ByteBuffer) {
        out.append(#","text":{"format":{"type":"#)
        switch request.format {
        case nil, .text: out.append(#""text""#)
        case .jsonObject: out.append(#""json_object""#)
        case .jsonSchema(let name, let description, let schema, let strict):
            out.append(#""json_schema""#)
            append("name", name, &out)
            append("description", description, &out)
            out.beginMember("schema")
            out.append(onOneLine: schema.bytes.span)
            append("strict", strict ?? false, &out)
        }
        out.append("}")
        out.append(member: "verbosity", string: request.verbosity ?? "medium")
        out.append("}")
    }

    private func appendToolChoice(_ request: ChatRequest, _ out: inout ByteBuffer) {
        out.beginMember("tool_choice")
        let mode: StaticString
        switch request.toolChoice {
        case .named(let name):
            out.append(#"{"type":"function""#)
            out.append(member: "name", string: name)
            return out.append("}")
        case nil, .auto: mode = #""auto""#
        case .some(.none): mode = #""none""#
        case .required: mode = #""required""#
        }
        guard let allowed = request.allowedTools else { return out.append(mode) }
        out.append(#"{"type":"allowed_tools","mode":"#)
        out.append(mode)
        out.append(#","tools":["#)
        for name in allowed {
            out.beginElement()
            out.append(#"{"type":"function""#)
            out.append(member: "name", string: name)
            out.append("}")
        }
        out.append("]}")
    }

    private func appendTools(_ tools: [ToolDefinition], _ out: inout ByteBuffer) {
        out.append(#","tools":["#)
        for tool in tools {
            out.beginElement()
            out.append(#"{"type":"function""#)
            out.append(member: "name", string: tool.name)
            append("description", tool.description, &out)
            out.beginMember("parameters")
            if let schema = tool.parameters { out.append(onOneLine: schema.bytes.span) } else { out.append("null") }
            append("strict", tool.strict ?? false, &out)
            out.append("}")
        }
        out.append("]")
    }
}

extension UpstreamProblem.Kind {
    /// `error.code` of a failed response: never one outside OpenAI's set, which SDKs take as an enumeration.
    var responsesCode: StaticString {
        switch self {
        case .rateLimit: "rate_limit_exceeded"
        case .invalidRequest, .contextLength, .contentPolicy: "invalid_prompt"
        case .credential, .quota, .modelNotFound, .overloaded, .server, .timeout, .malformed: "server_error"
        }
    }
}
