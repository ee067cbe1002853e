import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirWire

/// Answers the questions of `weir cost`, one JSON object each.
struct CostDesk {
    /// Whether a line could not be understood as a question.
    private(set) var hasBadLines = false
    private var tariffs: KnownTariffs

    init(_ tariffs: KnownTariffs) { self.tariffs = tariffs }

    /// What is asked, read from one line.
    private struct Question {
        var provider = ""
        var model = ""
        var at: Int64
        var usage: Result<Usage, UsageProblem>
        var context = BillingContext()
    }

    private struct BadQuestion: Error {
        let message: String
    }

    private enum Answer {
        case ok(model: String, Bill)
        case unknownModel(String)
        case unpriced(model: String, String)
        case invalid(String)
    }

    mutating func answer(_ line: [UInt8], now: Int64) -> [UInt8] {
        let members: JSONMembers
        do throws(JSONError) {
            members = try JSONScanner.members(of: line.span, wanted: Self.names)
        } catch {
            hasBadLines = true
            let text = error.description.replacing("body", with: "line")
            return write(.invalid(text), id: Array("null".utf8))
        }
        let id = members[Name.id.rawValue].map { Array(line[$0.value.bounds]) } ?? Array("null".utf8)
        do throws(BadQuestion) {
            let question = try Self.question(line.span, members, now)
            return write(answer(question), id: id)
        } catch {
            hasBadLines = true
            return write(.invalid(error.message), id: id)
        }
    }

    mutating func refuseLong() -> [UInt8] {
        hasBadLines = true
        return write(.invalid("the line is over 4 MiB"), id: Array("null".utf8))
    }

    private mutating func answer(_ question: Question) -> Answer {
        guard let tariff = tariffs.tariff(provider: question.provider, model: question.model) else {
            return .unknownModel(
                question.provider.isEmpty ? "no model has this name" : "no model of this provider has this name")
        }
        guard tariff.isPriced(at: question.at, question.context) else {
            return .unpriced(model: tariff.model.id, "the model has no price")
        }
        switch question.usage {
        case .failure(let problem): return .invalid(problem.description)
        case .success(let usage):
            switch tariff.bill(usage, at: question.at, question.context) {
            case .billed(let bill): return .ok(model: tariff.model.id, bill)
            case .unpriced(let rate):
                return .unpriced(model: tariff.model.id, "the model has no price for \(rate.name)")
            case .tooLarge: return .invalid("it would cost more than 9 billion dollars")
            }
        }
    }

    // MARK: Reading

    private enum Name: Int { case id, provider, model, at, api, usage, context }

    private static let names: [ShortName] = ["id", "provider", "model", "at", "api", "usage", "context"]

    private static func question(
        _ line: Span<UInt8>, _ members: JSONMembers, _ now: Int64
    ) throws(BadQuestion) -> Question {
        guard let model = try text(line, members, .model) else { throw BadQuestion(message: "model is missing") }
        guard let api = try text(line, members, .api) else { throw BadQuestion(message: "api is missing") }
        guard let shape = UsageShape(rawValue: api) else {
            let known = UsageShape.allCases.map(\.rawValue).joined(separator: ", ")
            throw BadQuestion(message: "api is none of \(known)")
        }
        guard let usage = members[Name.usage.rawValue] else { throw BadQuestion(message: "usage is missing") }
        var at = now
        if let time = try text(line, members, .at) {
            guard let seconds = RFC3339.unixSeconds(time) else {
                throw BadQuestion(message: "at is no time such as 2026-11-01T12:00:00Z")
            }
            at = seconds
        }
        let reading: Result<Usage, UsageProblem>
        do throws(UsageProblem) {
            reading = .success(try UsageMapping.read(line, usage.value, as: shape))
        } catch { reading = .failure(error) }
        return Question(
            provider: try text(line, members, .provider) ?? "", model: model, at: at, usage: reading,
            context: try context(line, members))
    }

    /// A text; nil if it is missing or null.
    private static func text(
        _ line: Span<UInt8>, _ members: JSONMembers, _ name: Name
    ) throws(BadQuestion) -> String? {
        guard let member = members[name.rawValue], member.kind != .null else { return nil }
        guard member.kind == .string else { throw BadQuestion(message: "\(name) is not a text") }
        return JSONText.string(line, member.value)
    }

    private static func context(_ line: Span<UInt8>, _ members: JSONMembers) throws(BadQuestion) -> BillingContext {
        guard let member = members[Name.context.rawValue], member.kind != .null else { return [] }
        var context = BillingContext()
        do throws(JSONError) {
            var walk = try JSONObjectWalk(line, in: member.value)
            while let found = try walk.next(line) {
                guard found.kind == .string else { continue }
                let property = JSONText.string(line, found.name)
                let value = JSONText.string(line, found.value)
                if let trait = BillingContext(property: property, value: value) { context.insert(trait) }
            }
        } catch {
            throw BadQuestion(message: "context is not an object")
        }
        return context
    }

    // MARK: Writing

    private func write(_ answer: Answer, id: [UInt8]) -> [UInt8] {
        var line = ByteBuffer()
        line.append("{\"id\":")
        line.append(id)
        line.append(",\"status\":")
        switch answer {
        case .ok(let model, let bill):
            line.append("\"ok\",\"matched\":")
            line.append(jsonString: model)
            line.append(",\"nano_usd\":")
            line.append(decimal: Int(bill.amount.nanoUSD))
            line.append(",\"price_version\":")
            line.append(jsonString: bill.version.description)
        case .unknownModel(let message): append("unknown_model", nil, message, &line)
        case .unpriced(let model, let message): append("unpriced", model, message, &line)
        case .invalid(let message): append("invalid_usage", nil, message, &line)
        }
        line.append("}")
        return line.span.indices.map { line.span[$0] }
    }

    private func append(_ status: String, _ model: String?, _ message: String, _ line: inout ByteBuffer) {
        line.append(jsonString: status)
        if let model {
            line.append(",\"matched\":")
            line.append(jsonString: model)
        }
        line.append(",\"message\":")
        line.append(jsonString: message)
    }
}
