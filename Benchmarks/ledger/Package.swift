// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ledger",
    dependencies: [.package(name: "weir", path: "../..")],
    targets: [
        .executableTarget(
            name: "ledger-load",
            dependencies: [.product(name: "WeirStore", package: "weir"), .product(name: "WeirCores", package: "weir")],
            swiftSettings: [
                .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ])
    ])
