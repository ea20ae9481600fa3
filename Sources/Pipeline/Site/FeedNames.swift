import Core
import Exchange

/// Which names of its folder a feed takes: `from: {files: "*.hl7"}`, or several patterns.
enum FeedNames {
  /// The patterns; none where it takes all.
  static func read(_ from: OutlineNode, _ completeness: Completeness) throws(ConfigurationError) -> [String] {
    guard let node = from["files"] else { return [] }
    let patterns = (node.items?.map(\.text) ?? [node.text]).compactMap { $0 }
    guard !patterns.isEmpty, patterns.count == (node.items?.count ?? 1), patterns.allSatisfy(isPattern) else {
      throw ConfigurationError("CFG-232", "'files' must be a pattern of names or a list of them, with * and ?", hint: "files: \"*.hl7\", or files: [\"*.hl7\", \"*.txt\"]", at: node)
    }
    if case .manifest = completeness {
      throw ConfigurationError("CFG-233", "a manifest lists the files that are taken; 'files' beside it would say it twice", hint: "Leave one of them out.", at: node)
    }
    return patterns
  }

  /// Refuses patterns of which each name is a control file or a marker: of them nothing would ever be loaded.
  ///
  /// - Throws: CFG-235.
  static func refuseOwnMarks(_ patterns: [String], control: String?, _ completeness: Completeness, at from: OutlineNode) throws(ConfigurationError) {
    let control = control.map { [$0] } ?? []
    try refuse("files", patterns, inside: control.map { NamePattern($0) }, "control file", at: from)
    guard case .marker(let marker) = completeness else { return }
    try refuse("files", patterns, inside: [marker.names], "marker", at: from)
    try refuse("control", control, inside: [marker.names], "marker", at: from)
  }

  private static func refuse(_ key: String, _ patterns: [String], inside marks: [NamePattern], _ kind: String, at from: OutlineNode) throws(ConfigurationError) {
    guard let pattern = patterns.first(where: { own in marks.contains { NamePattern(own).isInside($0) } }) else { return }
    throw ConfigurationError(
      "CFG-235", "'\(key)' names '\(pattern)', and each such name is a \(kind) of this feed", hint: "Name the files by an ending of their own, like files: \"*.hl7\".", at: from[key] ?? from)
  }

  private static func isPattern(_ text: String) -> Bool { !text.isEmpty && text.utf8.count <= 255 && !text.utf8.contains(UInt8(ascii: "/")) && !text.hasPrefix(".") }
}

extension FeedFile {
  /// Patterns of `files` that a control file's name may fit too: then it counts as one.
  var patternsOfControl: [String] { controlPattern.map { control in namePatterns.filter { !NamePattern($0).isApart(from: NamePattern(control)) } } ?? [] }

  /// True where no file of a folder can be both feeds': each names its files, and no name fits both. Of markers nobody can say so.
  func isApart(from other: FeedFile) -> Bool {
    if case .marker = completeness { return false }
    if case .marker = other.completeness { return false }
    guard !namePatterns.isEmpty, !other.namePatterns.isEmpty else { return false }
    return takenNames.allSatisfy { own in other.takenNames.allSatisfy { own.isApart(from: $0) } }
  }

  private var takenNames: [NamePattern] { (namePatterns + [controlPattern].compactMap { $0 }).map { NamePattern($0) } }
}
