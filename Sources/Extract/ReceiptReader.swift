internal import Core
public import Store

/// Reads what a consumer answers. Only counts and a digest are taken over; a receipt may name people, and stays sealed.
///
/// - `json`: an object with `sha256` (of the manifest, or of the plain file), `accepted`, and `refused` (0 where it is missing); more members are left alone.
/// - `csv`: a header line that names these columns among others, and one line.
public enum ReceiptReader {
  public enum Format: String, Sendable, CaseIterable {
    case csv, json
  }

  /// A receipt that is larger is none.
  public static let maximumBytes = 1 << 20

  /// Nil where the bytes are not such a receipt.
  public static func read(_ bytes: [UInt8], _ format: Format) -> ReceiptStatement? {
    guard bytes.count <= maximumBytes else { return nil }
    let members = switch format { case .csv: cells(bytes) case .json: members(bytes) }
    guard let members, let digest = members["sha256"]?.lowercased(), Hex.bytes(digest)?.count == 32, let accepted = count(members["accepted"]) else { return nil }
    guard let refused = members["refused"] == nil ? 0 : count(members["refused"]) else { return nil }
    return ReceiptStatement(digest: digest, acknowledged: accepted, refused: refused)
  }

  private static func count(_ text: String?) -> Int? {
    guard let text, !text.isEmpty, text.utf8.count <= 12, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }

  private static func members(_ bytes: [UInt8]) -> [String: String]? {
    guard let json = try? JSONValue(parsing: bytes), case .object(let members) = json else { return nil }
    // What is neither a text nor a whole number is no count.
    return members.mapValues { value in value.string ?? value.integer.map { String($0) } ?? "" }
  }

  private static func cells(_ bytes: [UInt8]) -> [String: String]? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map { cell in
        let bare = cell.trimmingSpaces
        return bare.count >= 2 && bare.first == "\"" && bare.last == "\"" ? String(bare.dropFirst().dropLast()) : String(bare)
      }
    }
    guard lines.count == 2, lines[0].count == lines[1].count else { return nil }
    return Dictionary(zip(lines[0].map { $0.lowercased() }, lines[1]), uniquingKeysWith: { first, _ in first })
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    let front = drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" }
    return front.lastIndex { $0 != " " && $0 != "\t" }.map { front[...$0] } ?? ""
  }
}
