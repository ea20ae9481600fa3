import Core

/// How a type of message groups segments under its orders: where it puts ORC and SPM, and whether one ORC stands for several segments.
struct OrderGroup: Sendable, Equatable {
  static let obr = SegmentTable.name("OBR".utf8), orc = SegmentTable.name("ORC".utf8), spm = SegmentTable.name("SPM".utf8)

  /// ORC opens the next order. False where it stands behind its OBR.
  var endsAtOrder = true
  /// Orders stand under their specimen, and the next SPM opens the next one. False where specimens stand under their order.
  var endsAtSpecimen = false
  /// What stands one behind the other (RXA, RXG) belongs to the one ORC before it. False where a second one without an ORC belongs to no order.
  var isShared = false

  init() {}

  /// HL7 v2.5.1, 4.4.8 (OML^O33), 4.4.10 (OML^O35), 7.3.7 to 7.3.9 (OUL^R22 to R24); OML^O39 since v2.6; RAS and RGV by their abstract message syntax
  /// in chapter 4, where RXA and RXG repeat below one ORC.
  ///
  /// - type: MSH-9.1 and MSH-9.2, as in `OUL^R22`.
  init(type: [UInt8]) {
    // Of all others nothing is asked, and most messages are others.
    guard type.count == 7, type[0] == UInt8(ascii: "O") || type[0] == UInt8(ascii: "R"), type[1] != UInt8(ascii: "R") else { return }
    switch String(decoding: type, as: UTF8.self) {
    case "OUL^R22", "OUL^R23": (endsAtOrder, endsAtSpecimen) = (false, true)
    case "OUL^R24": endsAtOrder = false
    case "OML^O33", "OML^O35", "OML^O39": endsAtSpecimen = true
    case "RAS^O01", "RAS^O17", "RGV^O01", "RGV^O15": isShared = true
    default: break
    }
  }
}
