public import Core
public import Trust

/// An extract on its way out: verified whole, and open only chunk by chunk.
public final class ExtractRelease {
  /// The names under which the three parts are delivered.
  public let dataName: String
  public var manifestName: String { dataName + ".manifest.json" }
  public var signatureName: String { dataName + ".manifest.json.sig" }
  public let manifest: [UInt8]
  /// Ed25519 over the manifest's bytes, 64 bytes.
  public let signature: [UInt8]
  /// SHA-256 of the plain text, hex.
  public let sha256: String
  public let byteCount: Int
  private let reader: SealedFileReader

  init(claim: ReleaseClaim, reader: SealedFileReader) {
    dataName = claim.name
    manifest = claim.manifest
    signature = claim.signature
    sha256 = claim.sha256
    byteCount = claim.byteCount
    self.reader = reader
  }

  /// The plain text, in order; may be called again.
  public func forEachChunk(_ body: ([UInt8]) throws -> Void) throws { try reader.forEachChunk(body) }
}

/// Whether an extract may leave.
public enum ReleaseDecision {
  case permitted(ExtractRelease)
  case refused(AgreementGate.Refusal)
}

/// What a signed manifest says of its file.
struct ReleaseClaim {
  var name: String
  var sha256: String
  var byteCount: Int
  var revision: Int
  var manifest: [UInt8]
  var signature: [UInt8]
}

extension Outbox {
  /// Asks the gate again, checks the manifest's signature and the whole sealed file against it, then opens it.
  ///
  /// - Throws: `ExtractError` EXT-501 when content, signature or manifest do not agree, EXT-502 for another form; `TrustError` for files and seals.
  public func release(
    _ consumer: ConsumerFile, agreement: AgreementFile?, night: BusinessDate, deliveryDate: BusinessDate, keys: ReleaseKeys
  ) throws -> ReleaseDecision {
    let decision = AgreementGate.decide(consumer, agreement: agreement, businessDate: night, deliveryDate: deliveryDate)
    if case .refused(let refusal) = decision { return .refused(refusal) }
    let claim = try claim(of: consumer.consumer, night, verifyingKey: keys.manifest)
    let file = try OpenFile.reading(sealedPath(consumer.consumer, night, revision: claim.revision))
    let identity = try identity(consumer.consumer, night, key: keys.outbox)
    let reader = try SealedFileReader(file, expecting: identity, unwrap: .shared(keys.outbox))
    let totals = try reader.verify()
    guard Hex.text(totals.sha256) == claim.sha256, totals.byteCount == claim.byteCount else { throw ExtractError.contentChanged() }
    return .permitted(ExtractRelease(claim: claim, reader: reader))
  }

  private func claim(of consumer: String, _ night: BusinessDate, verifyingKey: VerifyingKey) throws -> ReleaseClaim {
    let folder = folder(of: consumer, night: night)
    let manifest = try DurableFile.read(folder + "/" + Self.manifestName, maximumBytes: Self.maximumManifestBytes)
    let signature = try DurableFile.read(folder + "/" + Self.signatureName, maximumBytes: 64)
    guard try verifyingKey.verify(signature, of: manifest) else { throw ExtractError.contentChanged() }
    guard let json = try? JSONValue(parsing: manifest), let file = json["files"]?.array?.first, let name = file["name"]?.string,
      let sha256 = file["sha256"]?.string, let byteCount = file["bytes"]?.integer, let revision = json["revision"]?.integer
    else { throw ExtractError.manifestUnreadable() }
    guard json["consumer"]?.string == consumer, json["night"]?.string == night.description else { throw ExtractError.contentChanged() }
    return ReleaseClaim(name: name, sha256: sha256, byteCount: byteCount, revision: revision, manifest: manifest, signature: signature)
  }
}

/// What a release needs: the outbox key to open, the public half of the manifest key to verify.
public struct ReleaseKeys: Sendable {
  public let outbox: SecretKey
  public let manifest: VerifyingKey

  public init(outbox: SecretKey, manifest: VerifyingKey) {
    self.outbox = outbox
    self.manifest = manifest
  }
}
