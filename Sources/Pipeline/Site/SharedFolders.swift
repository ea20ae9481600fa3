import Core
import Exchange

/// Feeds may read one folder; but a feed that takes files away would leave the others nothing to read.
struct SharedFolders {
  private let feeds: [FeedFile]
  private let partners: [String: PartnerFile]

  init(_ feeds: [FeedFile], _ partners: [PartnerFile]) {
    self.feeds = feeds
    self.partners = Dictionary(partners.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Throws: PIP-119 where a feed takes files that another one reads too.
  func refuse() throws(PipelineError) {
    guard let pair = pairs(where: isOneFolder).first else { return }
    let (taker, other) = pair
    let names = taker.remote.map(\.partner) == other.remote.map(\.partner) ? "" : " (partners \(taker.remote?.partner ?? "") and \(other.remote?.partner ?? "") are one account of one server)"
    throw PipelineError(
      "PIP-119", .configuration, "\(taker.place.file) takes files out of the folder that \(other.place.file) reads too\(names)",
      hint: "Give each feed a folder of its own, or names of its own (files: \"*.hl7\"), or let all of them leave the files: after: leave. At a partner's, write all paths from the root or all from where we are let in.")
  }

  /// Pairs of which nobody here can tell: one server, other accounts or other gates.
  var doubts: [String] {
    pairs { isOneServer($0, $1) && !isOneFolder($0, $1) }.map { taker, other in
      "feed \(taker.name): takes files at a server where feed \(other.name) reads the same path by way of another partner file; make sure that they are two folders (PIP-119)"
    }
  }

  /// A feed that takes files away, and another one that no pattern of names keeps apart from it.
  private func pairs(where meet: (FeedFile, FeedFile) -> Bool) -> [(taker: FeedFile, other: FeedFile)] {
    feeds.filter { $0.afterRead != .leave }.flatMap { taker in
      feeds.filter { $0.place.file != taker.place.file && meet(taker, $0) && !taker.isApart(from: $0) }.map { (taker: taker, other: $0) }
    }
  }

  private func isOneFolder(_ one: FeedFile, _ other: FeedFile) -> Bool {
    if let mine = one.remote, let theirs = other.remote {
      let isOneAccount = mine.partner == theirs.partner || (connection(mine).flatMap { own in connection(theirs).map(own.isOneAccount) } ?? false)
      return isOneAccount && mine.overlaps(theirs)
    }
    guard one.remote == nil, other.remote == nil else { return false }
    return one.folder == other.folder || PathPlace.isInside(one.folder, other.folder) || PathPlace.isInside(other.folder, one.folder)
  }

  private func isOneServer(_ one: FeedFile, _ other: FeedFile) -> Bool {
    guard let mine = one.remote, let theirs = other.remote, let own = connection(mine), let their = connection(theirs) else { return false }
    return own.isOneServer(with: their) && mine.overlaps(theirs)
  }

  private func connection(_ folder: RemoteFolder) -> PartnerFile? { partners[folder.partner] }
}
