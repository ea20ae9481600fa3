public import Core

/// A file that holds files: how a feed's drops are wrapped.
public enum ContainerKind: String, Sendable, CaseIterable {
  /// RFC 1952; one file, of one or several parts.
  case gzip
  /// APPNOTE 6.3, of which what mail and file partners use: stored and deflated members, no encryption, no zip64.
  case zip
}

/// How much a container may hold.
public struct ContainerLimits: Sendable, Equatable {
  /// Plain bytes of all members together.
  public var plainBytes = 16 << 30
  /// Plain bytes for each packed byte, once a member is over `freeBytes`. Deflate reaches 1,032 at most; messages stay far below 100.
  public var ratio = 250
  /// Plain bytes of a member that no ratio is asked of.
  public var freeBytes = 1 << 20
  public var members = 10_000
  /// A member's name, which is looked at and never kept.
  public var nameBytes = 1_024

  public init() {}
}

/// Why a container is refused, whole: nothing of it is loaded.
public enum ContainerFault: Error, Sendable {
  /// Over a limit.
  case limit
  /// Not such a container, cut off, damaged, with bytes behind its end, or in a form that is not read.
  case broken
  /// Names that lead elsewhere or clash, links, encrypted members, a directory that says other things than the members.
  case unsafe

  /// What stands in the books.
  public var code: FindingCode {
    switch self {
    case .limit: .containerLimit
    case .broken: .containerBroken
    case .unsafe: .containerUnsafe
    }
  }
}

/// What comes out of a container, in order.
public enum ContainerEvent {
  /// A member, one-based: one file of the feed's format.
  case memberBegins(Int)
  case bytes([UInt8])
  case memberEnds
}

/// Unpacks drops as they are pushed: pure, in bounded memory, never to a path.
public final class ContainerReader {
  /// At most one container in another.
  public static let maximumDepth = 2

  private let inner: ContainerKind?
  private let limits: ContainerLimits
  private let outer: any ContainerLayer
  private var within: (any ContainerLayer)?
  /// Plain bytes that came out so far.
  private(set) var plainBytes = 0
  /// Files of the format that came out so far.
  public private(set) var members = 0

  /// - Parameter kinds: the outer one first; one or two.
  public init?(_ kinds: [ContainerKind], _ limits: ContainerLimits = ContainerLimits()) {
    guard let first = kinds.first, kinds.count <= Self.maximumDepth else { return nil }
    inner = kinds.count > 1 ? kinds[1] : nil
    self.limits = limits
    outer = Self.layer(first, limits)
  }

  private static func layer(_ kind: ContainerKind, _ limits: ContainerLimits) -> any ContainerLayer {
    switch kind {
    case .gzip: GzipLayer(limits)
    case .zip: ZipLayer(limits)
    }
  }

  /// Takes the next bytes of the drop. - Throws: `ContainerFault`, and what `emit` throws; nothing may be pushed after that.
  public func push(_ chunk: [UInt8], _ emit: (ContainerEvent) throws -> Void) throws {
    try outer.push(chunk) { try relay($0, emit) }
  }

  /// Ends the drop. - Throws: as `push`; `.broken` where the container is not whole.
  public func finish(_ emit: (ContainerEvent) throws -> Void) throws {
    try outer.finish { try relay($0, emit) }
  }

  private func relay(_ event: LayerEvent, _ emit: (ContainerEvent) throws -> Void) throws {
    guard let inner else { return try give(event, emit) }
    switch event {
    case .begins: within = Self.layer(inner, limits)
    case .bytes(let bytes): try within?.push(bytes) { try give($0, emit) }
    case .ends:
      try within?.finish { try give($0, emit) }
      within = nil
    }
  }

  private func give(_ event: LayerEvent, _ emit: (ContainerEvent) throws -> Void) throws {
    switch event {
    case .begins:
      members += 1
      guard members <= limits.members else { throw ContainerFault.limit }
      try emit(.memberBegins(members))
    case .bytes(let bytes):
      plainBytes += bytes.count
      guard plainBytes <= limits.plainBytes else { throw ContainerFault.limit }
      try emit(.bytes(bytes))
    case .ends: try emit(.memberEnds)
    }
  }
}

enum LayerEvent {
  case begins
  case bytes([UInt8])
  case ends
}

/// One container format, pushed.
protocol ContainerLayer: AnyObject {
  func push(_ chunk: [UInt8], _ emit: (LayerEvent) throws -> Void) throws
  func finish(_ emit: (LayerEvent) throws -> Void) throws
}

/// Holds a member's plain bytes against its packed ones.
struct RatioGuard {
  private let limits: ContainerLimits
  private(set) var packed = 0
  private(set) var plain = 0

  init(_ limits: ContainerLimits) { self.limits = limits }

  mutating func take(packed count: Int) { packed += count }

  mutating func give(plain count: Int) throws(ContainerFault) {
    plain += count
    if plain > limits.freeBytes, plain / limits.ratio > packed { throw .limit }
  }
}
