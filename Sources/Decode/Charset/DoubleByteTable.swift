/// The characters of the double-byte sets, row by row, as text: a blank is a cell that the set leaves empty.
///
/// The rows follow the code charts of the standards; a test compares each cell with an independent codec.
enum DoubleByteRows {}

/// A double-byte set as a table of scalar values.
struct DoubleByteTable: Sendable {
  /// Rows of `columns` cells; 0 is empty.
  private let cells: [UInt16]
  let columns: Int

  init(_ rows: String, columns: Int) {
    var cells: [UInt16] = []
    for row in rows.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = row.map { $0 == " " ? 0 : UInt16(truncatingIfNeeded: $0.value) }
      cells += line + Array(repeating: 0, count: max(columns - line.count, 0))
    }
    self.cells = cells
    self.columns = columns
  }

  /// The scalar value of a cell, or 0 where there is none.
  func scalar(row: Int, column: Int) -> UInt32 {
    let index = row * columns + column
    return row >= 0 && column >= 0 && column < columns && index < cells.count ? UInt32(cells[index]) : 0
  }

  /// Every scalar value that has a cell.
  var scalars: some Sequence<UInt16> { cells.lazy.filter { $0 != 0 } }

  static let jisX0208 = Self(DoubleByteRows.jisX0208, columns: 94)
  static let jisX0212 = Self(DoubleByteRows.jisX0212, columns: 94)
  static let ksX1001 = Self(DoubleByteRows.ksX1001, columns: 94)
  static let big5 = Self(DoubleByteRows.big5, columns: 157)
  static let gb18030 = Self(DoubleByteRows.gb18030, columns: 190)
}
