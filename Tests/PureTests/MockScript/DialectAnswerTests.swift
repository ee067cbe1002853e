import Testing
import WeirBase
import WeirMockScript
import WeirWire

@Suite("Answers of the mock in the dialects beside OpenAI's") struct DialectAnswerTests {
    private static let settings = [
        "", "events=0", "events=1", "events=40 bytes=7", "bytes=300", "tool=f", "tool=f events=0", "usage=off",
        "reasoning=3",
        "reasoning=100 events=0", "tool=f reasoning=2", "json", "json events=1 reasoning=3",
    ]

    private func ask(_ endpoint: Ask.Endpoint, _ settings: String, thinks: Bool = false) throws -> Ask {
        var ask = Ask(endpoint: endpoint, directive: try Directive(settings))
        ask.model = Array("m".utf8)
        ask.seed = 3
        ask.inputTokens = 11
        ask.thinks = thinks
        return ask
    }

    private func bytes(_ make: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer()
        make(&buffer)
        let span = buffer.span
        return span.indices.map { span[$0] }
    }

    private func content(_ ask: Ask, choice: Int = 0) -> String {
        String(decoding: bytes { ask.content(choice: choice).appendAll(as: .json, to: &$0) }, as: UTF8.self)
    }

    /// The events of a stream: name and data of each.
    private func events(_ ask: Ask) throws -> [(name: String, data: String)] {
        let format = ask.format
        let wire = bytes { buffer in
            for step in 0..<format.steps.all { format.appendEvent(step, AnswerNumber(5), to: &buffer) }
        }
        var scanner = SSEScanner()
        var events: [(name: String, data: String)] = []
        var start = 0
        while let event = scanner.next(in: wire.span, from: start) {
            let data = event.data.bounds.map { wire[$0] }
            #expect(throws: Never.self) { try JSONScanner.members(of: data.span, wanted: []) }
            let name = event.name.bounds.map { wire[$0] }
            events.append((String(decoding: name, as: UTF8.self), String(decoding: data, as: UTF8.self)))
            start = Int(event.range.end)
        }
        #expect(start == wire.count)
        return events
    }

    /// What stands between `before` and the next `after` in each text.
    private func parts(_ texts: [String], from before: String, to after: String) -> [String] {
        texts.compactMap { text in
            guard let start = text.ranges(of: before).first, let end = text[start.upperBound...].ranges(of: after).last
            else { return nil }
            return String(text[start.upperBound..<end.lowerBound])
        }
    }

    // MARK: Calls

    @Test(
        "further calls come whole behind the first, and change neither steps nor usage",
        arguments: [Ask.Endpoint.chat, .responses, .messages, .generate, .converse], [false, true])
    func calls(endpoint: Ask.Endpoint, thinks: Bool) throws {
        let one = try ask(endpoint, "tool=f events=4 bytes=9 reasoning=2", thinks: thinks)
        let three = try ask(endpoint, "tool=f events=4 bytes=9 reasoning=2 calls=3", thinks: thinks)
        #expect(three.format.steps == one.format.steps && three.usage == one.usage)
        let steps = 0..<three.format.steps.all
        let whole = bytes { three.format.appendBody(AnswerNumber(5), to: &$0) }
        let stream = bytes { buffer in
            for step in steps { three.format.appendEvent(step, AnswerNumber(5), to: &buffer) }
        }
        for call in 1..<3 {
            let words = three.content(choice: call << 24)
            let members = bytes {
                $0.append("{\"text\":\"")
                words.appendAll(as: .json, to: &$0)
                $0.append("\"}")
            }
            let text = bytes { ToolArguments.appendAll(of: words, to: &$0) }
            let isText = endpoint == .chat || endpoint == .responses
            #expect(contains(whole, isText ? text : members))
            #expect(contains(stream, endpoint == .generate ? members : text))
            for answer in [whole, stream] { #expect(contains(answer, Array("0000000000000005_\(call)\"".utf8))) }
        }
        #expect(try ask(endpoint, "events=4 calls=3").format.steps == ask(endpoint, "events=4").format.steps)
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: part) }
    }

    // MARK: Anthropic

    @Test(
        "a message streams its blocks in order, and what was whole comes together again", arguments: settings,
        [false, true])
    func anthropic(settings: String, thinks: Bool) throws {
        let ask = try ask(.messages, settings, thinks: thinks)
        let events = try events(ask)
        for event in events { #expect(event.data.hasPrefix("{\"type\":\"\(event.name)\"")) }
        let names = events.map(\.name)
        #expect(names.first == "message_start" && names.suffix(2) == ["message_delta", "message_stop"])
        #expect(names.count { $0 == "content_block_start" } == names.count { $0 == "content_block_stop" })
        let data = events.map(\.data)
        let thought = parts(data, from: "\"thinking_delta\",\"thinking\":\"", to: "\"}}")
        #expect(thought.count == (thinks ? min(ask.directive.reasoningTokens, 64) : 0))
        let text = parts(data, from: "\"text_delta\",\"text\":\"", to: "\"}}").joined()
        let whole = String(decoding: bytes { ask.format.appendBody(AnswerNumber(5), to: &$0) }, as: UTF8.self)
        if let signature = parts(data, from: "\"signature_delta\",\"signature\":\"", to: "\"}}").first {
            let spelled = Array(thought.joined().utf8)
            let plain = JSONText.string(spelled.span, ByteRange(start: 0, end: spelled.count))
            #expect(signature == ThoughtSignature.make(plain))
            #expect(whole.contains("\"thinking\":\"\(thought.joined())\",\"signature\":\"\(signature)\""))
        }
        if ask.directive.tool == nil {
            #expect(text == content(ask))
            #expect(text.isEmpty || whole.contains("{\"type\":\"text\",\"text\":\"\(text)\"}"))
        } else {
            #expect(whole.contains("\"input\":{\"text\":\"\(content(ask))\"}"))
            let arguments = Array(parts(data, from: "\"partial_json\":\"", to: "\"}}").joined().utf8)
            #expect(
                JSONText.string(arguments.span, ByteRange(start: 0, end: arguments.count))
                    == "{\"text\":\"\(content(ask))\"}")
        }
    }

    @Test("a message's stream, event by event") func anthropicOrder() throws {
        let names = try events(ask(.messages, "events=2 reasoning=1", thinks: true)).map(\.name)
        #expect(
            names == [
                "message_start", "content_block_start", "ping", "content_block_delta", "content_block_delta",
                "content_block_stop", "content_block_start", "content_block_delta", "content_block_delta",
                "content_block_stop", "message_delta", "message_stop",
            ])
        #expect(
            try events(ask(.messages, "events=0")).map(\.name) == ["message_start", "message_delta", "message_stop"])
    }

    @Test("input is counted in three parts, output once") func anthropicUsage() throws {
        let ask = try ask(.messages, "events=2 input=70 cached=20 written=8 reasoning=3", thinks: true)
        let body = String(decoding: bytes { ask.format.appendBody(AnswerNumber(5), to: &$0) }, as: UTF8.self)
        let counts = #""input_tokens":42,"cache_creation_input_tokens":8,"cache_read_input_tokens":20"#
        #expect(body.contains("\"usage\":{\(counts),"))
        #expect(body.contains(#""output_tokens":5,"output_tokens_details":{"thinking_tokens":3}"#))
        let data = try events(ask).map(\.data)
        #expect(data[0].contains(counts) && data[0].contains(#""output_tokens":1,"#))
        #expect(data[data.count - 2].contains("\"usage\":{\(counts),\"output_tokens\":5,"))
    }

    // MARK: Gemini

    @Test("every event is a whole response; together they are the answer", arguments: settings, [1, 3])
    func gemini(settings: String, candidates: Int) throws {
        var ask = try ask(.generate, settings, thinks: true)
        ask.count = candidates
        let data = try events(ask).map(\.data)
        let whole = String(decoding: bytes { ask.format.appendBody(AnswerNumber(5), to: &$0) }, as: UTF8.self)
        for candidate in 0..<candidates {
            let mine = data.filter { $0.contains("\"role\":\"model\"}") && $0.contains("\"index\":\(candidate)}]") }
            #expect(mine.count { $0.contains("\"finishReason\":\"STOP\"") } == 1)
            if ask.directive.tool == nil {
                #expect(
                    parts(mine, from: "[{\"text\":\"", to: "\"}],\"role\"").joined() == content(ask, choice: candidate))
            } else {
                #expect(mine.count { $0.contains("\"args\":{\"text\":\"\(content(ask, choice: candidate))\"}}") } == 1)
            }
            #expect(whole.contains(content(ask, choice: candidate)))
        }
        let hasUsage = !ask.directive.omitsUsage
        #expect(data.allSatisfy { $0.contains("\"usageMetadata\"") == hasUsage })
        #expect(
            !hasUsage || data.last?.contains("\"totalTokenCount\":\(ask.usage.input + ask.usage.output),") == true)
    }

    @Test("events end in CR LF; without alt=sse they are one array") func geminiFraming() throws {
        var ask = try ask(.generate, "events=3")
        let format = ask.format
        let event = String(decoding: bytes { format.appendEvent(0, AnswerNumber(5), to: &$0) }, as: UTF8.self)
        #expect(event.hasPrefix("data: {") && event.hasSuffix("}\r\n\r\n"))
        ask.isArray = true
        let list = ask.format
        let array = bytes { buffer in
            for step in 0..<list.steps.all { list.appendEvent(step, AnswerNumber(5), to: &buffer) }
        }
        var walk = try JSONArrayWalk(array.span, in: ByteRange(start: 0, end: array.count))
        var count = 0
        while let element = try walk.next(array.span) {
            #expect(element.kind == .object)
            count += 1
        }
        #expect(count == 4)
    }

    @Test("usage grows with each event; thoughts are counted apart") func geminiUsage() throws {
        let data = try events(ask(.generate, "events=2 reasoning=1 input=9", thinks: true)).map(\.data)
        let counts = parts(data, from: "\"usageMetadata\":{", to: ",\"promptTokensDetails\"")
        #expect(
            counts == [
                #""promptTokenCount":9,"candidatesTokenCount":0,"totalTokenCount":10,"thoughtsTokenCount":1"#,
                #""promptTokenCount":9,"candidatesTokenCount":1,"totalTokenCount":11,"thoughtsTokenCount":1"#,
                #""promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":12,"thoughtsTokenCount":1"#,
                #""promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":12,"thoughtsTokenCount":1"#,
            ])
    }

    // MARK: Bedrock

    private struct Frame {
        var headers: [String: String] = [:]
        var payload = ""
    }

    /// Reads event-stream messages by the book; nil if one is damaged.
    private func frames(_ wire: [UInt8]) -> [Frame]? {
        func word(_ at: Int) -> UInt32 { wire[at..<(at + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        var frames: [Frame] = []
        var start = 0
        while start < wire.count {
            guard wire.count - start >= 16 else { return nil }
            let (total, headBytes) = (Int(word(start)), Int(word(start + 4)))
            guard total <= wire.count - start, headBytes + 16 <= total,
                word(start + 8) == wire.span.extracting(start..<(start + 8)).crc32(),
                word(start + total - 4) == wire.span.extracting(start..<(start + total - 4)).crc32()
            else { return nil }
            var frame = Frame()
            var at = start + 12
            while at < start + 12 + headBytes {
                let nameEnd = at + 1 + Int(wire[at])
                guard wire[nameEnd] == 7 else { return nil }
                let valueEnd = nameEnd + 3 + Int(wire[nameEnd + 1]) << 8 + Int(wire[nameEnd + 2])
                let name = String(decoding: wire[(at + 1)..<nameEnd], as: UTF8.self)
                frame.headers[name] = String(decoding: wire[(nameEnd + 3)..<valueEnd], as: UTF8.self)
                at = valueEnd
            }
            frame.payload = String(decoding: wire[at..<(start + total - 4)], as: UTF8.self)
            frames.append(frame)
            start += total
        }
        return frames
    }

    private func stream(_ ask: Ask) throws -> [Frame] {
        let format = ask.format
        return try #require(
            frames(
                bytes { buffer in
                    for step in 0..<format.steps.all { format.appendEvent(step, AnswerNumber(5), to: &buffer) }
                }))
    }

    @Test("a converse stream is of sound messages, and they are the answer", arguments: settings, [false, true])
    func bedrock(settings: String, thinks: Bool) throws {
        let ask = try ask(.converse, settings, thinks: thinks)
        let frames = try stream(ask)
        for frame in frames {
            #expect(frame.headers[":message-type"] == "event" && frame.headers[":content-type"] == "application/json")
            let payload = Array(frame.payload.utf8)
            #expect(throws: Never.self) { try JSONScanner.members(of: payload.span, wanted: []) }
        }
        let names = frames.compactMap { $0.headers[":event-type"] }
        #expect(names.first == "messageStart" && names.suffix(2) == ["messageStop", "metadata"])
        #expect(names.count { $0 == "contentBlockStart" } == (ask.directive.tool == nil ? 0 : 1))
        let payloads = frames.map(\.payload)
        let whole = String(decoding: bytes { ask.format.appendBody(AnswerNumber(5), to: &$0) }, as: UTF8.self)
        #expect(whole.contains(content(ask)))
        if ask.directive.tool == nil {
            #expect(parts(payloads, from: "\"delta\":{\"text\":\"", to: "\"},\"p\"").joined() == content(ask))
        } else {
            let arguments = Array(parts(payloads, from: "\"toolUse\":{\"input\":\"", to: "\"}},\"p\"").joined().utf8)
            #expect(
                JSONText.string(arguments.span, ByteRange(start: 0, end: arguments.count))
                    == "{\"text\":\"\(content(ask))\"}")
        }
    }

    @Test("a converse stream, event by event") func bedrockOrder() throws {
        let names = try stream(ask(.converse, "events=2 reasoning=1 tool=f", thinks: true)).map {
            $0.headers[":event-type"]
        }
        #expect(
            names == [
                "messageStart", "contentBlockDelta", "contentBlockDelta", "contentBlockStop", "contentBlockStart",
                "contentBlockDelta", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata",
            ])
    }

    @Test("an exception is a sound message, garbage is not") func bedrockBroken() throws {
        let ask = try ask(.converse, "")
        let exception = frames(bytes { ask.appendBrokenEvent(garbage: false, to: &$0) })
        #expect(exception?.first?.headers[":exception-type"] == "modelStreamErrorException")
        #expect(frames(bytes { ask.appendBrokenEvent(garbage: true, to: &$0) }) == nil)
    }

    // MARK: All of them

    @Test("a signature knows one changed byte") func signatures() {
        let text = "What flows over a weir?"
        let signature = ThoughtSignature.make(text)
        #expect(signature == ThoughtSignature.make(text))
        let bytes = Array(text.utf8)
        for at in bytes.indices {
            var changed = bytes
            changed[at] ^= 1
            let other = ThoughtSignature.make(changed.span)
            #expect(other != signature && other.utf8.count == signature.utf8.count)
        }
        #expect(ThoughtSignature.makeForCall(of: "f", text: "x") != ThoughtSignature.makeForCall(of: "g", text: "x"))
    }

    @Test("the largest claims do not trap", arguments: Ask.Endpoint.allCases) func largest(endpoint: Ask.Endpoint)
        throws
    {
        let most = Int(Int32.max)
        var ask = try ask(
            endpoint, "events=100000000 reasoning=\(most) input=\(most) cached=\(most) written=\(most)", thinks: true)
        ask.count = 128
        #expect(ask.usage.input == most && ask.usage.output <= most)
        #expect(throws: DirectiveError.self) { try Directive("input=\(most + 1)") }
        ask.directive.events = 1
        ask.count = 1
        #expect(!bytes { ask.format.appendBody(AnswerNumber(1), to: &$0) }.isEmpty)
    }

    @Test(
        "an answer ends for the reason that its script names",
        arguments: [Ask.Endpoint.chat, .completions, .messages, .generate, .converse])
    func finish(endpoint: Ask.Endpoint) throws {
        let ask = try ask(endpoint, "events=2 finish=SOME_reason")
        let format = ask.format
        let stream = bytes { buffer in
            for step in 0..<format.steps.all { format.appendEvent(step, AnswerNumber(5), to: &buffer) }
        }
        for wire in [stream, bytes { format.appendBody(AnswerNumber(5), to: &$0) }] {
            #expect(String(decoding: wire, as: UTF8.self).ranges(of: "\":\"SOME_reason\"").count == 1)
        }
    }

    @Test("a limit cuts the thought, then the text", arguments: [Ask.Endpoint.messages, .generate, .converse])
    func limit(endpoint: Ask.Endpoint) throws {
        for (most, reasoning, pieces) in [(20, 4, 16), (19, 4, 15), (5, 4, 1), (4, 4, 0), (3, 3, 0)] {
            var ask = try ask(endpoint, "events=16 reasoning=4", thinks: true)
            ask.limitOutput(to: most)
            #expect(ask.isShortened == (most < 20) && ask.usage.output == most)
            #expect(ask.usage.reasoningOutput == reasoning && ask.content().pieces == pieces)
        }
    }

    @Test("Azure says first what its filters think, in a chunk without choices") func azure() throws {
        var ask = try ask(.chat, "events=2")
        ask.service = .azure
        ask.wantsStreamUsage = true
        let format = ask.format
        let chunks = (0..<format.steps.all).map { step in
            String(decoding: bytes { format.appendEvent(step, AnswerNumber(1), to: &$0) }, as: UTF8.self)
        }
        #expect(
            chunks[0].contains(#""choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results""#))
        #expect(chunks[1].contains(#""delta":{"role":"assistant""#) && !chunks[1].contains("content_filter_results"))
        #expect(chunks[2].contains(#""content_filter_results":{"hate":{"filtered":false"#))
        #expect(chunks.count == 7 && chunks[6] == "data: [DONE]\n\n")
        ask.service = .openAI
        let plain = ask.format
        let own = String(decoding: bytes { plain.appendEvent(0, AnswerNumber(1), to: &$0) }, as: UTF8.self)
        #expect(own == chunks[1])
    }
}
