import Foundation
import Testing

/// A client of the Responses stream that trusts nothing: it checks each event against what came before and puts the response together from pieces.
struct ResponsesStream {
    struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
    typealias Object = [String: Any]

    private(set) var events: [(name: String, data: Object)] = []
    /// Items as their pieces make them.
    private var items: [Object] = []
    private var open: Set<Int> = []
    /// The open part of an item.
    private var parts: [Int: Int] = [:]
    private(set) var response: Object?

    init(_ wire: String) throws {
        guard wire.hasSuffix("\n\n") else { throw Fault("the last event is cut") }
        for frame in wire.dropLast(2).components(separatedBy: "\n\n") {
            let lines = frame.components(separatedBy: "\n")
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: ") else {
                throw Fault("no event: \(frame)")
            }
            let value = try JSONSerialization.jsonObject(with: Data(lines[1].dropFirst(6).utf8))
            guard let data = value as? Object else { throw Fault("no object: \(frame)") }
            try check(String(lines[0].dropFirst(7)), data)
        }
        guard response != nil else { throw Fault("no last event") }
    }

    private mutating func check(_ name: String, _ data: Object) throws {
        guard response == nil else { throw Fault("\(name) after the end") }
        guard data["type"] as? String == name, data["sequence_number"] as? Int == events.count else {
            throw Fault("\(name) has the wrong type or number: \(data)")
        }
        events.append((name, data))
        switch (events.count, name) {
        case (1, "response.created"), (2, "response.in_progress"):
            let response = try object(data, "response")
            guard response["status"] as? String == "in_progress", (response["output"] as? [Any])?.isEmpty == true
            else { throw Fault("\(name) is not at the beginning") }
        case (1...2, _): throw Fault("\(name) before the beginning")
        case (_, "response.output_item.added"): try begin(data)
        case (_, "response.output_item.done"): try end(data)
        case (_, "response.content_part.added"): try beginPart(data, "content", "content_index")
        case (_, "response.content_part.done"): try endPart(data, "content", "content_index")
        case (_, "response.reasoning_summary_part.added"): try beginPart(data, "summary", "summary_index")
        case (_, "response.reasoning_summary_part.done"): try endPart(data, "summary", "summary_index")
        case (_, "response.output_text.delta"): try grow(data, "content", "content_index", "output_text", "text")
        case (_, "response.refusal.delta"): try grow(data, "content", "content_index", "refusal", "refusal")
        case (_, "response.reasoning_summary_text.delta"):
            try grow(data, "summary", "summary_index", "summary_text", "text")
        case (_, "response.output_text.done"): try same(data, "content", "content_index", ["text", "logprobs"])
        case (_, "response.refusal.done"): try same(data, "content", "content_index", ["refusal"])
        case (_, "response.reasoning_summary_text.done"): try same(data, "summary", "summary_index", ["text"])
        case (_, "response.function_call_arguments.delta"):
            let at = try place(data)
            items[at]["arguments"] = try string(items[at], "arguments") + string(data, "delta")
        case (_, "response.function_call_arguments.done"):
            let item = items[try place(data)]
            guard try string(item, "arguments") == string(data, "arguments"),
                try string(item, "name") == string(data, "name")
            else { throw Fault("arguments differ: \(data)") }
        case (_, "response.completed"), (_, "response.incomplete"), (_, "response.failed"):
            try finish(name, object(data, "response"))
        default: throw Fault("unknown event \(name)")
        }
    }

    // MARK: Items

    private mutating func begin(_ data: Object) throws {
        let item = try object(data, "item")
        guard data["output_index"] as? Int == items.count else { throw Fault("an item is out of order: \(data)") }
        guard !items.contains(where: { $0["id"] as? String == item["id"] as? String }) else {
            throw Fault("an id is there twice: \(data)")
        }
        // Calls alone may stay open beside what comes next.
        let isFree = open.allSatisfy { items[$0]["type"] as? String == "function_call" }
        guard isFree else { throw Fault("an item began before the last has ended: \(data)") }
        open.insert(items.count)
        items.append(item)
    }

    private mutating func end(_ data: Object) throws {
        guard let at = data["output_index"] as? Int, open.remove(at) != nil, parts[at] == nil else {
            throw Fault("an item that is not open, or a part of it is, has ended: \(data)")
        }
        let item = try object(data, "item")
        var pieces = items[at]
        // What only the whole item says.
        for name in ["status", "encrypted_content"] { pieces[name] = item[name] }
        guard equal(pieces, item) else { throw Fault("pieces and item differ: \(pieces) \(item)") }
        items[at] = item
    }

    private mutating func beginPart(_ data: Object, _ list: String, _ index: String) throws {
        let at = try place(data)
        guard parts[at] == nil, var all = items[at][list] as? [Object], data[index] as? Int == all.count else {
            throw Fault("a part is out of order: \(data)")
        }
        parts[at] = all.count
        all.append(try object(data, "part"))
        items[at][list] = all
    }

    private mutating func endPart(_ data: Object, _ list: String, _ index: String) throws {
        let at = try place(data)
        guard let part = parts.removeValue(forKey: at), part == data[index] as? Int,
            let all = items[at][list] as? [Object], equal(all[part], try object(data, "part"))
        else { throw Fault("a part's end differs: \(data)") }
    }

    private mutating func grow(
        _ data: Object, _ list: String, _ index: String, _ type: String, _ member: String
    ) throws {
        let at = try place(data)
        guard let part = parts[at], part == data[index] as? Int, var all = items[at][list] as? [Object],
            all[part]["type"] as? String == type
        else { throw Fault("a piece of no open part: \(data)") }
        all[part][member] = try string(all[part], member) + string(data, "delta")
        if let logprobs = data["logprobs"] as? [Any] {
            all[part]["logprobs"] = (all[part]["logprobs"] as? [Any] ?? []) + logprobs
        }
        items[at][list] = all
    }

    private func same(_ data: Object, _ list: String, _ index: String, _ members: [String]) throws {
        let at = try place(data)
        guard let part = parts[at], part == data[index] as? Int, let all = items[at][list] as? [Object] else {
            throw Fault("no open part: \(data)")
        }
        for member in members where !equal(all[part][member], data[member]) {
            throw Fault("\(member) differs: \(data)")
        }
    }

    private mutating func finish(_ name: String, _ response: Object) throws {
        self.response = response
        guard response["status"] as? String == String(name.dropFirst("response.".count)) else {
            throw Fault("the status is another: \(response)")
        }
        if name == "response.failed" {
            // What was open has no end, and is incomplete.
            for at in open where items[at]["status"] != nil { items[at]["status"] = "incomplete" }
        } else if !open.isEmpty {
            throw Fault("items are still open: \(open)")
        }
        guard equal(items, response["output"]) else { throw Fault("pieces and output differ: \(items) \(response)") }
    }

    // MARK: Members

    /// The open item of an event, by its place and its id.
    private func place(_ data: Object) throws -> Int {
        guard let at = data["output_index"] as? Int, open.contains(at),
            let id = data["item_id"] as? String, id == items[at]["id"] as? String
        else { throw Fault("of no open item: \(data)") }
        return at
    }

    private func object(_ data: Object, _ name: String) throws -> Object {
        guard let value = data[name] as? Object else { throw Fault("no \(name): \(data)") }
        return value
    }

    private func string(_ data: Object, _ name: String) throws -> String {
        guard let value = data[name] as? String else { throw Fault("no \(name): \(data)") }
        return value
    }

    /// Whether both are there and the same, whatever the order of members.
    private func equal(_ left: Any?, _ right: Any?) -> Bool {
        guard let left, let right else { return false }
        return text(left) == text(right)
    }

    private func text(_ value: Any) -> Data? {
        try? JSONSerialization.data(withJSONObject: ["value": value], options: .sortedKeys)
    }
}
