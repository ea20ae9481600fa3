import Core
import Exchange
import Store
import Trust

/// The sealed documents of a site in clear, as `documents/<id>` in an export; the manifest tells which message each came from.
struct DocumentExport {
  let site: Site
  let key: SecretKey
  let folder: String

  /// Writes each document, chunk by chunk, and lists it. Of a pointer there is nothing to write.
  func write(_ entries: [AttachmentEntry], into files: inout [String: JSONValue]) throws {
    let shelf = DocumentShelf(folder: site.folder.documents, site: try site.plainName())
    let whole = entries.filter { !$0.isReference }
    if !whole.isEmpty { try Folder.make(folder + "/documents") }
    for entry in whole {
      guard let id = ObjectID(hex: entry.id) else { throw PipelineError("PIP-203", .internalError, "a document's id is not an id") }
      let name = "documents/" + entry.id
      let totals = try copy(try shelf.reader(of: id, key: key), to: folder + "/" + name)
      guard totals.byteCount == entry.byteCount else {
        throw PipelineError("PIP-418", .inputOutput, "a sealed document is not as long as the ledger says", hint: "Run ingest again: it makes the document anew from its drop.")
      }
      files[name] = Self.listing(entry, totals)
    }
  }

  private func copy(_ reader: SealedFileReader, to path: String) throws -> SealedFileTotals {
    let file = try PendingFile(for: path, mode: 0o600)
    let hash = try OpenSSLHash()
    var byteCount = 0
    while let chunk = try reader.next() {
      try file.file.write(chunk)
      try hash.update(chunk)
      byteCount += chunk.count
    }
    try file.commitReplacing()
    return SealedFileTotals(sha256: try hash.finish(), byteCount: byteCount)
  }

  private static func listing(_ entry: AttachmentEntry, _ totals: SealedFileTotals) -> JSONValue {
    [
      "bytes": .integer(totals.byteCount), "sha256": .string(Hex.text(totals.sha256)), "drop": .string(entry.dropID),
      "message": .integer(entry.messageOrdinal + 1), "path": .string(entry.path), "occurrence": .integer(entry.occurrence),
      "media_type": .string(entry.mediaType), "sniffed_type": .string(entry.sniffedType), "compression": .string(entry.compression),
      "whole": .bool(entry.isWhole),
    ]
  }
}
