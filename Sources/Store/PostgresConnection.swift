import CLibPQ
import Core
import Glibc

/// A connection to PostgreSQL through libpq: values and answers in binary, each statement prepared once.
///
/// - One writer at a time: a transaction that writes takes an advisory lock of the schema, which ends with it.
/// - A COMMIT whose answer was lost is settled by asking the server what became of the transaction.
@safe
final class PostgresConnection: SQLConnection {
  let dialect = Dialect.postgresql
  private let place: PostgresPlace
  private let readOnly: Bool
  private var server: OpaquePointer?
  /// The names of prepared statements by their text.
  private var prepared: [String: String] = [:]
  private var looks = 0
  /// True while the server works at the end of a COPY whose outcome is not asked yet.
  private var isCopying = false

  init(_ place: PostgresPlace, readOnly: Bool) throws(StoreError) {
    guard PostgresPlace.isName(place.schema), place.owner.map(PostgresPlace.isName) ?? true else { throw .name(place.schema) }
    self.place = place
    self.readOnly = readOnly
    unsafe server = try Self.connected(place)
    try setUp()
  }

  deinit { close() }

  func close() {
    if let server = unsafe server { unsafe PQfinish(server) }
    unsafe server = nil
  }

  var isInTransaction: Bool { unsafe PQtransactionStatus(server) != PQTRANS_IDLE }

  func exclusively<Result>(_ body: () throws -> Result) throws -> Result { try body() }

  func begin(_ kind: SQLTransaction) throws(StoreError) {
    guard kind == .write else { return try script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") }
    try script("BEGIN")
    do { try script("SELECT pg_advisory_xact_lock((1129270608::bigint << 32) | current_schema()::regnamespace::oid::bigint)") } catch {
      try? rollback()
      throw error
    }
  }

  /// Without statistics, and in a transaction that fills the tables there are none, the server reads whole tables to join them with a list of keys.
  func lookUpByIndex() throws(StoreError) {
    try script("SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off")
  }

  func rollback() throws(StoreError) {
    try? settleCopy()
    try script("ROLLBACK")
  }

  func commit() throws(StoreError) {
    let transaction: String? = try value("SELECT pg_current_xact_id_if_assigned()::text")
    do { try script("COMMIT") } catch {
      guard unsafe PQstatus(server) == CONNECTION_BAD, let transaction else { throw error }
      try settle(transaction)
    }
  }

  func script(_ sql: String) throws(StoreError) {
    try settleCopy()
    try unsafe check(PQexec(server, sql)).clear()
  }

  func define(_ sql: String) throws(StoreError) {
    guard let owner = place.owner else { return try script(dialect.definition(sql)) }
    try script("SET ROLE \(owner)")
    try script(dialect.definition(sql))
    try script("RESET ROLE")
  }

  @discardableResult func run(_ sql: String, _ values: SQLValues) throws(StoreError) -> Int {
    let answer = try execute(sql, values)
    defer { answer.clear() }
    return answer.changed
  }

  func each(_ sql: String, _ values: SQLValues, _ body: (SQLRow) throws -> Void) throws {
    let answer = try execute(sql, values)
    defer { answer.clear() }
    for row in 0..<answer.count { try body(try answer.row(row)) }
  }

  /// As `each`, but the answer is never held as a whole.
  func passing(_ sql: String, _ values: SQLValues, _ body: (SQLRow) throws -> Void) throws {
    try settleCopy()
    let name = try name(of: sql), parameters = PostgresParameters(values)
    let sent = unsafe parameters.with { count, places, lengths, formats in unsafe PQsendQueryPrepared(server, name, count, places, lengths, formats, 1) }
    guard sent == 1, unsafe PQsetSingleRowMode(server) == 1 else { throw StoreError.connectionLost }
    var failure: (any Error)?
    while let result = unsafe PQgetResult(server) {
      let answer = unsafe PostgresAnswer(result)
      defer { answer.clear() }
      do {
        if let error = answer.error { throw unsafe PQstatus(server) == CONNECTION_BAD && error.code != StoreError.busy.code ? .connectionLost : error }
        if failure == nil { for row in 0..<answer.count { try body(try answer.row(row)) } }
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  func stream(_ sql: String, _ body: (SQLRow) throws -> Void) throws {
    try script("DECLARE page CURSOR FOR " + sql)
    defer { try? script("CLOSE page") }
    while true {
      var count = 0
      try each("FETCH \(Self.pageRows) FROM page", []) {
        try body($0)
        count += 1
      }
      if count < Self.pageRows { return }
    }
  }

  private static let pageRows = 1_000

  func schemaVersion() throws(StoreError) -> Int {
    try hasTable("migration") ? try value("SELECT max(number) FROM migration") ?? 0 : 0
  }

  func setSchemaVersion(_ number: Int) throws(StoreError) {
    if try !hasTable("migration") { try define("CREATE TABLE migration(number INTEGER PRIMARY KEY, applied TIMESTAMPTZ NOT NULL DEFAULT now())") }
    try define("INSERT INTO migration(number) VALUES (\(number)) ON CONFLICT DO NOTHING")
  }

  /// Each load begins without memory of the last one: another connection may have written.
  func dataVersion() throws(StoreError) -> Int {
    looks += 1
    return looks
  }

  func makeSchema() throws(StoreError) {
    let known: Int? = try value("SELECT count(*) FROM pg_namespace WHERE nspname = ?", [place.schema])
    if known == 0 { try script("CREATE SCHEMA \(place.schema)" + (place.owner.map { " AUTHORIZATION \($0)" } ?? "")) }
  }
}

// MARK: The way to the server

extension PostgresConnection {
  /// The oldest release whose SQL the store uses.
  private static let oldestVersion = 150_000
  /// How long a server may take to answer while a connection is made.
  private static let stepMilliseconds: CInt = 10_000

  private static func connected(_ place: PostgresPlace) throws(StoreError) -> OpaquePointer? {
    if unsafe getenv("PGPASSWORD") != nil { throw .passwordInEnvironment }
    let parameters = place.parameters
    let server = unsafe CStrings.with(parameters.map(\.name)) { names in
      unsafe CStrings.with(parameters.map(\.value)) { values in unsafe PQconnectStartParams(names, values, 0) }
    }
    unsafe compline_pq_silence(server)
    unsafe finish(server)
    guard unsafe PQstatus(server) == CONNECTION_OK else {
      unsafe PQfinish(server)
      throw .unreachable
    }
    unsafe PQsetErrorVerbosity(server, PQERRORS_SQLSTATE)
    return unsafe server
  }

  /// Connects step by step: libpq's own waiting would print what a server says meanwhile, such as that it is going down.
  private static func finish(_ server: OpaquePointer?) {
    var state = PGRES_POLLING_WRITING
    while unsafe PQstatus(server) != CONNECTION_BAD, state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING {
      var wanted = unsafe pollfd(fd: PQsocket(server), events: Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
      let found = unsafe poll(&wanted, 1, stepMilliseconds)
      if found == 0 || found < 0 && errno != EINTR { return }
      if found > 0 { state = unsafe PQconnectPoll(server) }
    }
  }

  private func setUp() throws(StoreError) {
    guard unsafe PQserverVersion(server) >= Self.oldestVersion else { throw .oldServer(Int(unsafe PQserverVersion(server)) / 10_000) }
    try script(
      """
      SET search_path = \(place.schema); SET statement_timeout = '15min'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '10min';
      SET synchronous_commit = on; SET default_transaction_read_only = \(readOnly ? "on" : "off")
      """)
  }

  /// What became of a transaction whose COMMIT was not answered.
  private func settle(_ transaction: String) throws(StoreError) {
    close()
    prepared = [:]
    isCopying = false
    unsafe server = try Self.connected(place)
    try setUp()
    for _ in 0..<Self.patienceTenths {
      let state: String? = try value("SELECT pg_xact_status(?::text::xid8)", [transaction])
      if state == "committed" { return }
      if state != "in progress" { break }
      usleep(100_000)
    }
    throw .connectionLost
  }

  private static let patienceTenths = 50

  private func execute(_ sql: String, _ values: SQLValues) throws(StoreError) -> PostgresAnswer {
    try settleCopy()
    let name = try name(of: sql)
    let parameters = PostgresParameters(values)
    return try unsafe check(parameters.with { count, places, lengths, formats in unsafe PQexecPrepared(server, name, count, places, lengths, formats, 1) })
  }

  private func name(of sql: String) throws(StoreError) -> String {
    if let name = prepared[sql] { return name }
    let name = "s\(prepared.count)"
    try unsafe check(PQprepare(server, name, Self.numbered(sql), 0, nil)).clear()
    prepared[sql] = name
    return name
  }

  /// `?` is `$1`, `$2` and so on. No text of the store's SQL holds one in quotes.
  private static func numbered(_ sql: String) -> String {
    var number = 0, text = ""
    for part in sql.split(separator: "?", omittingEmptySubsequences: false) {
      text += number == 0 ? "" : "$\(number)"
      text += part
      number += 1
    }
    return text
  }

  /// Gives bytes of a COPY to the server.
  func put(_ bytes: [UInt8]) throws(StoreError) {
    let sent = unsafe bytes.withUnsafeBytes { raw in
      unsafe PQputCopyData(server, raw.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(raw.count))
    }
    guard sent == 1 else { throw .connectionLost }
  }

  /// Ends a COPY; its error, where the server refused a row, comes out here.
  func endCopy(refusing: Bool) throws(StoreError) {
    try beginEndOfCopy(refusing: refusing)
    try settleCopy()
  }

  func beginEndOfCopy(refusing: Bool = false) throws(StoreError) {
    guard unsafe PQputCopyEnd(server, refusing ? "taken back" : nil) == 1 else { throw .connectionLost }
    isCopying = true
  }

  /// What became of a COPY that was ended last.
  private func settleCopy() throws(StoreError) {
    guard isCopying else { return }
    isCopying = false
    let answer = unsafe PostgresAnswer(PQgetResult(server))
    while let more = unsafe PQgetResult(server) { unsafe PQclear(more) }
    defer { answer.clear() }
    if let error = answer.error { throw error }
  }

  private func check(_ result: OpaquePointer?) throws(StoreError) -> PostgresAnswer {
    let answer = unsafe PostgresAnswer(result)
    if let error = answer.error {
      answer.clear()
      throw unsafe PQstatus(server) == CONNECTION_BAD && error.code != StoreError.busy.code ? .connectionLost : error
    }
    return answer
  }
}
