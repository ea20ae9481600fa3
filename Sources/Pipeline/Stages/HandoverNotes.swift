import Core
import Exchange
import Trust

/// `handover.json` beside a manifest: how far the handing over of these very bytes has come. It outlives a kill at any point of it.
struct HandoverNotes {
  private let path: String
  /// SHA-256 of the manifest and of where it goes, hex: notes about another revision or another place are none.
  private let parcel: String
  private(set) var steps: [PlainName: HandoverStep] = [:]

  /// - Parameter address: where the parcel goes, with all that decides where that is.
  init(in outbox: String, of manifest: [UInt8], to address: String) throws {
    path = outbox + "/handover.json"
    parcel = Hex.text(try OpenSSLHash.digest(manifest + [0] + Array(address.utf8)))
    guard DurableFile.exists(path), let json = try? JSONValue(parsing: try DurableFile.read(path, maximumBytes: 1 << 16)), json["parcel"]?.string == parcel,
      case .object(let members) = json["steps"]
    else { return }
    for (name, step) in members {
      if let name = PlainName(name), let step = step.string.flatMap(HandoverStep.init(rawValue:)) { steps[name] = step }
    }
  }

  /// On the medium when it returns.
  mutating func note(_ name: PlainName, _ step: HandoverStep) throws {
    steps[name] = step
    let members = Dictionary(uniqueKeysWithValues: steps.map { ($0.key.text, JSONValue.string($0.value.rawValue)) })
    try DurableFile.write((["parcel": .string(parcel), "steps": .object(members)] as JSONValue).pretty, to: path, mode: 0o600)
  }
}
