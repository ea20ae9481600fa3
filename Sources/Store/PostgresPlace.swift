/// Where a site's schema lies on PostgreSQL: names only. A password stands in the pass file or the service file of the account, never here.
public struct PostgresPlace: Sendable, Equatable {
  /// A section of the service file; its entries give what is not named here.
  public var service: String?
  /// The folder of the server's socket, or the name of a host. A host is reached by TLS whose certificate is verified in full.
  public var host: String?
  public var port: String?
  public var database: String?
  /// The role that logs in; by default the account's own name.
  public var role: String?
  /// The role that owns the tables and cannot log in; nil where the role that logs in does.
  public var owner: String?
  public var schema: String

  public init(
    schema: String, service: String? = nil, host: String? = nil, port: String? = nil, database: String? = nil, role: String? = nil, owner: String? = nil
  ) {
    self.schema = schema
    self.service = service
    self.host = host
    self.port = port
    self.database = database
    self.role = role
    self.owner = owner
  }

  /// Names of schemas and roles: lower-case letters, digits and underscores, at most 63. So they need no quoting anywhere.
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 63 && !(0x30...0x39).contains(text.utf8.first ?? 0x30)
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
  }

  /// What is asked of libpq. TLS, where there is any, is verified in full; a socket knows its caller.
  var parameters: [(name: String, value: String)] {
    let own = [("service", service), ("host", host), ("port", port), ("dbname", database), ("user", role)]
    return own.compactMap { name, value in value.map { (name, $0) } } + [
      ("sslmode", "verify-full"), ("gssencmode", "disable"), ("client_encoding", "UTF8"), ("application_name", "compline"),
      ("keepalives_idle", "30"), ("tcp_user_timeout", "60000"),
    ]
  }
}
