import Core
import Decode
import Oracle
import Support
import Testing

/// The synthetic inputs that the fuzz targets begin with, and the small forms of those that once broke a promise.
enum Seeds {
  struct Seed: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let format: SourceFormat

    var testDescription: String { name }
    /// As the fuzz targets read an input of this length.
    var settings: DecodeSettings { DropOracle.settings(format, forInputOf: bytes.count) }
  }

  static let all: [Seed] = folder("hl7", .hl7v2) + folder("cda", .cda) + folder("csv", .csv) + folder("fhir", .fhir)

  private static func folder(_ name: String, _ format: SourceFormat) -> [Seed] {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Fuzz/seeds/" + name
    return ((try? TestFile.list(under: root)) ?? []).compactMap { file in
      (try? TestFile.read(root + "/" + file)).map { Seed(name: "\(name)/\(file)", bytes: $0, format: format) }
    }
  }
}

@Suite struct DripTests {
  @Test func theSeedsAreThere() { #expect(Seeds.all.count >= 20) }

  @Test(arguments: Seeds.all) func noSplitShows(seed: Seeds.Seed) {
    #expect(Drip.differingSplits(of: seed.bytes) { Trace($0, seed.settings) } == [])
  }

  @Test(arguments: Seeds.all) func noPairOfSplitsShows(seed: Seeds.Seed) {
    let whole = Trace([seed.bytes], seed.settings)
    let differing = (0..<40).filter { Trace(Drip.pieces(of: seed.bytes, seed: $0), seed.settings) != whole }
    #expect(differing == [])
  }

  @Test(arguments: Seeds.all) func everyPromiseIsKept(seed: Seeds.Seed) {
    #expect(DropOracle(seed.settings).breaches(seed.bytes, .full) == [])
  }

  /// The parser sees blocks of 16 KiB: each byte of the document comes to stand at the end of one.
  @Test func theEndOfABlockShowsNowhere() {
    let records = Decoded(cda: Sample.problems).records, whole = Array(Sample.problems.utf8)
    let moved = stride(from: 16_384 - whole.count - 10, to: 16_384, by: 1).filter { size in
      let padding = Array("<!--".utf8) + [UInt8](repeating: 0x20, count: size - 7) + Array("-->".utf8)
      return Decoded(pieces: [padding + whole], format: .cda).records != records
    }
    #expect(moved == [])
  }
}
