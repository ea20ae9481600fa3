public import Core
public import Trust

/// `var/partners/NAME.json`: when a partner last let us in, and whether it turned us away tonight. No secret, nothing of a file.
public struct PartnerMemory: Sendable, Equatable {
  /// Why a partner is not tried again.
  public struct Refusal: Sendable, Equatable {
    public let night: BusinessDate
    /// The code of the error, like EXC-404.
    public let code: String
    /// Hex; another one means that somebody changed the connection.
    public let settings: String
  }

  /// Seconds since 1970; nil where it never did.
  public internal(set) var lastSuccess: Int?
  public internal(set) var refusal: Refusal?

  /// What is remembered in `var/partners` of a partner; nothing where the file is missing or is none of ours.
  public init(of partner: PlainName, in folder: String) {
    guard let bytes = try? DurableFile.read(Self.path(partner, folder), maximumBytes: 1 << 16), let value = try? JSONValue(parsing: bytes) else { return }
    lastSuccess = value["last_success"]?.integer
    guard let refused = value["refused"], let night = refused["night"]?.string.flatMap({ BusinessDate($0) }), let code = refused["code"]?.string, let settings = refused["settings"]?.string
    else { return }
    refusal = Refusal(night: night, code: code, settings: settings)
  }

  func write(of partner: PlainName, in folder: String) throws {
    var members: [String: JSONValue] = ["partner": .string(partner.text), "last_success": lastSuccess.map { .integer($0) } ?? .null]
    if let refusal {
      members["refused"] = .object(["night": .string(refusal.night.description), "code": .string(refusal.code), "settings": .string(refusal.settings)])
    }
    try DurableFile.makeDirectory(folder, mode: 0o700)
    try DurableFile.write(JSONValue.object(members).pretty, to: Self.path(partner, folder), mode: 0o600)
  }

  private static func path(_ partner: PlainName, _ folder: String) -> String { folder + "/" + partner.text + ".json" }
}
