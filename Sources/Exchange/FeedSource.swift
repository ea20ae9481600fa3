public import Trust

/// What becomes of a source file once its drop is sealed and journalled.
public enum AfterRead: Sendable, Equatable {
  case leave
  case delete
  /// Renamed into that folder, with the drop's id before its name; nothing there is ever replaced.
  case move(to: String)
}

/// Where a feed's files come from and how they are read.
public struct FeedSource: Sendable {
  enum Place: Sendable {
    /// A folder of this machine.
    case folder(String)
    case partner(any TransportConnector)
  }

  /// The feed that it belongs to.
  public let feed: PlainName
  /// How the feed says that a file is whole.
  public let completeness: Completeness
  /// Names of control files; nil when the feed has none.
  public var control: NamePattern?
  /// Names of the files that the feed takes; empty where it takes all.
  public var files: [NamePattern] = []
  /// What becomes of a file once it is sealed.
  public var afterRead = AfterRead.leave
  /// A larger file is not fetched.
  public var maximumBytes = FeedSource.usualMaximumBytes
  /// 16 GiB: as much as a container may unpack to.
  public static let usualMaximumBytes = 16 << 30
  /// How often a session that is cut is opened again.
  public var patience = SessionPatience()
  /// What its files are, for those who read what went wrong.
  public var matter = Matter.drops
  let place: Place

  /// What is read from a source.
  public enum Matter: Sendable {
    /// Deliveries of a feed.
    case drops
    /// Answers of the consumer that `feed` names.
    case receipts
  }

  /// A folder, read with its subfolders.
  public init(feed: PlainName, folder: String, completeness: Completeness) {
    self.init(feed: feed, place: .folder(folder), completeness: completeness)
  }

  /// A folder at a partner's; the connector knows the folder of `after: move` itself.
  public init(feed: PlainName, partner: SFTPConnector, completeness: Completeness) {
    self.init(feed: feed, place: .partner(partner), completeness: completeness)
  }

  init(feed: PlainName, place: Place, completeness: Completeness) {
    self.feed = feed
    self.place = place
    self.completeness = completeness
  }

  /// As errors name it: `feed lab`, `consumer billing (receipts)`.
  var title: String { matter == .drops ? "feed \(feed)" : "consumer \(feed) (receipts)" }

  /// What tries again.
  var nextTry: String { matter == .drops ? "the next pull" : "the next extract" }

  /// A partner's connector knows the folder of `after: move` itself.
  var connector: any TransportConnector {
    switch place {
    case .folder(let path):
      if case .move(let target) = afterRead { return FolderConnector(own: path, aside: target) }
      return FolderConnector(own: path)
    case .partner(let connector): return connector
    }
  }

  /// False for what lies in the folder and is another feed's, or nobody's. Under `rename` a temporary name is taken by the name that it will have, a marker by
  /// that of its file.
  func takes(_ file: SourceFile) -> Bool {
    if files.isEmpty { return true }
    var name = completeness == .rename ? SettledFiles.finalName(of: file.name) : file.name
    if case .marker(let pattern) = completeness, pattern.fits(file.name) {
      guard let subject = pattern.subject(of: file.name) else { return true }
      name = subject
    }
    return control?.matches(name) == true || files.contains { $0.matches(name) }
  }

  /// How many files each marker of a folder speaks of, by its path; none where each has its own.
  func sharers(of files: [SourceFile]) -> [[UInt8]: Int] {
    guard case .marker(let pattern) = completeness, pattern.isOfStem, afterRead != .leave else { return [:] }
    return Dictionary(files.filter { !pattern.fits($0.name) }.map { ($0.sibling(pattern.marker(of: $0.name)), 1) }, uniquingKeysWith: +)
  }

  /// A manifest declares what came, as a control file does.
  func kind(of file: SourceFile) -> DropKind {
    if case .manifest(let pattern) = completeness, pattern.matches(file.name) { return .control }
    return control?.matches(file.name) == true ? .control : .data
  }
}
