// swift-tools-version: 6.1
import PackageDescription

// Micro-benchmarks of Weir's pure cores, and their instruction counts. A package of its own, so that the gateway does not
// depend on a benchmark library. `traits: []` leaves out jemalloc, whose counts read 0 here (specs/hot-path.md).
//
//     swift package --package-path Benchmarks/micro benchmark        times and allocations, for people
//     scripts/bench --instructions                                   instructions, compared with the committed ones
let package = Package(
    name: "weir-micro",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "weir", path: "../.."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(name: "Cores", dependencies: [.product(name: "WeirCores", package: "weir")]),
        .executableTarget(name: "weir-cores", dependencies: ["Cores"]),
        .executableTarget(name: "weir-tokens", dependencies: [.product(name: "WeirCores", package: "weir")]),
        .executableTarget(
            name: "WeirMicro",
            dependencies: ["Cores", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/WeirMicro",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
