internal import WeirBase

// Calls of tools, whose pieces servers name in many ways: by index, by id, by both in each piece, or by neither.

/// A call of which pieces have come.
struct OpenCall {
    /// As the server counts; nil where it does not.
    var index: Int?
    /// The server's id; empty where it has given none.
    var id: String
    /// Empty until it comes.
    var name = ""
    /// Whether the call has been given: not before its name is known.
    var isGiven = false
    /// Its place among the calls that have been given.
    var number = 0
    /// Arguments that came before the name.
    var early = ""
    /// Whether the arguments have come as an object: each repetition is the whole again.
    var isWhole = false
    var signature: String?
}

extension OpenAIChatAnswerReader {
    /// Bytes of arguments that are kept until their call's name comes.
    private static let earlyLimit = 64 << 10

    /// Gives what a piece adds.
    /// - Parameter taken: places of the calls that other pieces of the same delta belong to.
    /// - Returns: what is wrong with it.
    mutating func take(
        _ piece: ChatCall, of choice: Int, besides taken: inout Set<Int>, _ give: (AnswerEvent) -> Void
    ) -> UpstreamProblem? {
        // Tools of other kinds are never asked for.
        if let type = piece.type, !type.isEmpty, type != "function" { return nil }
        let place: Int
        if let open = openCall(for: piece, in: choices[choice].calls),
            !taken.contains(open) || (piece.name ?? "").isEmpty
        {
            place = open
        } else {
            place = choices[choice].calls.count
            guard place < OpenAIAnswerLimits.calls else { return .strayCall }
            choices[choice].calls.append(OpenCall(index: piece.index, id: piece.id ?? ""))
        }
        taken.insert(place)
        if choices[choice].calls[place].id.isEmpty, let id = piece.id { choices[choice].calls[place].id = id }
        if let signature = piece.signature { choices[choice].calls[place].signature = signature }
        begin(place, of: choice, named: piece.name, give)
        return addArguments(of: piece, to: place, of: choice, give)
    }

    /// The call that a piece goes on with; nil if it begins a new one.
    private func openCall(for piece: ChatCall, in calls: [OpenCall]) -> Int? {
        let id = piece.id ?? ""
        let hasName = !(piece.name ?? "").isEmpty
        if let index = piece.index, let place = calls.lastIndex(where: { $0.index == index }) {
            // Some servers count every call as 0: a name with another id, or another name, is another call.
            let call = calls[place]
            let isOther =
                (!id.isEmpty && !call.id.isEmpty && call.id != id) || (!call.name.isEmpty && call.name != piece.name)
            return hasName && isOther ? nil : place
        }
        if piece.index != nil, hasName || !id.isEmpty { return nil }
        if !id.isEmpty { return calls.lastIndex { $0.id == id } }
        // Neither index nor id: a name begins a call, and what has none goes on with the last.
        return hasName || calls.isEmpty ? nil : calls.count - 1
    }

    private mutating func begin(_ place: Int, of choice: Int, named name: String?, _ give: (AnswerEvent) -> Void) {
        guard !choices[choice].calls[place].isGiven, let name, !name.isEmpty else { return }
        let number = choices[choice].calls.count(where: \.isGiven)
        var call = choices[choice].calls[place]
        call.isGiven = true
        call.name = name
        call.number = number
        let id = call.id.isEmpty ? makeID(choice, number, name) : call.id
        give(.toolCall(choice: choice, call: number, id: id, name: name, signature: call.signature))
        if !call.early.isEmpty { give(.toolArguments(choice: choice, call: number, call.early)) }
        call.early = ""
        choices[choice].calls[place] = call
    }

    private mutating func addArguments(
        of piece: ChatCall, to place: Int, of choice: Int, _ give: (AnswerEvent) -> Void
    ) -> UpstreamProblem? {
        let call = choices[choice].calls[place]
        guard let arguments = piece.arguments, !arguments.isEmpty, !call.isWhole else { return nil }
        choices[choice].calls[place].isWhole = piece.isObject
        if call.isGiven {
            give(.toolArguments(choice: choice, call: call.number, arguments))
        } else {
            guard call.early.utf8.count + arguments.utf8.count <= Self.earlyLimit else { return .namelessCall }
            choices[choice].calls[place].early += arguments
        }
        return nil
    }

    /// An id for a call without one: the same call of another turn has another.
    private func makeID(_ choice: Int, _ call: Int, _ name: String) -> String {
        var hash = seed
        hash.add(name.utf8Span.span)
        let digits = String(hash.value, radix: 16)
        return "call_\(String(repeating: "0", count: 16 - digits.count))\(digits)_\(choice)_\(call)"
    }
}
