import Benchmark
import Cores

/// Every core, timed. The figures are for people; what CI compares are the instruction counts.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.cpuTotal, .wallClock, .throughput], warmupIterations: 3, scalingFactor: .kilo,
        maxDuration: .seconds(1))
    for core in Core.all {
        Benchmark(core.name) { benchmark in core.run(benchmark.scaledIterations.count) }
    }
}
