// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]
// `make leak` builds a deliberate leak, to show that the canary test sees it.
let leaking: [SwiftSetting] = Context.environment["COMPLINE_LEAK"] == nil ? [] : [.define("COMPLINE_LEAK")]
let memorySafe = strict + [.strictMemorySafety()]

/// A module of the flow: `imports` is the whole list of what it may see, and a house rule holds the sources to it.
func room(_ name: String, _ imports: [Target.Dependency] = [], settings: [SwiftSetting] = strict) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: settings)
}

func job(_ name: String) -> Target {
  .executableTarget(name: name, dependencies: ["JobOptions", "Pipeline", .arguments], path: "Jobs/\(name)", swiftSettings: strict)
}

func suite(_ name: String, _ imports: [Target.Dependency]) -> Target {
  .testTarget(name: name + "Tests", dependencies: imports + ["Support"], path: "Tests/\(name)", swiftSettings: strict)
}

extension Target.Dependency {
  static let arguments = Self.product(name: "ArgumentParser", package: "swift-argument-parser")
  static let grdb = Self.product(name: "GRDB", package: "GRDB.swift")
  static let sqlite = Self.product(name: "GRDBSQLite", package: "GRDB.swift")
  static let logging = Self.product(name: "Logging", package: "swift-log")
  static let yams = Self.product(name: "Yams", package: "Yams")
}

let package = Package(
  name: "compline",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    room("Core"),
    room("Trust", ["Core", "COpenSSL", .logging], settings: memorySafe),
    room("Exchange", ["Core", "Trust"]),
    room("Decode", ["Core", "CLibXML2", "COpenSSL", "CZlib"], settings: memorySafe),
    room("Map", ["Core", .yams]),
    room("Store", ["Core", "Trust", "CLibPQ", .grdb, .sqlite], settings: memorySafe),
    room("Reconcile", ["Core", "Store"]),
    room("Extract", ["Core", "Trust", "Store"]),
    room("Demo", ["Core"]),
    room("Pipeline", ["Core", "Trust", "Exchange", "Decode", "Map", "Store", "Reconcile", "Extract", "Demo"], settings: strict + leaking),

    .target(name: "JobOptions", dependencies: ["Pipeline", .arguments], path: "Jobs/Options", swiftSettings: strict),
    job("compline"),
    job("compline-pull"),
    job("compline-ingest"),
    job("compline-reconcile"),
    job("compline-extract"),
    job("compline-nightly"),

    .target(name: "Support", dependencies: ["Core"], path: "Tests/Support", swiftSettings: strict),
    .target(name: "Oracle", dependencies: ["Core", "Decode", "Support"], path: "Tests/Oracle", swiftSettings: strict),
    suite("Core", ["Core"]),
    suite("Trust", ["Core", "Trust"]),
    suite("Exchange", ["Core", "Trust", "Exchange"]),
    suite("Decode", ["Core", "Decode", "Oracle"]),
    suite("Map", ["Core", "Decode", "Map"]),
    suite("Store", ["Core", "Trust", "Store"]),
    suite("Reconcile", ["Core", "Decode", "Map", "Store", "Reconcile"]),
    suite("Extract", ["Core", "Trust", "Store", "Extract"]),
    suite("Pipeline", ["Core", "Exchange", "Pipeline", "Demo"]),
    suite("Demo", ["Core", "Demo"]),
    suite("HouseRules", []),
    suite("Integration", ["Core", "Trust", "Demo"]),
  ],
  swiftLanguageModes: [.v6]
)
