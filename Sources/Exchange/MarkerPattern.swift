/// How the marker of a whole file is called: `{name}.done` beside `a.hl7` is `a.hl7.done`, `{stem}.ok` is `a.ok`.
public struct MarkerPattern: Sendable, Equatable {
  private let before: [UInt8]
  private let after: [UInt8]
  /// Without the last ending of the file's name; then files that differ in it alone share their marker.
  let isOfStem: Bool

  /// Nil where the text has no `{name}` or `{stem}`, has more than one, has nothing beside it, or names another folder.
  public init?(_ text: String) {
    let all = Array(text.utf8)
    guard let open = all.firstIndex(of: UInt8(ascii: "{")), let close = all.firstIndex(of: UInt8(ascii: "}")), open < close,
      all.count(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) == 2, !all.contains(UInt8(ascii: "/")), !all.contains(0)
    else { return nil }
    switch String(decoding: all[(open + 1)..<close], as: UTF8.self) {
    case "name": isOfStem = false
    case "stem": isOfStem = true
    default: return nil
    }
    (before, after) = (Array(all[..<open]), Array(all[(close + 1)...]))
    if before.isEmpty, after.isEmpty { return nil }
  }

  /// The names of markers, of whatever file.
  public var names: NamePattern { NamePattern(before + [UInt8(ascii: "*")] + after) }

  /// Whether a name is a marker's, of whatever file.
  func fits(_ name: [UInt8]) -> Bool { name.count > before.count + after.count && name.starts(with: before) && name.suffix(after.count).elementsEqual(after) }

  func marker(of name: [UInt8]) -> [UInt8] { before + (isOfStem ? Self.stem(name) : name) + after }

  /// The name of the only file that a marker can speak of; nil where several may share it.
  func subject(of marker: [UInt8]) -> [UInt8]? {
    guard !isOfStem, fits(marker) else { return nil }
    return Array(marker[before.count..<(marker.count - after.count)])
  }

  private static func stem(_ name: [UInt8]) -> [UInt8] {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return name }
    return Array(name[..<dot])
  }
}
