/// One operation of a pure core, as both the micro-benchmarks and the instruction counts run it.
public struct Core: Sendable {
    /// `subject/what`, as in `scripts/bench --instructions --only NAME`.
    public let name: String
    /// Does the operation that many times; what is set up once lies before the loop.
    public let run: @Sendable (_ iterations: Int) -> Void

    init(_ name: String, _ run: @escaping @Sendable (Int) -> Void) {
        self.name = name
        self.run = run
    }

    /// All cores: one file a subject, one line here.
    public static let all: [Core] = byteBuffer + http + sse + json + openAI + budgets + routing + tokens + translation
}

/// Keeps the optimizer from removing work whose result nobody reads.
@inline(never)
func keep<Value>(_ value: borrowing Value) where Value: ~Copyable {}

/// Keeps the optimizer from knowing what the work is done on, so that it cannot be done at compile time or once for all iterations.
@inline(never)
@_optimize(none)
func hidden<Value>(_ value: Value) -> Value { value }
