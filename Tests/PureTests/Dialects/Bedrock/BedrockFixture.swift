import Foundation
import WeirBase

@testable import WeirDialects

/// What the tests of Bedrock's dialect say in one word.
enum BedrockFixture {
    /// Lines of `NAME<tab>...` of a file that `Tests/Dialects/run` checks against botocore.
    static func lines(_ file: String) -> [[String]] {
        let path = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "../../../Fixtures/dialects/\(file)").path
        guard let data = FileManager.default.contents(atPath: path) else { fatalError("\(path) is missing") }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    static func write(
        _ request: ChatRequest, model: String, _ notes: inout TranslationNotes
    ) throws(Untranslatable) -> String {
        var out = ByteBuffer()
        try BedrockRequestWriter.write(request, to: TargetOptions(model: model), &notes, &out)
        return out.text()
    }

    static func ask(_ change: (inout ChatRequest) -> Void) -> ChatRequest {
        var request = ChatRequest()
        request.messages = [ChatMessage(.user, [.text("Hi")])]
        change(&request)
        return request
    }

    static func whole(_ body: String) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        BedrockAnswerReader.read(whole: Array(body.utf8).span) { events.append($0) }
        return events
    }

    /// The events of a stream of frames, each a name and a payload.
    static func stream(_ frames: [(String, String)], isCut: Bool = false) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        var reader = BedrockAnswerReader()
        for (name, payload) in frames {
            reader.read(event: Array(name.utf8).span, Array(payload.utf8).span) { events.append($0) }
        }
        if !isCut { reader.finish { events.append($0) } }
        return events
    }

    static func usage(_ change: (inout Usage) -> Void) -> AnswerEvent {
        var usage = Usage()
        change(&usage)
        return .usage(usage)
    }

    // MARK: Frames

    enum Value {
        case string(String)
        /// A type and its bytes.
        case other(UInt8, [UInt8])
    }

    static func frame(_ headers: [(String, Value)], _ payload: [UInt8]) -> [UInt8] {
        var fields: [UInt8] = []
        for (name, value) in headers {
            fields += [UInt8(name.utf8.count)] + Array(name.utf8)
            switch value {
            case .string(let text): fields += [7] + number(UInt32(text.utf8.count)).suffix(2) + Array(text.utf8)
            case .other(let type, let bytes): fields += [type] + bytes
            }
        }
        var frame = number(UInt32(16 + fields.count + payload.count)) + number(UInt32(fields.count))
        frame += number(frame.span.crc32())
        frame += fields + payload
        return frame + number(frame.span.crc32())
    }

    static func event(_ name: String, _ payload: String) -> [UInt8] {
        frame(
            [
                (":event-type", .string(name)), (":content-type", .string("application/json")),
                (":message-type", .string("event")),
            ], Array(payload.utf8))
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
