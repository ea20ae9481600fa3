import Core

/// The character sets that are declared for a message: one that it begins with, and others that it may switch to.
///
/// The order of authority is: the feed, MSH-18 (HL7 v2.8.2, 2.14.9.18 and table 0211), a byte-order mark, strict UTF-8; the last two say the same.
struct CharacterSets: Equatable {
  private let first: Charset
  private let others: [Charset]

  /// From what the feed says, or MSH-18 with its repetitions.
  ///
  /// - Parameter repetition: the character that separates them, 0 where there is none.
  /// - Shape: nothing declared is UTF-8; so is an empty first repetition. Later repetitions of unknown name cannot be switched to.
  /// - Returns: nil where the first name is not known.
  init?(_ declared: ArraySlice<UInt8>, repetition: UInt8) {
    let names = declared.split(separator: repetition == 0 ? 0x0D : repetition, omittingEmptySubsequences: false)
    guard let name = names.first, !name.isEmpty else {
      first = .utf8
      others = names.dropFirst().compactMap { Charset(name: $0) }
      return
    }
    guard let known = Charset(name: name) else { return nil }
    first = known
    others = names.dropFirst().compactMap { Charset(name: $0) }
  }

  /// True where a declaration may name a set that is written in bytes below 0x80, so that text of those is not ASCII for sure.
  static func maySwitch(_ declared: ArraySlice<UInt8>) -> Bool {
    guard declared.count > 5, let last = declared.indices.last else { return false }
    for index in declared.indices where index < last {
      let pair = (declared[index] | 0x20, declared[index + 1] | 0x20)
      if pair == (UInt8(ascii: "i"), UInt8(ascii: "r")) || pair == (UInt8(ascii: "j"), UInt8(ascii: "p")) { return true }
    }
    return false
  }

  /// True where text is UTF-8, or ASCII, from one end to the other. What is declared as ASCII and is not can be UTF-8 by no chance; anything else is misfit.
  var areUTF8: Bool { !switches && (first == .utf8 || first == .ascii) }

  private var switches: Bool {
    if first == .gb18030 || first == .big5 { return false }
    return !others.isEmpty || first == .jisX0208 || first == .jisX0212
  }

  /// The bytes as UTF-8, or the index of the first that do not fit; nil where they are UTF-8 as they came.
  ///
  /// - Parameter escape: the message's escape character, 0 where it has none.
  func utf8(of bytes: [UInt8], escape: UInt8) -> Result<[UInt8], Misfit>? {
    if switches { return ISO2022Reader(first: first, others: others, escape: escape).read(bytes) }
    if let index = first.firstMisfit(in: bytes) { return .failure(Misfit(index: index)) }
    return first == .utf8 || first == .ascii ? nil : .success(first.utf8(of: bytes))
  }
}
