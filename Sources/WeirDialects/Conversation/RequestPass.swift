internal import WeirBase
internal import WeirWire

/// One pass over a client's request, on whichever surface. The first mistake is kept and reading goes on, so that a body that is no JSON is told so
/// first.
protocol RequestPass {
    var request: ChatRequest { get }
    var problem: Untranslatable? { get set }
    var notes: TranslationNotes { get }

    init(_ notes: TranslationNotes)
    mutating func read(_ bytes: Span<UInt8>) throws(JSONError)
}

extension RequestPass {
    /// Reads a whole body.
    static func request(
        of body: Span<UInt8>, _ notes: inout TranslationNotes
    ) throws(Untranslatable) -> ChatRequest {
        var pass = Self(notes)
        do throws(JSONError) { try pass.read(body) } catch {
            throw Untranslatable("body", error.description, isMistake: true)
        }
        if let problem = pass.problem { throw problem }
        notes = pass.notes
        return pass.request
    }

    /// Notes what is wrong whatever the upstream is.
    mutating func mistake(_ param: @autoclosure () -> String, _ message: @autoclosure () -> String) {
        guard problem == nil else { return }
        problem = Untranslatable(param(), message(), isMistake: true)
    }

    /// Notes what no other dialect can say.
    mutating func refuse(_ param: @autoclosure () -> String, _ message: @autoclosure () -> String) {
        guard problem == nil else { return }
        problem = Untranslatable(param(), message())
    }
}
