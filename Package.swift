// swift-tools-version: 6.2
import PackageDescription

/// What every target of Weir is built with (see docs/decisions/0001-swift-settings.md).
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

let package = Package(
    name: "weir",
    products: [
        .executable(name: "weir", targets: ["weir"]),
        .executable(name: "weir-mock", targets: ["weir-mock"]),
        .executable(name: "weir-load", targets: ["weir-load"]),
        .library(name: "WeirStore", targets: ["WeirStore"]),
        .library(
            name: "WeirCores",
            targets: [
                "WeirBase", "WeirWire", "WeirDialects", "WeirTokens", "WeirRouting", "WeirBudget", "WeirLedger",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Thin C targets: shims, no logic.
        .target(name: "CLinux"),
        .target(name: "CVector"),
        .target(name: "CPrices", exclude: ["prices.json"]),
        .target(name: "CUring", linkerSettings: [.linkedLibrary("uring")]),
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),

        // Base: words that all share.
        .target(name: "WeirBase", dependencies: ["CVector"], swiftSettings: strict),

        // Engines: pure; no clock, file, socket, random number or log.
        .target(name: "WeirWire", dependencies: ["WeirBase"], swiftSettings: strict),
        .target(name: "WeirDialects", dependencies: ["WeirBase", "WeirWire"], swiftSettings: strict),
        .target(name: "WeirTokens", dependencies: ["WeirBase"], swiftSettings: strict),
        .target(name: "WeirRouting", dependencies: ["WeirBase"], swiftSettings: strict),
        .target(name: "WeirBudget", dependencies: ["WeirBase", "WeirWire", "CPrices"], swiftSettings: strict),
        .target(name: "WeirLedger", dependencies: ["WeirBase"], swiftSettings: strict),

        // Effects.
        .target(
            name: "WeirConfig",
            dependencies: ["WeirBase", "WeirBudget", "WeirRouting", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(name: "WeirLoop", dependencies: ["WeirBase", "CLinux", "CUring", "COpenSSL"], swiftSettings: strict),

        .target(
            name: "WeirStore",
            dependencies: [
                "WeirBase", "WeirLedger", "CLinux", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),

        // What the programs share: exit codes, lines of output, signals.
        .target(
            name: "WeirCommandLine",
            dependencies: ["WeirBase", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),

        // Gateway.
        .target(
            name: "WeirGateway",
            dependencies: [
                "WeirBase", "WeirWire", "WeirDialects", "WeirRouting", "WeirTokens", "WeirBudget", "WeirLedger",
                "WeirConfig", "WeirLoop",
            ],
            swiftSettings: strict),
        .target(
            name: "WeirControl",
            dependencies: [
                "WeirBase", "WeirWire", "WeirBudget", "WeirLedger", "WeirConfig", "WeirLoop", "WeirGateway",
                "WeirStore",
                "CLinux",
            ],
            swiftSettings: strict),
        .target(
            name: "WeirSimulation",
            dependencies: [
                "WeirBase", "WeirWire", "WeirLoop", "WeirConfig", "WeirGateway", "WeirLedger", "WeirBudget",
            ],
            swiftSettings: strict),

        // The bundled upstream and the load generator: what both know of an answer, and each as a library, so that tests and
        // the simulator run them in one process with the gateway.
        .target(name: "WeirMockScript", dependencies: ["WeirBase"], swiftSettings: strict),
        .target(
            name: "WeirMock", dependencies: ["WeirBase", "WeirWire", "WeirLoop", "WeirMockScript"],
            swiftSettings: strict),
        .target(
            name: "WeirLoad", dependencies: ["WeirBase", "WeirWire", "WeirLoop", "WeirMockScript"],
            swiftSettings: strict),

        // Programs.
        .executableTarget(
            name: "weir",
            dependencies: [
                "WeirBase", "WeirWire", "WeirDialects", "WeirTokens", "WeirBudget", "WeirLedger", "WeirCommandLine",
                "WeirConfig", "WeirLoop", "WeirStore", "WeirGateway", "WeirControl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "weir-mock",
            dependencies: [
                "WeirBase", "WeirCommandLine", "WeirLoop", "WeirMock", "WeirMockScript",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "weir-load",
            dependencies: [
                "WeirBase", "WeirCommandLine", "WeirLoop", "WeirLoad", "WeirMockScript",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // Tests.
        .target(
            name: "WeirTestSupport", dependencies: ["WeirBase", "WeirLoop"], path: "Tests/WeirTestSupport",
            swiftSettings: strict),
        .testTarget(
            name: "PureTests",
            dependencies: [
                "WeirBase", "WeirWire", "WeirDialects", "WeirTokens", "WeirRouting", "WeirBudget", "WeirLedger",
                "WeirConfig", "WeirMockScript", "WeirLoad", "WeirTestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LoopTests", dependencies: ["WeirBase", "WeirLoop", "WeirTestSupport"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests", dependencies: ["WeirBase", "WeirLedger", "WeirStore", "WeirTestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "WeirBase", "WeirWire", "WeirDialects", "WeirBudget", "WeirLedger", "WeirLoop", "WeirGateway",
                "WeirConfig",
                "WeirMockScript", "WeirMock", "WeirLoad", "WeirStore", "WeirControl", "WeirTestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["WeirBase", "WeirSimulation", "WeirTestSupport"], swiftSettings: strict),
    ]
)
