import Core
import Extract
import Trust

/// What `compline show` was asked for, checked before anything is opened.
struct ShowRequest {
  /// The random id of a drop, or the SHA-256 of its bytes.
  let drop: String
  /// One-based.
  let message: Int
  let view: ValueView
  let purpose: PlainName?
  let isJSON: Bool

  /// Purposes inside a covered entity's own walls (45 CFR 164.506); every other is a disclosure and goes by an agreement.
  static let purposes: [DisclosurePurpose] = [.treatment, .payment, .operations]

  init(drop: String, message: Int, reveal: Bool, purpose: String?, json: Bool) throws(PipelineError) {
    guard drop.utf8.count == 32 || drop.utf8.count == 64, Hex.bytes(drop) != nil, drop == drop.lowercased() else {
      throw PipelineError("PIP-410", .usage, "the drop is not named by its id or SHA-256", hint: "Take the id from compline status --exceptions or compline trace, or the SHA-256 from statement.json.")
    }
    guard message >= 1 else { throw PipelineError("PIP-410", .usage, "messages are counted from 1") }
    self.drop = drop
    self.message = message
    self.purpose = try Self.checked(purpose, reveal: reveal)
    view = reveal ? .revealed : .masked
    isJSON = json
  }

  /// The purpose, which stands with `--reveal` and with nothing else.
  static func checked(_ purpose: String?, reveal: Bool) throws(PipelineError) -> PlainName? {
    let legal = purposes.map(\.rawValue).joined(separator: ", ")
    guard reveal else {
      guard purpose == nil else { throw PipelineError("PIP-411", .usage, "--purpose goes with --reveal", hint: "Without --reveal no value is shown.") }
      return nil
    }
    guard let known = purposes.first(where: { $0.rawValue == purpose }) else {
      throw PipelineError("PIP-411", .usage, "--reveal needs a --purpose", hint: "One of \(legal).")
    }
    return PlainName(known.rawValue)
  }

  /// What a grant must name.
  var verb: Verb { view == .revealed ? .reveal : .inspect }
}
