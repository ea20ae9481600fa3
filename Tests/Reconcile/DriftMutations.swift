import Core
import Testing

/// What senders do without telling anyone: each changes the messages of a night.
enum DriftMutation: String, CaseIterable, CustomTestStringConvertible {
  case newOwnSegment, newStandardSegment, newField, newComponent, missingField, missingSegment, movedVisitNumber, movedSex, renamedAdmitTime, newSexCode, newPatientClass,
    newIdentifierType, newAssigner, longerRecordNumber, longerVisitNumber, longerFamilyName, dashedBirthDate, timeWithOffset, changedUnit, changedValueType,
    newResultStatus, newFlag, newMessageType, repeatedSegment, localTestCodes, newPanel, amountWithSign, nameInOnePart, newSender, newVersion, newChargeKind,
    yearOfTwoDigits, newRoom, lettersInVisit, newRelationship

  var testDescription: String { rawValue }

  func apply(to messages: [SentMessage]) -> [SentMessage] {
    if self == .newMessageType { return messages.map { changed($0, "MSH", 9) { $0 == "ADT^A08" ? "ADX^A08" : $0 } } }
    return messages.map(apply)
  }

  private func apply(_ message: SentMessage) -> SentMessage {
    structural(message) ?? coded(message) ?? formal(message) ?? message
  }

  // MARK: Structure

  private func structural(_ message: SentMessage) -> SentMessage? {
    switch self {
    case .newOwnSegment: message + [["ZPD", "1", "Y"]]
    case .newStandardSegment: message + [["GT1", "1", "", "TEST^GUARANTOR"]]
    case .missingSegment: message.filter { $0[0] != "PV1" }
    case .repeatedSegment: message.flatMap { $0[0] == "PV1" ? [$0, $0] : [$0] }
    case .newField: changed(message, "PID", 16) { _ in "M" }
    case .newComponent: changed(message, "PV1", 3) { $0 + "^ACTIVE" }
    case .missingField: changed(message, "PID", 7) { _ in "" }
    case .movedVisitNumber: moved(message, "PV1", from: 19, to: 50)
    case .movedSex: moved(message, "PID", from: 8, to: 9)
    case .renamedAdmitTime: moved(message, "PV1", from: 44, to: 45)
    case .nameInOnePart: changed(message, "PID", 5) { $0.replacing("^", with: " ") }
    default: nil
    }
  }

  // MARK: Codes

  private func coded(_ message: SentMessage) -> SentMessage? {
    switch self {
    case .newSexCode: changed(message, "PID", 8) { $0 == "F" ? "2" : $0 }
    case .newPatientClass: changed(message, "PV1", 2) { $0 == "E" ? "K" : $0 }
    case .newIdentifierType: changed(message, "PID", 3) { $0.replacing("^MR", with: "^PT") }
    case .newAssigner: changed(message, "PID", 3) { $0.replacing("NORTH", with: "NGEN") }
    case .newResultStatus: changed(message, "OBX", 11) { _ in "R" }
    case .newFlag: changed(message, "OBX", 8) { $0 == "H" ? "HI" : $0 }
    case .newPanel: changed(message, "OBR", 4) { _ in "51990-0^PANEL^LN" }
    case .newSender: changed(message, "MSH", 3) { _ in "NEWHIS" }
    case .newVersion: changed(message, "MSH", 12) { _ in "2.8" }
    case .newChargeKind: changed(message, "FT1", 6) { _ in "CH" }
    case .newRelationship: changed(message, "NK1", 3) { _ in "01" }
    case .localTestCodes: changed(message, "OBX", 3) { "L" + $0 }
    case .changedUnit: changedTest(message, "2345-7", 6, "mmol/L")
    case .changedValueType: changedTest(message, "718-7", 2, "ST")
    default: nil
    }
  }

  // MARK: Form

  private func formal(_ message: SentMessage) -> SentMessage? {
    switch self {
    case .longerRecordNumber: changed(message, "PID", 3) { "00000000" + $0 }
    case .longerVisitNumber: changed(message, "PV1", 19) { "2026000" + $0 }
    case .longerFamilyName: changed(message, "PID", 5) { String(repeating: "X", count: 60) + $0 }
    case .dashedBirthDate: changed(message, "PID", 7) { $0.prefix(4) + "-" + $0.dropFirst(4).prefix(2) + "-" + $0.suffix(2) }
    case .yearOfTwoDigits: changed(message, "PID", 7) { "\($0.dropFirst(4).prefix(2))/\($0.suffix(2))/\($0.dropFirst(2).prefix(2))" }
    case .timeWithOffset: changed(message, "MSH", 7) { $0 + "-0600" }
    case .amountWithSign: changed(message, "FT1", 11) { "$" + $0 }
    case .newRoom: changed(message, "PV1", 3) { $0.replacing("^1", with: "^ROOM NUMBER 1") }
    case .lettersInVisit: changed(message, "PV1", 19) { "V" + $0 }
    default: nil
    }
  }

  private func changed(_ message: SentMessage, _ name: String, _ field: Int, _ change: (String) -> String) -> SentMessage {
    message.map { segment in
      guard segment[0] == name else { return segment }
      var segment = segment
      while segment.count <= field { segment.append("") }
      segment[field] = change(segment[field])
      return segment
    }
  }

  private func changedTest(_ message: SentMessage, _ test: String, _ field: Int, _ value: String) -> SentMessage {
    message.map { segment in
      guard segment[0] == "OBX", segment[3].hasPrefix(test) else { return segment }
      var segment = segment
      segment[field] = value
      return segment
    }
  }

  private func moved(_ message: SentMessage, _ name: String, from: Int, to target: Int) -> SentMessage {
    let value = message.first { $0[0] == name }.map { $0[from] } ?? ""
    return changed(changed(message, name, from) { _ in "" }, name, target) { _ in value }
  }
}
