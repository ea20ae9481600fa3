import Core
import Store
import Trust

/// `compline trace REF`: from a row back to mapping, path, message and drop.
enum RowTrace {
  static func run(_ path: String, ref: String, asKnownOn night: String?, json: Bool) throws -> ExitCode {
    guard ref.utf8.count == 32, Hex.bytes(ref) != nil else {
      throw PipelineError("PIP-404", .usage, "the ref is not 32 hexadecimal digits", hint: "Take it from an export; identifiers of persons are refused on the command line.")
    }
    let desk = try OperatorDesk(path, .trace)
    let store = try SiteStores.open(desk.site, keys: .none, epoch: nil)
    let night = try KnownNight.resolve(night, desk.site)
    let entries = try night.map { try store.trace(ref: ref, asKnownOn: $0) } ?? store.trace(ref: ref)
    try desk.record(night: night, outcome: entries.isEmpty ? .nothingUsable : .closed)
    guard !entries.isEmpty else { throw try unknown(ref, night, store, desk.site) }
    for entry in entries {
      let attachments = try store.attachments(drop: entry.dropID).filter { $0.messageOrdinal == entry.messageOrdinal }
      Console.say(json ? String(decoding: object(entry, attachments).canonical, as: UTF8.self) : text(entry, attachments))
    }
    return .closed
  }

  /// An exception has a ref too; the nights that ran last are searched for it.
  private static func unknown(_ ref: String, _ night: BusinessDate?, _ store: SiteStore, _ site: Site) throws -> PipelineError {
    if let night, try !store.trace(ref: ref).isEmpty {
      return PipelineError("PIP-445", .nothingUsable, "nothing was known of that row when the night \(night) had closed", hint: "Without --as-known-on the row is traced as it is now.")
    }
    for night in try RunNights.all(site.folder).suffix(31).reversed() where try store.exceptions(night: night).contains(where: { $0.ref == ref }) {
      return PipelineError("PIP-409", .nothingUsable, "that is the ref of an exception; see compline status --exceptions", hint: "It was opened in the night \(night).")
    }
    return PipelineError("PIP-405", .nothingUsable, "no row has that ref", hint: "Take the ref of a row from an export; that of an exception stands in compline status --exceptions.")
  }

  private static func object(_ entry: TraceEntry, _ attachments: [AttachmentEntry]) -> JSONValue {
    [
      "mapping": .string("\(entry.mapping.id)@\(entry.mapping.version)"), "mapping_sha256": .string(entry.mapping.digest), "path": .string(entry.rowPath),
      "occurrence": .integer(entry.occurrence), "event_time": .string(ClinicalTime.text(instant: entry.eventInstant)), "event_time_is_fallback": .bool(entry.isFallback),
      "withdraws": .bool(entry.isWithdrawal), "moved": .bool(entry.isMoved),
      "message": .integer(entry.messageOrdinal + 1), "message_type": .string(entry.messageType), "byte_offset": .integer(entry.messageByteOffset),
      "drop": .string(entry.dropID), "feed": .string(entry.feed), "night": .string(entry.night.description), "run": .string(entry.run),
      "documents": .array(attachments.map { DocumentLine($0).json }),
    ]
  }

  private static func text(_ entry: TraceEntry, _ attachments: [AttachmentEntry]) -> String {
    let documents = attachments.map { DocumentLine($0).text + "\n" }
    return """
    mapping  \(entry.mapping.id)@\(entry.mapping.version)  sha256 \(entry.mapping.digest)
    path     \(entry.place); event time \(ClinicalTime.text(instant: entry.eventInstant))\(entry.isFallback ? " (the business date stood in)" : "")
    message  \(entry.messageOrdinal + 1) (\(entry.messageType)) at byte \(entry.messageByteOffset)
    drop     \(entry.dropID), feed \(entry.feed), night \(entry.night), run \(entry.run)
    \(entry.notes.map { $0 + "\n" }.joined())\(documents.joined())
    """
  }
}

extension TraceEntry {
  /// Like `PID, occurrence 1`. The header of a document and a whole resource come once, and have no number.
  var place: String { occurrence > 0 ? "\(rowPath), occurrence \(occurrence)" : rowPath }

  /// What the rest of an entry does not say, a line each.
  var notes: [String] {
    (isWithdrawal ? ["does     took the row back"] : []) + (isMoved ? ["moved    said of another record, which was merged into this one or is this one under its old number"] : [])
  }
}
