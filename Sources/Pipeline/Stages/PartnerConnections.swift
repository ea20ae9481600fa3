import Core
import Exchange
import Trust

/// Connections of a run, each made of a file of `partners/`; there is no other way to one.
enum PartnerConnections {
  /// A connector to a folder of a partner's, and how often it may be tried.
  static func connector(_ name: String, path: (own: String, aside: String?), _ site: Site) throws -> (connector: SFTPConnector, patience: SessionPatience) {
    guard let partner = site.partners.first(where: { $0.name == name }) else {
      throw PipelineError("PIP-120", .configuration, "the partner '\(name)' has no file in partners/", hint: "A connection that has no file cannot be opened.")
    }
    // Who is turned away tonight is not let in for another night either: it is today that counts, whatever night is worked on.
    let today = Clock.today(in: site.configuration.zone)
    let connector = try SFTPConnector(
      partner.connection.name, among: site.partners.map(\.connection), variable: site.folder.variable, path: path, night: today, today: today)
    var patience = SessionPatience()
    let limits = partner.connection.limits
    (patience.attempts, patience.fileSeconds, patience.totalSeconds) = (limits.attempts, limits.totalSeconds, limits.sessionSeconds)
    return (connector, patience)
  }
}
