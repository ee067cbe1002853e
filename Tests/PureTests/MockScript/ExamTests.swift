import Testing
import WeirBase
import WeirLoop
import WeirMockScript
import WeirWire

@testable import WeirLoad

@Suite("Exam of answers") struct ExamTests {
    private func question(_ endpoint: Ask.Endpoint, stream: Bool, _ settings: String = "") throws -> Question {
        var plan = LoadPlan(address: .loopback(port: 1), host: "localhost", path: "/")
        plan.endpoint = endpoint
        plan.streams = stream
        plan.directiveText = settings
        plan.directive = try Directive(settings)
        return Question(plan, seed: 11)
    }

    /// The data of each event of the mock's answer.
    private func events(_ question: Question) -> [[UInt8]] {
        var ask = question.ask
        ask.model = Array("m".utf8)
        let format = ask.format
        return (0..<format.steps.all).map { step in
            var buffer = ByteBuffer()
            format.appendEvent(step, AnswerNumber(5), to: &buffer)
            var scanner = SSEScanner()
            let event = scanner.next(in: buffer.span, from: 0)!
            return event.data.bounds.map { buffer.span[$0] }
        }
    }

    private func verdict(_ events: [[UInt8]], _ question: Question) -> AnswerError.Kind? {
        var exam = Exam(question)
        var hint = 0
        do throws(AnswerError) {
            for event in events { try exam.check(event: event.span, hint: &hint) }
            try exam.checkEnd()
            return nil
        } catch { return error.kind }
    }

    static let settings = ["", "events=0", "events=40 bytes=7", "bytes=500", "tool=f", "tool=f events=0", "usage=off"]

    @Test("the mock's streams pass", arguments: [Ask.Endpoint.chat, .completions, .responses], settings)
    func streams(endpoint: Ask.Endpoint, settings: String) throws {
        guard endpoint != .completions || !settings.hasPrefix("tool") else { return }
        let question = try question(endpoint, stream: true, settings)
        #expect(verdict(events(question), question) == nil)
    }

    @Test("the mock's bodies pass", arguments: [Ask.Endpoint.chat, .completions, .responses, .embeddings], settings)
    func bodies(endpoint: Ask.Endpoint, settings: String) throws {
        guard endpoint == .chat || endpoint == .responses || !settings.hasPrefix("tool") else { return }
        let question = try question(endpoint, stream: false, settings)
        var ask = question.ask
        ask.model = Array("m".utf8)
        var body = ByteBuffer()
        ask.format.appendBody(AnswerNumber(5), to: &body)
        var hint = 0
        for _ in 0..<2 { try Exam(question).check(body: body.span, hint: &hint) }  // the second one by the hint
        var broken = bytes(of: body)
        if hint > 0, question.text.count > 2 {
            broken[hint + 1] ^= 1
            #expect(throws: AnswerError.self) { try Exam(question).check(body: broken.span, hint: &hint) }
        }
    }

    @Test("other pieces and another spelling of the same text pass") func translated() throws {
        let question = try question(.chat, stream: true, "events=30 bytes=50")
        let text = String(decoding: question.plain, as: UTF8.self)
        var pieces: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(rest.prefix(pieces.count % 13 + 1))
            rest = rest.dropFirst(pieces.count % 13 == 0 ? 13 : (pieces.count - 1) % 13 + 1)
        }
        #expect(pieces.joined() == text)
        var stream = pieces.map { piece in
            var data = ByteBuffer()
            data.append("{ \"choices\" : [ { \"delta\" : { \"content\" : ")
            data.append(jsonString: String(piece))
            data.append(" } } ] }")
            return bytes(of: data)
        }
        stream += events(question).suffix(3)
        #expect(verdict(stream, question) == nil)
        stream.remove(at: 3)
        #expect(verdict(stream, question) == .content)
    }

    @Test("what is missing, changed, doubled or in the wrong order is seen") func faults() throws {
        let question = try question(.chat, stream: true, "events=5")
        let good = events(question)
        func without(_ index: Int) -> [[UInt8]] { good.indices.filter { $0 != index }.map { good[$0] } }
        #expect(verdict(without(2), question) == .content)
        #expect(verdict(without(5), question) == .content)
        #expect(verdict(without(6), question) == .done)  // the finish reason
        #expect(verdict(without(7), question) == .usage)
        #expect(verdict(without(8), question) == .done)
        #expect(verdict(good + [good[2]], question) == .done)
        #expect(verdict(good[..<3] + [good[2]] + good[3...], question) == .content)
        #expect(verdict(good[..<2] + [good[3], good[2]] + good[4...], question) == .content)
        var broken = good
        broken[3][broken[3].count - 60] ^= 1
        #expect(verdict(broken, question) != nil)
        #expect(verdict([Array(#"{"error":{"message":"no"}}"#.utf8)], question) == .errorEvent)
        #expect(verdict([Array("<html>".utf8)], question) == .json)
    }

    @Test(
        "numbers in tables",
        arguments: [(0.0, 0, "0"), (1.25, 1, "1.3"), (0.05, 3, "0.050"), (-1.5, 1, "-1.5"), (12345.678, 0, "12346")])
    func numbers(value: Double, digits: Int, text: String) { #expect(fixed(value, digits) == text) }
}
