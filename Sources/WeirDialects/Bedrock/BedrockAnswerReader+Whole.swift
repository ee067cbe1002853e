internal import WeirBase
internal import WeirWire

/// Answers of Converse.
extension BedrockAnswerReader {
    public static func read(whole body: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        var reader = BedrockAnswerReader()
        var problem: UpstreamProblem?
        do throws(JSONError) { try reader.readWhole(body, &problem, give) } catch { problem = malformed(error) }
        if let problem { reader.fail(problem, give) }
        reader.finish(give)
    }

    private mutating func readWhole(
        _ data: Span<UInt8>, _ problem: inout UpstreamProblem?, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        let root = try JSONPlace.root(data)
        guard root.kind == .object else { throw JSONError(.notAnObject, at: root.start) }
        var reason: String?
        var usage: ByteRange?
        start(give)
        _ = try root.members(data) { (member, value) throws(JSONError) in
            switch member {
            case BedrockName.output:
                return try value.members(data) { (member, value) throws(JSONError) in
                    guard member == BedrockName.message else { return try value.skip(data) }
                    return try value.members(data) { (member, value) throws(JSONError) in
                        guard member == BedrockName.content else { return try value.skip(data) }
                        return try value.elements(data) { (block) throws(JSONError) in
                            try readBlock(data, block, &problem, give)
                        }
                    }
                }
            case BedrockName.stopReason: return try value.read(data, into: &reason)
            case BedrockName.usage:
                let range = try value.range(data)
                if value.kind == .object { usage = range }
                return Int(range.end)
            default: return try value.skip(data)
            }
        }
        guard problem == nil else { return }
        finish(reason, &problem, give)
        if problem == nil, let usage { readUsage(data, usage, give) }
    }

    private mutating func readBlock(
        _ data: Span<UInt8>, _ block: JSONPlace, _ problem: inout UpstreamProblem?, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> Int {
        try block.members(data) { (member, value) throws(JSONError) in
            switch member {
            case BedrockName.text: return try readText(data, value, give)
            case BedrockName.reasoningContent: return try readReasoning(data, value, give)
            case BedrockName.citationsContent:
                // Text with its sources: the text is the answer's.
                return try value.members(data) { (member, value) throws(JSONError) in
                    guard member == BedrockName.content else { return try value.skip(data) }
                    return try value.elements(data) { (part) throws(JSONError) in
                        try part.members(data) { (member, value) throws(JSONError) in
                            member == BedrockName.text ? try readText(data, value, give) : try value.skip(data)
                        }
                    }
                }
            case BedrockName.toolUse where value.kind == .object:
                var (id, name): (String?, String?)
                var input: ByteRange?
                let end = try value.members(data) { (member, value) throws(JSONError) in
                    switch member {
                    case BedrockName.toolUseId: return try value.read(data, into: &id)
                    case BedrockName.name: return try value.read(data, into: &name)
                    case BedrockName.input:
                        let range = try value.range(data)
                        if value.kind == .object { input = range }
                        return Int(range.end)
                    default: return try value.skip(data)
                    }
                }
                giveCall(id, name, Int64(callBlocks.count), &problem, give)
                if problem == nil, let input {
                    give(.toolArguments(choice: 0, call: callBlocks.count - 1, JSONPlace.source(data, input)))
                }
                return end
            default: return try value.skip(data)
            }
        }
    }
}
