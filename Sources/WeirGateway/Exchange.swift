import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirLedger
import WeirLoop
import WeirRouting
import WeirWire

/// One request's state in the pipeline. Exchanges are used again (`Gateway.takeExchange`) and keep their memory; a connection that waits for a
/// request has none.
final class Exchange {
    var head = RequestHead()
    /// The head of the upstream's answer.
    var answer = ResponseHead()
    var id = RequestID(value: 0)
    /// When the head was complete, by the wall clock and by the other.
    var at = WallTime(nanoseconds: 0)
    var accepted = Instant.past
    /// When the request had gone to the upstream, and when its answer began.
    var called = Instant.past
    var answered = Instant.past
    /// The body of a chunked request; else the body lies behind the head in the connection.
    var decodedBody = ByteBuffer()
    var hasDecodedBody = false
    var bodyRange = ByteRange(start: 0, end: 0)
    /// Bytes of the whole request in the connection.
    var requestBytes = 0
    /// The surface that the client speaks.
    var surface = Surface.openAI
    /// What is sent to which upstream, once that is resolved.
    var call = Call.none
    /// The request in the neutral form, once a target of another dialect was looked at.
    var conversation: Conversation?
    /// The answer of an upstream of another dialect while nothing of it has gone to the client.
    var heldAnswer: RelayedBody?
    /// Whether the upstream has ended its connection behind that answer.
    var isAnswerEnded = false
    /// The upstream's own id of the request.
    var upstreamID: String?
    /// Index of the key in `directory`.
    var key = -1
    /// The callers as they were when the request came, and who of them it is.
    var directory: Directory?
    var caller: CallerStanding?
    /// What the client asks its spend to be attributed to.
    var tags: [Policy.Tag] = []
    var model = -1
    var provider = -1
    /// The model's targets, and the one that is called.
    var route: ModelRoute?
    var target: RouteTarget?
    /// In which order they are tried, where there are several.
    var order = TargetOrder()
    /// Which of the targets were tried.
    var tried = SmallSet()
    /// The attempt that is under way, as routing knows it.
    var attempt: Attempt?
    /// The provider's credential that it goes with, and those that the target was tried with.
    var credential = 0
    var triedCredentials = SmallSet()
    /// What a provider's refusal has said, where it was read.
    var fault: UpstreamProblem?
    /// Whether it refers to what one provider keeps, so that no other one can serve it.
    var isBoundToProvider = false
    var status = 0
    var usage = UsageReading.none
    /// The service tier that the answer names.
    var tier: ServiceTier?
    var isStream = false
    var attempts = 0
    var sentBytes = 0
    /// What it can cost, and the most that it may use.
    var cost = OpenAIEndpoint.Cost.unbounded
    var demand: Demand?
    /// What it has taken of its limits and budgets; nil before it was admitted and after it was settled.
    var admitted: Admitted?
    /// What limits its rate, where something does: for what the answer's head tells.
    var rates: Scopes?
    /// What it holds in its budgets in all, and of that for the attempt that is under way.
    var held = Money.zero
    var attemptHeld = Money.zero
    /// What earlier attempts have cost, and the part of it that nobody has confirmed.
    var earlierCost = Money.zero
    var earlierEstimate = Money.zero
    /// To how many tokens Weir has bounded each choice; nil if it left that to the client.
    var outputLimit: Int?
    /// Events of a stream that had content.
    var contentEvents = 0
    /// Tokens of a stream's text as far as they were counted; 0 where they are not.
    var countedTokens = 0
    /// What it has cost, where that was known before the answer's head was written.
    var knownCost: Cost?
    /// How a refused request ended, for the ledger.
    var refusedAs = RequestStatus.upstreamUnavailable
    /// Whether the answer is read to its end though the client has gone, for the provider's count.
    var drains = false
    /// Its place in the ledger's live counts, from hold to settle.
    var slot: LiveTable.Slot?
    /// Whether the ledger could not take its hold: no upstream may be called for it.
    var isOffRecord = false
    /// The upstream's connection while it is called.
    var upstream: Connection?
    /// How it ended, for the log.
    var ending = Ending.complete

    /// What a request has cost, and how sure that is.
    struct Cost {
        var money = Money.zero
        var usage = Usage()
        var status = AttemptStatus.exact
        var version = NameNumber.none
        var context: BillingContext = []
    }

    enum Ending: String { case complete, refused, clientGone = "client_gone", upstreamBroke = "upstream_broke" }

    /// Forgets the last request; keeps the memory.
    func begin(_ id: RequestID, at now: Instant, _ wall: WallTime) {
        self.id = id
        at = wall
        accepted = now
        called = .past
        answered = .past
        hasDecodedBody = false
        decodedBody.removeAll()
        surface = .openAI
        call = .none
        conversation = nil
        heldAnswer = nil
        isAnswerEnded = false
        upstreamID = nil
        key = -1
        directory = nil
        caller = nil
        if !tags.isEmpty { tags.removeAll() }
        model = -1
        provider = -1
        route = nil
        target = nil
        tried = SmallSet()
        triedCredentials = SmallSet()
        fault = nil
        isBoundToProvider = false
        status = 0
        usage = .none
        tier = nil
        isStream = false
        attempts = 0
        sentBytes = 0
        cost = .unbounded
        demand = nil
        held = .zero
        attemptHeld = .zero
        earlierCost = .zero
        earlierEstimate = .zero
        rates = nil
        outputLimit = nil
        contentEvents = 0
        countedTokens = 0
        knownCost = nil
        drains = false
        refusedAs = .upstreamUnavailable
        slot = nil
        isOffRecord = false
        upstream = nil
        ending = .complete
    }

    /// Forgets the attempt that has failed.
    func beginAttempt() {
        heldAnswer = nil
        isAnswerEnded = false
        upstreamID = nil
        fault = nil
        called = .past
        answered = .past
        usage = .none
        tier = nil
        contentEvents = 0
        countedTokens = 0
        knownCost = nil
        upstream = nil
    }

    /// Where the answer's head has the upstream's own id of the request: as OpenAI and most say it, as Anthropic does, and as Amazon does.
    /// - Parameter bytes: what starts with the answer.
    func upstreamID(in bytes: Span<UInt8>) -> ByteRange? {
        answer.fields.value(.xRequestID) ?? answer.fields.value(.requestID)
            ?? answer.fields.first(named: "x-amzn-requestid", in: bytes)?.value
    }

    /// Whether its key may use a model.
    func allows(model: Int) -> Bool { directory?.callers.allows(caller: key, model: model) ?? false }

    /// Lends the decoded body: a span of it cannot leave a class.
    func withDecodedBody<Result: ~Copyable, Failure: Error>(
        _ use: (borrowing ByteBuffer) throws(Failure) -> Result
    ) throws(Failure) -> Result { try use(decodedBody) }
}
