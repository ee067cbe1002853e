internal import Synchronization
import WeirBase
public import WeirLoop
import WeirMockScript

/// The bundled upstream: five providers in one that play scripts. One for a process; `MockLoop` is its part on one loop.
public final class MockServer: Sendable {
    public let options: MockOptions
    let bill: Bill
    let requests: RequestLog
    private let numbers = Atomic<Int>(1)

    public init(_ options: MockOptions = MockOptions()) {
        self.options = options
        bill = Bill(capacity: options.billCapacity)
        requests = RequestLog(capacity: options.requestCapacity)
    }

    /// Listens on `address`, on the loop's thread.
    /// - Returns: the listener, which knows the real port.
    @discardableResult
    public func listen(
        on address: SocketAddress, loop: EventLoop, tls: TLSListenerIdentity? = nil, isShared: Bool = false
    ) throws(LoopError) -> Listener {
        let part = MockLoop(self, loop)
        return try loop.listen(on: address, tls: tls, isShared: isShared) { await part.serve($0) }
    }

    func nextNumber() -> AnswerNumber { AnswerNumber(numbers.wrappingAdd(1, ordering: .relaxed).oldValue) }

    /// Everything as at the start, the numbers too.
    func reset() {
        bill.reset()
        requests.reset()
        numbers.store(1, ordering: .relaxed)
    }
}
