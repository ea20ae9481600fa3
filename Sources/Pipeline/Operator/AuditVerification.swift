import Core
import Trust

/// `compline audit verify`: the tree recomputed, the checkpoint's signature checked. Needs the public key only.
enum AuditVerification {
  static func run(_ path: String, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .audit)
    let audit = try AuditLog(folder: desk.site.folder.audit)
    let result = try audit.verify(try desk.keys.verifyingKey(.auditSigning))
    let after = result.size - result.checkpointedSize
    let value: JSONValue = ["size": .integer(result.size), "root": .string(Hex.text(result.root)), "after_checkpoint": .integer(after)]
    if json {
      Console.say(String(decoding: value.canonical, as: UTF8.self))
    } else {
      Console.say("audit    \(result.checkpointedSize) entries under the signed checkpoint, \(after) after it; nothing changed, left out or moved")
      Console.say("root     \(Hex.text(result.root))")
    }
    return .closed
  }
}
