import Glibc

/// What a site's store is built on, and where it lies.
public enum StorePlace: Sendable, Equatable {
  /// A file of SQLite.
  case sqlite(path: String)
  /// A schema of PostgreSQL; the folder takes sealed sort runs of a digest, nothing else.
  case postgresql(PostgresPlace, folder: String)

  /// True where `create` has made the store.
  ///
  /// - Throws: STO-208 where the server cannot be asked.
  public func isMade() throws(StoreError) -> Bool {
    switch self {
    case .sqlite(let path): unsafe access(path, F_OK) == 0
    case .postgresql(let place, _): try PostgresConnection(place, readOnly: true).hasTable("meta")
    }
  }

  var folder: String {
    switch self {
    case .sqlite(let path): path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    case .postgresql(_, let folder): folder
    }
  }

  /// A connection to a store that is there.
  func open(readOnly: Bool) throws(StoreError) -> any SQLConnection {
    switch self {
    case .sqlite(let path):
      guard unsafe access(path, F_OK) == 0 else { throw .unusable("it does not exist") }
      return try SQLiteConnection(path: path, readOnly: readOnly)
    case .postgresql(let place, _):
      let connection = try PostgresConnection(place, readOnly: readOnly)
      guard try connection.hasTable("meta") else { throw .unusable("its schema holds no store") }
      return connection
    }
  }

  /// As `open`, after the file (mode 0600) or the schema has been made where it was missing.
  func make() throws(StoreError) -> any SQLConnection {
    switch self {
    case .sqlite(let path):
      try Self.makeFile(path)
      return try SQLiteConnection(path: path, readOnly: false)
    case .postgresql(let place, _):
      let connection = try PostgresConnection(place, readOnly: false)
      try connection.makeSchema()
      return connection
    }
  }

  private static func makeFile(_ path: String) throws(StoreError) {
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unusable("errno \(errno)") }
    let failed = fchmod(descriptor, 0o600) != 0
    Glibc.close(descriptor)
    if failed { throw .unusable("its mode cannot be set") }
  }
}
