import Foundation
import Testing

/// An API that clients speak, as a test sees it: how it asks, and where in its answers things are.
enum ClientAPI: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case chat, responses, messages

    var testDescription: String { rawValue }

    var path: String {
        switch self {
        case .chat: "/v1/chat/completions"
        case .responses: "/v1/responses"
        case .messages: "/v1/messages"
        }
    }

    /// A request with one text of the user.
    /// - Parameter members: further members, each with a comma before it.
    func body(_ model: String, _ text: String, streams: Bool = false, members: String = "") -> String {
        let text = (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
        let stream = streams ? #","stream":true"# : ""
        switch self {
        case .chat:
            let usage = streams ? #","stream_options":{"include_usage":true}"# : ""
            return
                #"{"model":"\#(model)"\#(stream)\#(usage),"messages":[{"role":"user","content":\#(text)}]\#(members)}"#
        case .responses: return #"{"model":"\#(model)"\#(stream),"input":\#(text)\#(members)}"#
        case .messages:
            return
                #"{"model":"\#(model)","max_tokens":4096\#(stream),"messages":[{"role":"user","content":\#(text)}]\#(members)}"#
        }
    }

    /// Members that offer one tool, `get_weather`.
    var tools: String {
        let schema = #"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#
        return switch self {
        case .chat:
            #","tools":[{"type":"function","function":{"name":"get_weather","description":"d","parameters":\#(schema)}}]"#
        case .responses:
            #","tools":[{"type":"function","name":"get_weather","description":"d","parameters":\#(schema)}]"#
        case .messages: #","tools":[{"name":"get_weather","description":"d","input_schema":\#(schema)}]"#
        }
    }

    /// What an answer says, from its JSON or put together from its events.
    func read(_ answer: Answer, streams: Bool) -> Said {
        var said = Said()
        if streams {
            for event in answer.events where event != "[DONE]" {
                guard let object = try? JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any] else {
                    said.problems.append("no JSON: \(event)")
                    continue
                }
                said.add(event: object, of: self)
            }
            if self == .chat, answer.events.last == "[DONE]" { said.isEnded = true }
        } else {
            said.add(whole: answer.json, of: self)
        }
        return said
    }
}

/// What an answer has said, in no API.
struct Said: Equatable {
    var text = ""
    var reasoning = ""
    var calls: [Call] = []
    var finish = ""
    var input = 0
    var cached = 0
    var output = 0
    var isEnded = false
    /// The types of errors that came as events.
    var errors: [String] = []
    var problems: [String] = []

    struct Call: Equatable {
        var id = ""
        var name = ""
        var arguments = ""
        var isObject: Bool { (try? JSONSerialization.jsonObject(with: Data(arguments.utf8))) is [String: Any] }
    }

    // MARK: Whole answers

    fileprivate mutating func add(whole: [String: Any], of api: ClientAPI) {
        isEnded = true
        switch api {
        case .chat:
            let choice = (whole["choices"] as? [[String: Any]])?.first ?? [:]
            let message = choice["message"] as? [String: Any] ?? [:]
            text = message["content"] as? String ?? ""
            reasoning = message["reasoning_content"] as? String ?? ""
            for call in message["tool_calls"] as? [[String: Any]] ?? [] {
                let function = call["function"] as? [String: Any] ?? [:]
                calls.append(
                    Call(
                        id: call["id"] as? String ?? "", name: function["name"] as? String ?? "",
                        arguments: function["arguments"] as? String ?? ""))
            }
            finish = choice["finish_reason"] as? String ?? ""
            add(chatUsage: whole["usage"])
        case .messages:
            for block in whole["content"] as? [[String: Any]] ?? [] { add(block: block) }
            finish = whole["stop_reason"] as? String ?? ""
            add(messagesUsage: whole["usage"])
        case .responses: add(response: whole)
        }
    }

    private mutating func add(block: [String: Any]) {
        switch block["type"] as? String {
        case "text": text += block["text"] as? String ?? ""
        case "thinking": reasoning += block["thinking"] as? String ?? ""
        case "tool_use":
            let input = try? JSONSerialization.data(withJSONObject: block["input"] ?? [:], options: [.sortedKeys])
            calls.append(
                Call(
                    id: block["id"] as? String ?? "", name: block["name"] as? String ?? "",
                    arguments: input.map { String(decoding: $0, as: UTF8.self) } ?? ""))
        default: break
        }
    }

    private mutating func add(response: [String: Any]) {
        for item in response["output"] as? [[String: Any]] ?? [] {
            switch item["type"] as? String {
            case "message":
                for part in item["content"] as? [[String: Any]] ?? [] { text += part["text"] as? String ?? "" }
            case "reasoning":
                for part in item["summary"] as? [[String: Any]] ?? [] { reasoning += part["text"] as? String ?? "" }
            case "function_call":
                calls.append(
                    Call(
                        id: item["call_id"] as? String ?? "", name: item["name"] as? String ?? "",
                        arguments: item["arguments"] as? String ?? ""))
            default: break
            }
        }
        finish = response["status"] as? String ?? ""
        guard let usage = response["usage"] as? [String: Any] else { return }
        input = usage["input_tokens"] as? Int ?? 0
        cached = (usage["input_tokens_details"] as? [String: Any])?["cached_tokens"] as? Int ?? 0
        output = usage["output_tokens"] as? Int ?? 0
    }

    private mutating func add(chatUsage value: Any?) {
        guard let usage = value as? [String: Any] else { return }
        input = usage["prompt_tokens"] as? Int ?? 0
        cached = (usage["prompt_tokens_details"] as? [String: Any])?["cached_tokens"] as? Int ?? 0
        output = usage["completion_tokens"] as? Int ?? 0
    }

    private mutating func add(messagesUsage value: Any?) {
        guard let usage = value as? [String: Any] else { return }
        cached = usage["cache_read_input_tokens"] as? Int ?? 0
        input = (usage["input_tokens"] as? Int ?? 0) + cached + (usage["cache_creation_input_tokens"] as? Int ?? 0)
        output = usage["output_tokens"] as? Int ?? 0
    }

    // MARK: Events

    fileprivate mutating func add(event: [String: Any], of api: ClientAPI) {
        if isEnded, api != .chat { problems.append("an event after the last one") }
        switch api {
        case .chat: add(chunk: event)
        case .messages: add(message: event)
        case .responses:
            switch event["type"] as? String {
            case "response.completed", "response.incomplete", "response.failed":
                isEnded = true
                let response = event["response"] as? [String: Any] ?? [:]
                if let error = response["error"] as? [String: Any] {
                    errors.append(error["code"] as? String ?? "?")
                }
                text = ""
                reasoning = ""
                add(response: response)
            case "response.output_text.delta": text += event["delta"] as? String ?? ""
            case "error": errors.append(event["code"] as? String ?? "?")
            default: break
            }
        }
    }

    private mutating func add(chunk: [String: Any]) {
        if let error = chunk["error"] as? [String: Any] { return errors.append(error["type"] as? String ?? "?") }
        add(chatUsage: chunk["usage"])
        guard let choice = (chunk["choices"] as? [[String: Any]])?.first else { return }
        let delta = choice["delta"] as? [String: Any] ?? [:]
        text += delta["content"] as? String ?? ""
        reasoning += delta["reasoning_content"] as? String ?? ""
        for call in delta["tool_calls"] as? [[String: Any]] ?? [] {
            let function = call["function"] as? [String: Any] ?? [:]
            let index = call["index"] as? Int ?? 0
            while calls.count <= index { calls.append(Call()) }
            calls[index].id += call["id"] as? String ?? ""
            calls[index].name += function["name"] as? String ?? ""
            calls[index].arguments += function["arguments"] as? String ?? ""
        }
        if let reason = choice["finish_reason"] as? String { finish = reason }
    }

    private mutating func add(message event: [String: Any]) {
        switch event["type"] as? String {
        case "content_block_start":
            let block = event["content_block"] as? [String: Any] ?? [:]
            guard block["type"] as? String == "tool_use" else { return }
            calls.append(Call(id: block["id"] as? String ?? "", name: block["name"] as? String ?? ""))
        case "content_block_delta":
            let delta = event["delta"] as? [String: Any] ?? [:]
            text += delta["text"] as? String ?? ""
            reasoning += delta["thinking"] as? String ?? ""
            if let piece = delta["partial_json"] as? String, !calls.isEmpty {
                calls[calls.count - 1].arguments += piece
            }
        case "message_start": add(messagesUsage: (event["message"] as? [String: Any])?["usage"])
        case "message_delta":
            finish = (event["delta"] as? [String: Any])?["stop_reason"] as? String ?? ""
            add(messagesUsage: event["usage"])
        case "message_stop": isEnded = true
        case "error": errors.append((event["error"] as? [String: Any])?["type"] as? String ?? "?")
        default: break
        }
    }
}
