import Core
import Exchange
import Trust

/// Connections of a run, each made of a file of `partners/`; there is no other way to one.
enum PartnerConnections {
  /// A connector to a folder of a partner's, and how often it may be tried.
  static func connector(_ name: String, path: (own: String, aside: String?), _ context: StageContext) throws -> (connector: SFTPConnector, patience: SessionPatience) {
    guard let partner = context.site.partners.first(where: { $0.name == name }) else {
      throw PipelineError("PIP-120", .configuration, "the partner '\(name)' has no file in partners/", hint: "A connection that has no file cannot be opened.")
    }
    let connector = try SFTPConnector(
      partner.connection.name, among: context.site.partners.map(\.connection), variable: context.site.folder.variable, path: path, night: context.night,
      today: Clock.today(in: context.site.configuration.zone))
    var patience = SessionPatience()
    patience.attempts = partner.connection.limits.attempts
    return (connector, patience)
  }
}
