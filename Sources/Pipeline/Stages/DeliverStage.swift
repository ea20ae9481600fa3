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
    var notes = try HandoverNotes(in: context.site.folder.outbox(consumer.consumer, context.night), of: release.manifest, to: ConsumerPlaces.address(consumer.delivery.place, context.site.partners, context.site.folder))
    var parcel = HandoverParcel(files: try files(release, consumer), proof: consumer.delivery.readsBack ? .content : .size, steps: notes.steps) { name, step in
      // Nothing more is handed over for a run that is gone.
      try context.tenure.check()
      if step == .naming { try refuseSuspended(consumer, context) }
      try notes.note(name, step)
    }
    _ = try ConsumerPlaces.delivery(to: consumer, context).deliver(&parcel)
    return .closed
  }

  /// What lies under a temporary name when a person stops the consumer stays without its name.
  private static func refuseSuspended(_ consumer: ConsumerFile, _ context: StageContext) throws {
    guard try Suspensions.read(context.site.folder).holds(.consumer, consumer.consumer) else { return }
    throw PipelineError("PIP-506", .waiting, "consumer \(consumer.consumer) was suspended while it was being served", hint: "compline resume \(consumer.consumer) lets the delivery go on where it stopped.")
  }

  /// Data, manifest, signature, marker: who sees one may rely on those before it.
  private static func files(_ release: ExtractRelease, _ consumer: ConsumerFile) throws -> [DeliveryFile] {
    let totals = SealedFileTotals(sha256: Hex.bytes(release.sha256) ?? [], byteCount: release.byteCount)
    let data = DeliveryFile(name: try name(release.dataName), totals: totals) { sink in try release.forEachChunk(sink) }
    let marker = try consumer.delivery.markerName(for: release.dataName).map { try DeliveryFile(name: try name($0), bytes: []) }
    return [
      data, try DeliveryFile(name: try name(release.manifestName), bytes: release.manifest),
      try DeliveryFile(name: try name(release.signatureName), bytes: release.signature),
    ] + (marker.map { [$0] } ?? [])
  }

  private static func name(_ text: String) throws -> PlainName {
    guard let name = PlainName(text) else { throw PipelineError("PIP-504", .configuration, "a consumer's file name is not a plain name") }
    return name
  }
}

/// Where the files of a consumer go and come from.
enum ConsumerPlaces {
  static func delivery(to consumer: ConsumerFile, _ context: StageContext) throws -> Delivery {
    guard let name = PlainName(consumer.consumer) else { throw PipelineError("PIP-503", .configuration, "a consumer's name cannot stand in the audit") }
    switch consumer.delivery.place {
    case .folder(let path): return Delivery(toFolder: context.site.folder.resolve(path), consumer: name)
    case .partner(let partner, let path):
      let (connector, patience) = try PartnerConnections.connector(partner, path: (path, nil), context.site)
      return Delivery(to: connector, patience: patience, clock: PullStage.machineClock, consumer: name)
    }
  }

  /// A place with all that decides where it is: a consumer that is served elsewhere is served anew.
  static func address(_ place: ConsumerFile.Place, _ partners: [PartnerFile], _ site: SiteFolder) -> String {
    guard case .partner(let name, _) = place, let partner = partners.first(where: { $0.name == name }) else { return text(place, site) }
    return "\(text(place, site)) \(partner.connection.user)@\(partner.connection.host):\(partner.connection.port)"
  }

  /// How `delivery.json` and the summary name the place of a file.
  static func text(_ place: ConsumerFile.Place, _ site: SiteFolder) -> String {
    switch place {
    case .folder(let path): site.resolve(path)
    case .partner(let partner, let path): "sftp:\(partner):\(path)"
    }
  }
}
