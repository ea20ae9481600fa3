/// Element and attribute names as numbers, in the spelling of `NodeArena`: `h:entry`, `sdtc:raceCode`, `@xsi:type`, `{uri}name`.
struct XMLNames {
  private(set) var texts: [String] = []
  private var numbers: [String: Int32] = [:]
  let limit: Int

  init(seed: [String], limit: Int) {
    self.limit = limit
    for name in seed { _ = number(of: name) }
  }

  var isOverLimit: Bool { texts.count > limit }

  mutating func number(of name: String) -> Int32 {
    if let known = numbers[name] { return known }
    let number = Int32(texts.count)
    texts.append(name)
    numbers[name] = number
    return number
  }

  static let longest = 256
  private static let namespaces = [
    "urn:hl7-org:v3": "h:", "urn:hl7-org:sdtc": "sdtc:", "http://www.w3.org/2001/XMLSchema-instance": "xsi:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
  ]

  /// - Parameter prefix: used where `uri` is nil: a prefix that certified products forget to declare means what it always means.
  static func element(_ local: String, uri: String?, prefix: String?) -> String {
    if let uri { return (namespaces[uri] ?? "{\(uri)}") + local }
    guard let prefix else { return "{}" + local }
    return prefix == "sdtc" || prefix == "xsi" ? "\(prefix):\(local)" : "{\(prefix)}\(local)"
  }

  static func attribute(_ local: String, uri: String?, prefix: String?) -> String {
    uri == nil && prefix == nil ? "@" + local : "@" + element(local, uri: uri, prefix: prefix)
  }
}
