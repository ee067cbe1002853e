// swift-tools-version: 6.1
import PackageDescription

// Micro-benchmarks of Weir's pure cores, and their instruction counts. A package of its own, so that the gateway does not
// depend on a benchmark library. `traits: []` leaves out jemalloc, which reads 0 here (specs/hot-path.md).
let package = Package(
    name: "weir-micro",
    dependencies: [
        .package(name: "weir", path: "../.."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "weir-cores",
            dependencies: [.product(name: "WeirCores", package: "weir")]),
    ]
)
