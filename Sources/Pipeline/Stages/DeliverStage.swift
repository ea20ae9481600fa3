import Core
import Exchange
import Extract
import Trust

/// Hands over what lies in the outbox. It holds the outbox key and the public half of the manifest key; no store, no columns.
enum DeliverStage {
  static func run(_ context: StageContext) throws -> ExitCode {
    var outcomes: [ExitCode] = []
    for consumer in context.site.consumers where context.consumers.contains(consumer.consumer) {
      outcomes.append(try deliver(consumer, context))
    }
    return ExitCode.worst(outcomes)
  }

  private static func deliver(_ consumer: ConsumerFile, _ context: StageContext) throws -> ExitCode {
    let keys = ReleaseKeys(outbox: try context.keys.load(.outbox), manifest: try context.keys.verifyingKey(.manifestSigning))
    let today = Clock.today(in: context.site.configuration.zone)
    let decision = try context.site.outbox().release(consumer, agreement: context.site.agreement(of: consumer), night: context.night, deliveryDate: today, keys: keys)
    guard case .permitted(let release) = decision else { return .waiting }
    try context.tenure.check()
    let data = DeliveryFile(name: try name(release.dataName), totals: SealedFileTotals(sha256: Hex.bytes(release.sha256) ?? [], byteCount: release.byteCount)) { sink in
      try release.forEachChunk(sink)
    }
    let target = FolderDelivery(folder: context.site.folder.resolve(consumer.delivery.folder), consumer: try name(consumer.consumer))
    _ = try target.deliver(
      data: [data], manifest: try DeliveryFile(name: try name(release.manifestName), bytes: release.manifest),
      signature: try DeliveryFile(name: try name(release.signatureName), bytes: release.signature))
    return .closed
  }

  private static func name(_ text: String) throws -> PlainName {
    guard let name = PlainName(text) else { throw PipelineError("PIP-504", .configuration, "a consumer's file name is not a plain name") }
    return name
  }
}
