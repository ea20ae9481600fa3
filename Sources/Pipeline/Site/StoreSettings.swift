import Core
import Store

/// `store:` and `postgresql:` of `site.yaml`: what the store is built on. Names only; a password stands in the account's pass file or service file.
enum StoreSettings {
  private static let keyNames = ["service", "host", "port", "database", "role", "owner", "schema"]

  static func read(_ root: OutlineNode, site: String, _ folder: SiteFolder) throws(ConfigurationError) -> StorePlace {
    let store = try root.optional("store", code: "CFG-102") ?? "sqlite"
    switch store {
    case "sqlite":
      if let other = root["postgresql"] {
        throw ConfigurationError(
          "CFG-107", "'postgresql' is not read, because the store is sqlite", hint: "Say 'store: postgresql', or take it out.", at: other)
      }
      return .sqlite(path: folder.store)
    case "postgresql": return .postgresql(try place(root["postgresql"] ?? root, site), folder: folder.variable + "/store")
    default: throw ConfigurationError("CFG-103", "'\(store)' is not a store of this version", hint: "Legal: sqlite, postgresql.", at: root["store"] ?? root)
    }
  }

  private static func place(_ node: OutlineNode, _ site: String) throws(ConfigurationError) -> PostgresPlace {
    if node["store"] != nil {
      throw ConfigurationError(
        "CFG-108", "the store is postgresql, and nothing says where", hint: "postgresql: {host: /run/postgresql, database: compline}", at: node)
    }
    try node.allow(keyNames, code: "CFG-101")
    let place = PostgresPlace(
      schema: try name("schema", node) ?? String(site.map { $0 == "-" ? "_" : $0 }), service: try node.optional("service", code: "CFG-102"),
      host: try node.optional("host", code: "CFG-102"), port: try node.optional("port", code: "CFG-102"),
      database: try node.optional("database", code: "CFG-102"), role: try node.optional("role", code: "CFG-102"), owner: try name("owner", node))
    guard PostgresPlace.isName(place.schema) else { throw notAName(place.schema, "schema", node) }
    guard place.service != nil || (place.host != nil && place.database != nil) else {
      throw ConfigurationError("CFG-108", "the server is not named", hint: "Name 'service', or 'host' and 'database'.", at: node)
    }
    return place
  }

  private static func name(_ key: String, _ node: OutlineNode) throws(ConfigurationError) -> String? {
    guard let text = try node.optional(key, code: "CFG-102") else { return nil }
    guard PostgresPlace.isName(text) else { throw notAName(text, key, node) }
    return text
  }

  private static func notAName(_ text: String, _ key: String, _ node: OutlineNode) -> ConfigurationError {
    ConfigurationError(
      "CFG-109", "'\(text)' cannot be the \(key)", hint: "Use lower-case letters, digits and underscores, a letter first, at most 63.", at: node[key] ?? node)
  }
}
