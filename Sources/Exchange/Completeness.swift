/// How a feed says that a file is whole.
public enum Completeness: Sendable, Equatable {
  /// The sender renames when done: names that end in `.part`, `.tmp` or `.filepart`, and dot files, are still arriving.
  case rename
  /// Size and mtime stand still; the window in seconds (60 by default).
  case settle(windowSeconds: Int)
  /// A marker lies beside the file, written no earlier.
  case marker(MarkerPattern)
  /// A manifest, a file of such a name, lists it with its bytes; what none lists is not taken.
  case manifest(NamePattern)
}

/// The clock of an intake, given so that tests need not wait.
public struct IntakeClock: Sendable {
  /// Nanoseconds since the epoch, as mtimes count.
  public let now: @Sendable () -> Int
  /// Nanoseconds since some moment, by a clock that no one sets: for how long a thing took.
  public let elapsed: @Sendable () -> Int
  /// Waits that many nanoseconds.
  public let wait: @Sendable (Int) -> Void

  public init(now: @escaping @Sendable () -> Int, elapsed: @escaping @Sendable () -> Int, wait: @escaping @Sendable (Int) -> Void) {
    self.now = now
    self.elapsed = elapsed
    self.wait = wait
  }
}

/// Judges which files of a folder have arrived, from one or two looks at it.
struct SettledFiles {
  /// Two looks count as two only when they lie this far apart.
  static let leastGap = Nanoseconds.of(seconds: 5)

  /// One look: the files and when they were seen.
  struct Look {
    var files: [SourceFile]
    var at: Int
  }

  private(set) var ready: [SourceFile] = []
  private(set) var arriving = 0
  /// Markers, with or without their files.
  private(set) var markers: [SourceFile] = []
  /// How long to wait before a second look can settle more, in nanoseconds; nil when it cannot.
  private(set) var wait: Int?

  /// After the first look alone.
  init(_ look: Look, _ completeness: Completeness) {
    if case .marker(let pattern) = completeness {
      pair(look.files, pattern)
    } else {
      for file in look.files { judge(file, look.at, completeness, earlier: nil) }
    }
  }

  /// A file that was written after its marker is being written anew.
  private mutating func pair(_ files: [SourceFile], _ pattern: MarkerPattern) {
    markers = files.filter { pattern.fits($0.name) }
    let byPath = Dictionary(markers.map { ($0.path, $0) }, uniquingKeysWith: { left, _ in left })
    for file in files where !pattern.fits(file.name) {
      if let marker = byPath[file.sibling(pattern.marker(of: file.name))], marker.stamp.modified >= file.stamp.modified { ready.append(file) } else { arriving += 1 }
    }
  }

  /// After the second look; what was seen only now is judged by its age alone.
  init(_ look: Look, after first: Look, _ completeness: Completeness) {
    let earlier = Dictionary(first.files.map { ($0.path, $0) }, uniquingKeysWith: { left, _ in left })
    let isApart = look.at - first.at >= Self.leastGap
    for file in look.files { judge(file, look.at, completeness, earlier: isApart ? earlier[file.path] : nil) }
    wait = nil
  }

  private mutating func judge(_ file: SourceFile, _ now: Int, _ completeness: Completeness, earlier: SourceFile?) {
    switch completeness {
    case .rename, .manifest: if Self.isTemporary(file.path) { arriving += 1 } else { ready.append(file) }
    case .marker: break
    case .settle(let windowSeconds): judge(file, now, window: Nanoseconds.of(seconds: windowSeconds), earlier: earlier)
    }
  }

  private mutating func judge(_ file: SourceFile, _ now: Int, window: Int, earlier: SourceFile?) {
    let age = Nanoseconds.between(file.stamp.modified, now)
    if let earlier {
      // Seen twice: it stands still, or it is being written, whatever its mtime claims.
      let isStill = earlier.stamp.byteCount == file.stamp.byteCount && earlier.stamp.modified == file.stamp.modified
      if isStill && age >= window { return ready.append(file) }
    } else if age >= window {
      return ready.append(file)
    }
    arriving += 1
    guard age >= 0 else { return }
    wait = max(wait ?? 0, min(max(window - age, Self.leastGap), max(window, Self.leastGap)))
  }

  /// A temporary name, or a place under a dot folder. Letters of either case.
  static func isTemporary(_ path: [UInt8]) -> Bool {
    let components = path.split(separator: UInt8(ascii: "/"))
    if components.contains(where: { $0.first == UInt8(ascii: ".") }) { return true }
    return temporaryEnding(of: components.last ?? []) != nil
  }

  /// The name that a file has when its sender is done: without the dot before it and the ending of a temporary name.
  static func finalName(of name: [UInt8]) -> [UInt8] {
    let visible = name.drop { $0 == UInt8(ascii: ".") }
    return Array(visible.dropLast(temporaryEnding(of: visible)?.utf8.count ?? 0))
  }

  private static func temporaryEnding(of name: ArraySlice<UInt8>) -> String? {
    let small = name.map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 }
    return [".part", ".tmp", ".filepart"].first { ending in small.suffix(ending.utf8.count).elementsEqual(ending.utf8) }
  }
}

/// Spans and moments in nanoseconds; what a file system says beyond the years 1678 to 2262 stands at the end of that time.
enum Nanoseconds {
  static func of(seconds: Int, and rest: Int = 0) -> Int {
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isPast) = whole.addingReportingOverflow(rest)
    return isTooLong || isPast ? end(seconds < 0) : sum
  }

  static func between(_ earlier: Int, _ later: Int) -> Int {
    let (span, isTooLong) = later.subtractingReportingOverflow(earlier)
    return isTooLong ? end(later < earlier) : span
  }

  private static func end(_ isNegative: Bool) -> Int { isNegative ? .min : .max }
}
