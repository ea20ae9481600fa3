import Core
import Map
import Store
import Trust

/// Two versions over the stored drops of a feed, from the sealed bytes to counts. Reads only.
struct DiffRun {
  let site: Site
  let feed: FeedFile
  let old: VersionName
  let new: VersionName
  let spoolKey: SecretKey
  let indexKey: SecretKey

  /// Compares over drops, oldest first; `rows` gets each row that differs.
  ///
  /// - Parameter names: what the feed reads beside the two, with versions.
  func run(_ drops: [DropEntry], names: [String], store: SiteStore, rows: (DiffRow) throws -> Void) throws -> DiffReport {
    let ids: Set<String> = [old.id, new.id]
    let sides = [(VersionDiff.Side.old, old), (.new, new)]
    let runs = try sides.map { side in
      (side: side.0, drops: try StoredDrops(try VersionSwap(side.1, replacing: ids, in: names, of: site.library), site: site, feed: feed, spoolKey: spoolKey))
    }
    let diff = try VersionDiff(dictionary: runs[0].drops.plan.dictionary, indexKey: indexKey, folder: site.folder.variable)
    for (number, drop) in drops.enumerated() {
      let fates = try store.fates(drop: drop.id)
      diff.begin()
      for run in runs {
        try run.drops.run(drop) { output in
          guard case .message(let message) = output, fates.isMapped(byteOffset: message.byteOffset) else { return }
          try diff.take(message, run.side, drop: number)
        }
      }
      diff.end()
    }
    return try report(diff, drops, entities: runs[0].drops.plan.dictionary.entities.map(\.name), rows)
  }

  private func report(_ diff: VersionDiff, _ drops: [DropEntry], entities names: [String], _ rows: (DiffRow) throws -> Void) throws -> DiffReport {
    var digest = SHA256(), all = SHA256()
    try diff.compare { row in
      digest.update(row.json.canonical + [0x0A])
      try rows(row)
    }
    for drop in drops { all.update(Array((drop.sha256 ?? "").utf8)) }
    return DiffReport(
      old: old, new: new, oldDigest: Self.digest(old, site.library), newDigest: Self.digest(new, site.library), feed: feed.name,
      first: drops.first?.night, last: drops.last?.night, drops: drops.count, dropsDigest: Hex.text(all.finish()), messages: diff.messages, verdicts: diff.verdicts,
      entities: zip(names, diff.entities).filter { !$1.isEmpty }, rowsDigest: Hex.text(digest.finish()))
  }

  /// The SHA-256 over all files that a mapping or set is read from.
  static func digest(_ version: VersionName, _ library: MappingLibrary) -> String { ReleasedFiles.digest(of: [version.description], in: library) }
}

extension EntityDiff {
  /// True where neither version says anything of the entity.
  var isEmpty: Bool { isEqual && rows.same == 0 && held.isEmpty }
}
