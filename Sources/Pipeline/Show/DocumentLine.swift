import Core
import Store

/// A sealed document as it is told to a person: what it is, never what it says.
struct DocumentLine {
  let entry: AttachmentEntry

  init(_ entry: AttachmentEntry) { self.entry = entry }

  var text: String { "document \(entry.id), \(type), \(entry.isReference ? "a pointer only" : "\(entry.byteCount) bytes"), from \(entry.path)" }

  var json: JSONValue {
    [
      "document": .string(entry.id), "path": .string(entry.path), "occurrence": .integer(entry.occurrence), "media_type": .string(entry.mediaType),
      "sniffed_type": .string(entry.sniffedType), "bytes": .integer(entry.byteCount), "whole": .bool(entry.isWhole), "reference": .bool(entry.isReference),
    ]
  }

  /// What the first bytes say goes before what the sender declares.
  private var type: String {
    entry.sniffedType.isEmpty ? (entry.mediaType.isEmpty ? "of unknown type" : entry.mediaType + " as declared") : entry.sniffedType
  }
}
