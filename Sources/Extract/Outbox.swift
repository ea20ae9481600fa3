public import Core
public import Trust

/// The folder `var/outbox`: for each consumer and night the sealed extract, its manifest and the manifest's signature.
public struct Outbox: Sendable {
  /// Absolute path of `var/outbox`.
  public let folder: String
  public let site: PlainName

  public init(folder: String, site: PlainName) {
    self.folder = folder
    self.site = site
  }

  /// `OUTBOX/<consumer>/<night>`.
  public func folder(of consumer: String, night: BusinessDate) -> String { "\(folder)/\(consumer)/\(night)" }

  /// Path of the manifest below `var`, as the ledger and the statement name it.
  public static func ledgerPath(of consumer: String, night: BusinessDate) -> String { "outbox/\(consumer)/\(night)/\(manifestName)" }

  static let manifestName = "manifest.json"
  static let signatureName = "manifest.json.sig"
  /// A manifest is a few hundred bytes; anything near this is not one.
  static let maximumManifestBytes = 1 << 20

  func sealedPath(_ consumer: String, _ night: BusinessDate, revision: Int) -> String {
    folder(of: consumer, night: night) + "/extract-r\(revision).sealed"
  }

  /// The object id of the sealed file follows from what it is, so that whoever reads it knows which one to expect.
  func identity(_ consumer: String, _ night: BusinessDate, key: SecretKey) throws -> SealedFileIdentity {
    let code = try BlindIndex(key: try key.derived(for: "extract-object"), label: consumer).index(of: Array(night.description.utf8))
    guard let object = ObjectID(bytes: code) else { throw ExtractError.noIdentity() }
    return SealedFileIdentity(purpose: .outbox, site: site, object: object)
  }
}
