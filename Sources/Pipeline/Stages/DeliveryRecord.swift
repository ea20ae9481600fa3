import Core
import Extract
import Trust

/// `delivery.json` beside a manifest: what differs from one attempt to the next. The close adds checkpoint and proof.
enum DeliveryRecord {
  static func read(_ outbox: String) throws -> JSONValue? {
    guard DurableFile.exists(outbox + "/delivery.json") else { return nil }
    return try? JSONValue(parsing: try DurableFile.read(outbox + "/delivery.json", maximumBytes: 1 << 20))
  }

  static func write(_ record: JSONValue, _ outbox: String) throws {
    try DurableFile.write(record.pretty, to: outbox + "/delivery.json", mode: 0o640)
  }

  /// Adds the signed checkpoint and the inclusion proof of the delivery's audit entry, so that each consumer is a witness.
  static func addProofs(_ context: StageContext) throws {
    guard let checkpoint = try context.audit.lastCheckpoint(try context.keys.verifyingKey(.auditSigning)) else { return }
    for consumer in context.consumers {
      let outbox = context.site.folder.outbox(consumer, context.night)
      guard case .object(var members) = try read(outbox), let index = members["audit_entry"]?.integer, index < checkpoint.size else { continue }
      let proof = try context.audit.inclusionProof(index, under: checkpoint)
      members["checkpoint"] = .string(String(decoding: try DurableFile.read(context.audit.checkpointPath, maximumBytes: 4_096), as: UTF8.self))
      members["proof"] = .array(proof.path.map { .string(Hex.text($0)) })
      try write(.object(members), outbox)
    }
  }
}
