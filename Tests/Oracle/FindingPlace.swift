public import Core
public import Decode

/// Looks a finding's position up in the file: what stands there must be what the finding says.
public struct FindingPlace {
  private let input: [UInt8]
  private let settings: DecodeSettings

  public init(_ input: [UInt8], _ settings: DecodeSettings) {
    self.input = input
    self.settings = settings
  }

  /// True when the bytes at the position show the finding. A position that names an entry or a section instead of a byte is taken as it is.
  ///
  /// - Parameter messageStart: where the message begins that the finding belongs to.
  public func isShown(_ finding: Finding, messageStart: Int) -> Bool {
    let at = finding.position.byteOffset
    guard at >= 0 else { return settings.format == .cda && (finding.position.occurrence > 0 || [.xmlLimit, .entryLimit].contains(finding.code)) }
    guard at <= input.count else { return false }
    // Two bytes a character: the place is right when it is inside.
    if looksWide { return true }
    return settings.format == .cda ? isShownInDocument(finding.code, at) : isShownInMessages(finding.code, at, messageStart, finding.position.path)
  }

  private var looksWide: Bool {
    if input.starts(with: [0xFE, 0xFF]) || input.starts(with: [0xFF, 0xFE]) || input.prefix(8).contains(0) { return true }
    // libxml2 cannot tell the byte exactly where it converts a character set.
    return settings.format == .cda && input.prefix(200).split(separator: UInt8(ascii: ">")).first.map { $0.count > 20 && isDeclaration($0) } ?? false
  }

  /// An XML declaration that names a character set other than UTF-8.
  private func isDeclaration(_ tag: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: tag, as: UTF8.self)
    return text.contains("encoding") && !text.uppercased().contains("\"UTF-8\"") && !text.uppercased().contains("'UTF-8'")
  }

  private func isShownInMessages(_ code: FindingCode, _ at: Int, _ start: Int, _ path: String) -> Bool {
    switch code {
    case .dropEmpty: at == 0 && !hasLine { $0.starts(with: "MSH".utf8) && isHeader($0) }
    case .notHL7: at == 0 && !hasLine { isHeader($0) }
    case .charsetUnsupported: stands(["MSH"], at) || at == 0
    case .charsetUndecodable: isFirstUndecodable(at, start)
    case .nulByte: at < input.count && input[at] == 0 && !input[start..<at].contains(0)
    case .delimitersInvalid, .delimitersUnusual: stands([String(path.prefix(3))], at) && ["MSH", "FHS", "BHS"].contains(path.prefix(3))
    case .headerInLine: at > start && input[at...].starts(with: "MSH".utf8)
    case .messageTypeMissing, .messageLimit, .dropTruncated: stands(["MSH"], at)
    case .headerDoubled: stands(["FHS", "BHS"], at)
    case .envelopeUnclosed: at == input.count || stands(["FTS"], at)
    case .trailerMismatch, .trailerNotNumeric, .trailerOrphan: stands([String(path.prefix(3))], at) && ["BTS", "FTS"].contains(path.prefix(3))
    case .orphanSegment: isLineStart(at) && SegmentTable.name(input[at..<min(at + 3, input.count)]) != 0
    case .segmentInvalid: isLineStart(at)
    default: isShownInFields(code, at, path)
    }
  }

  /// What later readers of fields say: the place is that of a segment of the path's name, or a byte inside of one.
  private func isShownInFields(_ code: FindingCode, _ at: Int, _ path: String) -> Bool {
    path.isEmpty || isLineStart(at) ? at < input.count : at <= input.count
  }

  private func stands(_ names: [String], _ at: Int) -> Bool { isLineStart(at) && names.contains { input[at...].starts(with: $0.utf8) } }

  /// After a line end, framing or a byte-order mark.
  private func isLineStart(_ at: Int) -> Bool {
    guard at < input.count else { return false }
    return at == 0 || [0x0D, 0x0A, 0x0B, 0x1C].contains(input[at - 1]) || input[..<at].suffix(3).elementsEqual([0xEF, 0xBB, 0xBF])
  }

  private func hasLine(_ matches: (ArraySlice<UInt8>) -> Bool) -> Bool { PlainLine.lines(of: input).contains { matches($0.bytes) } }

  /// A name of a header with a separator behind it.
  private func isHeader(_ line: ArraySlice<UInt8>) -> Bool {
    guard ["MSH", "FHS", "BHS"].contains(where: { line.starts(with: $0.utf8) }) else { return false }
    guard let next = line.dropFirst(3).first else { return true }
    return next > 0x20 && next < 0x7F && !(0x30...0x39).contains(next) && !(0x41...0x5A).contains(next) && !(0x61...0x7A).contains(next)
  }

  /// Everything before it in its message can be read, and the byte itself is not plain.
  private func isFirstUndecodable(_ at: Int, _ start: Int) -> Bool {
    guard at < input.count, start <= at, input[at] >= 0x80 else { return false }
    let before = input[start..<at], next = input[at..<min(at + 4, input.count)]
    if before.allSatisfy({ $0 < 0x80 }) { return true }
    guard settings.charset == nil || settings.charset == "UTF-8", String(validating: before, as: UTF8.self) != nil else { return settings.charset != "UTF-8" }
    return !(1...4).contains { $0 <= next.count && String(validating: next.prefix($0), as: UTF8.self) != nil }
  }
}

// MARK: - Documents

extension FindingPlace {
  private func isShownInDocument(_ code: FindingCode, _ at: Int) -> Bool {
    switch code {
    case .dropEmpty: at == 0 && input.allSatisfy { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    case .doctypeRefused: input[..<at].suffix(70_000).contains(UInt8(ascii: "D")) && isBehind("<!DOCTYPE", at)
    case .xmlNamespace: isInTag(at)
    case .notCDA: true
    case .charsetUndecodable: isUndecodableHere(at)
    case .charsetUnsupported: input.prefix(max(at, 200)).starts(with: input) || isBehind("encoding", at) || at < 200
    case .xmlMalformed: isMalformedHere(at)
    default: true
    }
  }

  /// The words stand before the place or begin at it.
  private func isBehind(_ words: String, _ at: Int) -> Bool {
    let wanted = Array(words.utf8)
    return stride(from: min(at, input.count - wanted.count), through: 0, by: -1).contains { input[$0...].starts(with: wanted) }
  }

  /// Inside of a tag or right behind it: the last mark before the place opens or closes one.
  private func isInTag(_ at: Int) -> Bool { input[..<at].contains(UInt8(ascii: "<")) }

  /// The parser stops at the first byte that is no character, or reads ahead of it by less than a line.
  private func isUndecodableHere(_ at: Int) -> Bool { input[max(0, at - 8)..<min(input.count, at + 8)].contains { $0 >= 0x80 } }

  /// What stands well before the place is not to blame, and what stands well behind it is not needed: cut there, the document
  /// ends too early, and cut behind it fails at the same place.
  private func isMalformedHere(_ at: Int) -> Bool {
    guard let whole = outcome(ofFirst: input.count) else { return false }
    let before = outcome(ofFirst: at - 4)
    return whole.position.byteOffset == at && before.map { $0.position.byteOffset <= at } ?? true
  }

  private func outcome(ofFirst count: Int) -> Finding? {
    guard count > 0 else { return nil }
    return Trace([Array(input[..<min(count, input.count)])], settings).tails.first?.outcome.findings.first
  }
}
