import Core
import Decode
import Oracle
import Support
import Testing

/// Real files, cut and damaged in every way that a network, a disk or a sender can: built for release, for there are many of them.
@Suite(.enabled(if: Corpus.folder != nil, "CORPUS does not name the folder of real files"))
struct CorpusExam {
  @Test func `the folder of real files holds what is examined`() {
    #expect(Corpus.files.count > 900)
  }

  @Test func `every file keeps every promise of the decoders`() {
    #expect(Corpus.breaches { DropOracle($0.settings).breaches($0.bytes, .full) } == [])
  }

  @Test func `no split of a file under 2 kB shows in what is read`() {
    let found = Corpus.breaches { file in
      guard file.bytes.count < 2_048 else { return [] }
      return Drip.differingSplits(of: file.bytes) { Trace($0, file.settings) }.map { Breach("split", at: $0) }
    }
    #expect(found == [])
  }

  @Test(arguments: [-1, 0, 1]) func `no delimiter, segment end or tag boundary is a bad place for a split`(shift: Int) {
    let found = Corpus.breaches { file in
      let pieces = Drip.pieces(of: file.bytes, cutAt: Drip.boundaries(of: file.bytes, movedBy: shift))
      return Trace(pieces, file.settings) == Trace([file.bytes], file.settings) ? [] : [Breach("cut at all boundaries")]
    }
    #expect(found == [])
  }

  /// Two pieces each, so that one cut cannot hide what another does: as many as 1 MB of reading a file allows.
  @Test(arguments: [-1, 0, 1]) func `a single split at a boundary does not show`(shift: Int) {
    let found = Corpus.breaches { file in
      guard file.bytes.count >= 2_048 else { return [] }
      let all = Drip.boundaries(of: file.bytes, movedBy: shift), step = max(1, all.count * file.bytes.count / 1_000_000)
      let splits = stride(from: 0, to: all.count, by: step).map { all[$0] }
      return Drip.differingSplits(of: file.bytes, at: splits) { Trace($0, file.settings) }.map { Breach("split", at: $0) }
    }
    #expect(found == [])
  }

  /// 10,000 in all; a file of many bytes is damaged in as many places as a small one.
  @Test(arguments: 0..<4) func `damaged files keep every promise`(seed: UInt64) {
    let copies = max(1, 2_500 / max(Corpus.files.count, 1)) + 1
    var count = 0
    let found = Corpus.breaches { file in
      var broken: [Breach] = []
      Mutate.copies(of: Array(file.bytes.prefix(100_000)), count: copies, seed: seed &* 7_919, tokens: file.tokens) {
        broken += DropOracle(file.settings).breaches($0, .quick)
        count += 1
      }
      return broken
    }
    #expect(count >= 2_500)
    #expect(found == [])
  }
}
