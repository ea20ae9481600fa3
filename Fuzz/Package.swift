// swift-tools-version: 6.2
import PackageDescription

// A package of its own: the flags that libFuzzer needs bar a package from being a dependency of others. The decoders come in
// by links to the folders of the product, so that they are built with the counters of coverage, and nothing else is built.
//
// - `COMPLINE_FUZZ=1` builds the fuzz targets (`swift build -c release --sanitize=fuzzer`); without it, the examination of the
//   decoders by split points and mutations, and the program that reads one hostile file.
// - `COMPLINE_PLANT=1` takes a bounds check out of the segment table, to show that a fuzz target finds it.
let isFuzzing = Context.environment["COMPLINE_FUZZ"] != nil
let planted: [SwiftSetting] = Context.environment["COMPLINE_PLANT"] == nil ? [] : [.define("COMPLINE_PLANT")]

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// libFuzzer brings its own `main`: that of the target is named away.
func fuzzer(_ name: String, on parts: [Target.Dependency] = ["Harness"]) -> Target {
  .executableTarget(
    name: "fuzz-" + name, dependencies: parts, path: "Targets/" + name,
    swiftSettings: strict + [.unsafeFlags(["-parse-as-library", "-Xfrontend", "-entry-point-function-name", "-Xfrontend", "main"])])
}

let parts: [Target] = [
  .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
  .target(name: "Core", swiftSettings: strict + planted),
  .target(name: "Decode", dependencies: ["Core", "CLibXML2", "COpenSSL", "CZlib"], swiftSettings: strict + [.strictMemorySafety()]),
  .target(name: "Support", dependencies: ["Core"], swiftSettings: strict),
  .target(name: "Oracle", dependencies: ["Core", "Decode", "Support"], swiftSettings: strict),
]

let fuzzing: [Target] =
  [.systemLibrary(name: "CHeap"), .target(name: "Harness", dependencies: ["CHeap", "Core", "Decode", "Support", "Oracle"], swiftSettings: strict)]
  + ["hl7", "envelope", "escapes", "dtm", "cda", "csv", "fhir", "container"].map { fuzzer($0) } + [fuzzer("sftp", on: [])]

let examining: [Target] = [
  .executableTarget(name: "read-drop", dependencies: ["Core", "Decode"], swiftSettings: strict),
  .testTarget(name: "ExamTests", dependencies: ["Core", "Decode", "Support", "Oracle", "read-drop"], path: "Tests", swiftSettings: strict),
]

let package = Package(name: "compline-fuzz", targets: parts + (isFuzzing ? fuzzing : examining), swiftLanguageModes: [.v6])
