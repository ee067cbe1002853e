import Testing
import WeirBase
import WeirMockScript
import WeirWire

@Suite("Content of the mock") struct ContentTests {
    private func bytes(_ make: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer()
        make(&buffer)
        let span = buffer.span
        return span.indices.map { span[$0] }
    }

    @Test("a piece has exactly its bytes, in valid UTF-8", arguments: [0, 1, 2, 3, 7, 32, 1_000])
    func sizes(size: Int) {
        for seed in UInt64(0)..<200 {
            let content = Content(seed: seed, pieces: 1, bytesPerPiece: size)
            let plain = bytes { content.append(0, as: .plain, to: &$0) }
            #expect(plain.count == size)
            #expect(String(validating: plain, as: UTF8.self) != nil)
        }
    }

    @Test("the spelling in a JSON string and in a JSON text in a string mean the same text") func spellings() {
        for seed in UInt64(0)..<200 {
            let content = Content(seed: seed, pieces: 3, bytesPerPiece: 100)
            let plain = String(decoding: bytes { content.appendAll(as: .plain, to: &$0) }, as: UTF8.self)
            let json = bytes { content.appendAll(as: .json, to: &$0) }
            let read = JSONText.string(json.span, ByteRange(start: 0, end: json.count))
            #expect(read == plain)
            let nested = bytes { ToolArguments.appendAll(of: content, to: &$0) }
            let arguments = Array(JSONText.string(nested.span, ByteRange(start: 0, end: nested.count)).utf8)
            #expect(arguments == Array("{\"text\":\"".utf8) + json + Array("\"}".utf8))
        }
    }

    @Test("an object is one JSON text, whatever its pieces, in either spelling", arguments: 1...4) func objects(
        pieces: Int
    ) {
        for seed in UInt64(0)..<50 {
            let words = Content(seed: seed, pieces: pieces, bytesPerPiece: 40)
            let object = Content(seed: seed, pieces: pieces, bytesPerPiece: 40, isObject: true)
            let inside = bytes { words.appendAll(as: .json, to: &$0) }
            let plain = bytes { object.appendAll(as: .plain, to: &$0) }
            #expect(plain == Array("{\"text\":\"".utf8) + inside + Array("\"}".utf8))
            let json = bytes { object.appendAll(as: .json, to: &$0) }
            let read = JSONText.string(json.span, ByteRange(start: 0, end: json.count))
            #expect(Array(read.utf8) == plain)
        }
    }

    @Test("seed, choice and piece make the text, and nothing else does") func determinism() {
        func text(_ seed: UInt64, _ choice: Int, _ piece: Int, pieces: Int = 4) -> [UInt8] {
            let content = Content(seed: seed, choice: choice, pieces: pieces, bytesPerPiece: 64)
            return bytes { content.append(piece, as: .json, to: &$0) }
        }
        #expect(text(1, 0, 2) == text(1, 0, 2, pieces: 99))
        let texts = [text(1, 0, 0), text(2, 0, 0), text(1, 1, 0), text(1, 0, 1), text(1, 2, 1)]
        #expect(Set(texts).count == texts.count)
        // The bytes themselves are a contract: a load generator of one build checks a mock of another.
        let first = bytes { Content(seed: 7, pieces: 1, bytesPerPiece: 40).append(0, as: .plain, to: &$0) }
        let hash = SHA256.hex(first.span)
        #expect(hash == "87e9ff2ae69ac34fa90d5903e679781b41eccd0f3de4ceac2fe3ccc1bc730aaf")
    }

    static let hashes = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]
    @Test("SHA-256 (FIPS 180-4, examples)", arguments: hashes) func sha256(text: String, hash: String) {
        let bytes = Array(text.utf8)
        let found = SHA256.hex(bytes.span)
        #expect(found == hash)
    }
}

@Suite("Answers of the mock") struct AnswerFormatTests {
    private func text(_ make: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        make(&buffer)
        let span = buffer.span
        return String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }

    private func ask(_ endpoint: Ask.Endpoint, _ settings: String = "events=2 bytes=5 seed=3") throws -> Ask {
        var ask = Ask(endpoint: endpoint, directive: try Directive(settings))
        ask.model = Array("m".utf8)
        ask.seed = ask.directive.seed ?? 3
        ask.inputTokens = 11
        return ask
    }

    @Test("every body is JSON, of the same length whatever its number", arguments: Ask.Endpoint.allCases)
    func bodies(endpoint: Ask.Endpoint) throws {
        for settings in ["events=0", "events=3 bytes=300", "tool=f", "events=0 tool=f", "usage=off"] {
            var ask = try ask(endpoint, settings)
            for count in 1...2 {
                ask.count = count
                let format = ask.format
                let body = text { format.appendBody(AnswerNumber(7), to: &$0) }
                let bytes = Array(body.utf8)
                #expect(throws: Never.self) { try JSONScanner.members(of: bytes.span, wanted: [ShortName("model")]) }
                #expect(text { format.appendBody(AnswerNumber(987_654_321), to: &$0) }.utf8.count == bytes.count)
            }
        }
    }

    @Test("every event is one block of valid JSON", arguments: [Ask.Endpoint.chat, .completions, .responses])
    func events(endpoint: Ask.Endpoint) throws {
        for settings in ["events=0", "events=3 bytes=300", "tool=f", "events=3 crlf", "events=3 usage=off"] {
            var ask = try ask(endpoint, settings)
            ask.wantsStreamUsage = true
            let format = ask.format
            for step in 0..<format.steps.all {
                var buffer = ByteBuffer()
                format.appendEvent(step, AnswerNumber(1), to: &buffer)
                var scanner = SSEScanner()
                let scanned = scanner.next(in: buffer.span, from: 0)
                let event = try #require(scanned)
                #expect(event.range.count == buffer.count && event.dataLines == 1)
                let data = buffer.span.extracting(event.data.bounds)
                let isLast = step == format.steps.all - 1
                if isLast, endpoint != .responses {
                    #expect(data.count == 6)
                } else {
                    let bytes = data.indices.map { data[$0] }
                    #expect(throws: Never.self) { try JSONScanner.members(of: bytes.span, wanted: []) }
                }
            }
        }
    }

    @Test("a chat stream: role, pieces, finish, usage, [DONE]") func chatStream() throws {
        var ask = try ask(.chat)
        ask.wantsStreamUsage = true
        let format = ask.format
        #expect(format.steps.opening == 1 && format.steps.content == 2 && format.steps.closing == 3)
        let events = (0..<6).map { step in text { format.appendEvent(step, AnswerNumber(1), to: &$0) } }
        #expect(events[0].contains(#""delta":{"role":"assistant","content":"","refusal":null}"#))
        #expect(events[1].contains(#""delta":{"content":""#) && events[1].contains(#""usage":null"#))
        #expect(events[3].contains(#""delta":{},"logprobs":null,"finish_reason":"stop""#))
        #expect(
            events[4].contains(#""choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13"#))
        #expect(events[5] == "data: [DONE]\n\n")
        #expect(events.dropLast().allSatisfy { $0.contains(#""id":"chatcmpl-mock0000000000000001""#) })
    }

    @Test("a responses stream numbers and names its events") func responsesStream() throws {
        let format = try ask(.responses).format
        let names = (0..<format.steps.all).map { step in
            let event = text { format.appendEvent(step, AnswerNumber(1), to: &$0) }
            #expect(event.contains("\"sequence_number\":\(step),"))
            return String(event.split(separator: "\n")[0].dropFirst(7))
        }
        #expect(
            names == [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
                "response.output_text.delta", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "response.output_item.done", "response.completed",
            ])
    }

    @Test("a response that the limit has cut says so in its status and its last event") func cutResponse() throws {
        var ask = try ask(.responses)
        ask.limitOutput(to: 1)
        let format = ask.format
        let whole = text { format.appendBody(AnswerNumber(1), to: &$0) }
        let last = text { format.appendEvent(format.steps.all - 1, AnswerNumber(1), to: &$0) }
        #expect(last.hasPrefix("event: response.incomplete\n"))
        for end in [whole, last] {
            #expect(end.contains(#""incomplete_details":{"reason":"max_output_tokens"}"#))
            #expect(end.ranges(of: #""status":"incomplete""#).count == 2 && !end.contains("completed"))
        }
        let first = text { format.appendEvent(0, AnswerNumber(1), to: &$0) }
        #expect(first.contains(#""status":"in_progress""#) && first.contains(#""incomplete_details":null"#))
    }

    @Test("embeddings are exact in decimals and in float32") func embedding() {
        let vector = Embedding(seed: 5, index: 0, dimensions: 16)
        let numbers = text { vector.appendNumbers(to: &$0) }.dropFirst().dropLast().split(separator: ",")
        let floats = numbers.map { Float($0)! }
        #expect(floats.count == 16 && floats.allSatisfy { ($0 * 256).rounded() == $0 * 256 && abs($0) <= 0.5 })
        #expect(zip(floats, numbers).allSatisfy { Double($1)! == Double($0) })
    }

    @Test(
        "base64 (RFC 4648, section 10)",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func base64(plain: String, encoded: String) {
        let bytes = Array(plain.utf8)
        #expect(text { $0.append(base64: bytes.span) } == encoded)
    }
}
