import CLibPQ
import Core
import Glibc

/// What the server answered. Freed by `clear`, once.
@safe
struct PostgresAnswer {
  private let result: OpaquePointer?

  init(_ result: OpaquePointer?) { unsafe self.result = result }

  func clear() { unsafe PQclear(result) }

  var count: Int { Int(unsafe PQntuples(result)) }

  /// How many rows a statement changed.
  var changed: Int { unsafe Int(String(cString: PQcmdTuples(result))) ?? 0 }

  /// Nil where all went well. SQLSTATE and the names of constraint or table stay; the server's text, which may quote values, is not read.
  var error: StoreError? {
    switch unsafe PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_COPY_IN, PGRES_EMPTY_QUERY: return nil
    default: break
    }
    guard let state = unsafe text(compline_pq_state(result)) else { return .connectionLost }
    return .postgresql(state, rule: unsafe text(compline_pq_constraint(result)) ?? text(compline_pq_table(result)) ?? "")
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String? { unsafe pointer.map { unsafe String(cString: $0) } }

  func row(_ row: Int) throws(StoreError) -> SQLRow {
    var values: [SQLValue] = []
    let columns = unsafe PQnfields(result)
    values.reserveCapacity(Int(columns))
    for column in 0..<columns { values.append(try value(CInt(row), column)) }
    return SQLRow(values: values)
  }

  private func value(_ row: CInt, _ column: CInt) throws(StoreError) -> SQLValue {
    if unsafe PQgetisnull(result, row, column) != 0 { return .null }
    let bytes = unsafe UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    switch unsafe PQftype(result, column) {
    case 16, 20, 21, 23: return .integer(unsafe Self.integer(bytes))
    case 17: return .blob(unsafe [UInt8](bytes))
    case 19, 25, 1043: return .text(unsafe String(decoding: bytes, as: UTF8.self))
    default: throw .wrongType(Int(column))
    }
  }

  /// Big-endian, of 1, 2, 4 or 8 bytes, with its sign.
  private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int {
    var number = unsafe Int(Int8(bitPattern: bytes.first ?? 0))
    for unsafe byte in unsafe bytes.dropFirst() { number = number << 8 | Int(byte) }
    return number
  }
}

/// The values of a statement as libpq takes them: bytes, lengths and formats, all binary.
struct PostgresParameters {
  private var bytes: [UInt8] = []
  /// Where each value begins; nil for null.
  private var starts: [Int?] = []
  private var lengths: [CInt] = []

  init(_ values: SQLValues) {
    for value in values { append(value?.sqlValue ?? .null) }
  }

  private mutating func append(_ value: SQLValue) {
    let start = bytes.count
    switch value {
    case .null: break
    case .integer(let number): for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    case .text(let text): bytes += Self.bytes(of: text)
    case .blob(let blob): bytes += blob
    }
    starts.append(value == .null ? nil : start)
    lengths.append(CInt(bytes.count - start))
  }

  /// PostgreSQL keeps no NUL in a text: it is shown as the symbol for NUL. Values of fields are bytes and stay as they are.
  static func bytes(of text: String) -> [UInt8] {
    text.utf8.contains(0) ? text.utf8.flatMap { $0 == 0 ? [0xE2, 0x90, 0x80] : [$0] } : Array(text.utf8)
  }

  func with<Result>(
    _ body: (CInt, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?) -> Result
  ) -> Result {
    // An empty value needs a place too.
    unsafe (bytes + [0]).withUnsafeBytes { raw in
      let base = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      let places = unsafe starts.map { start in unsafe start.flatMap { offset in unsafe base.map { unsafe $0 + offset } } }
      let formats = [CInt](repeating: 1, count: starts.count)
      return unsafe body(CInt(starts.count), places, lengths, formats)
    }
  }
}

/// Texts as a list of C strings that ends with nil.
enum CStrings {
  static func with<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    let copies = unsafe texts.map { unsafe strdup($0) }
    defer { for unsafe copy in unsafe copies { unsafe free(copy) } }
    let places = unsafe copies.map { unsafe UnsafePointer<CChar>($0) } + [nil]
    return unsafe places.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
  }
}
