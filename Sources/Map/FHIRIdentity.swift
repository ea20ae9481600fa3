import Core

/// The properties by which a resource is known, by number.
struct ResourceNumbers: Sendable {
  let resourceType, id, identifier, system, value, use, type, coding, code, reference, practitioner, resolved, address, excerptAddress, server: Int32
  let comparator, currency, numerator, denominator, low, high, start, end, unit, timestamp, modifierExtension, implicitRules: Int32

  init(_ names: inout NameTable) {
    resourceType = names.number("resourceType")
    id = names.number("id")
    identifier = names.number("identifier")
    system = names.number("system")
    value = names.number("value")
    use = names.number("use")
    type = names.number("type")
    coding = names.number("coding")
    code = names.number("code")
    reference = names.number("reference")
    practitioner = names.number("practitioner")
    resolved = names.number("resolve()")
    address = names.number("@fullUrl")
    excerptAddress = names.number("fullUrl")
    server = names.number("@server")
    comparator = names.number("comparator")
    currency = names.number("currency")
    numerator = names.number("numerator")
    denominator = names.number("denominator")
    low = names.number("low")
    high = names.number("high")
    start = names.number("start")
    end = names.number("end")
    unit = names.number("unit")
    timestamp = names.number("@timestamp")
    modifierExtension = names.number("modifierExtension")
    implicitRules = names.number("implicitRules")
  }
}

/// `id` of an Identifier, a Reference or a resource; see docs/decisions/020.
extension NodeReader {
  /// What a property says; blanks inside of it are the sender's.
  mutating func leaf(_ element: Int32) -> MapEvaluator.Reading {
    var text = text(element)
    if text.isEmpty, let names = numbers.resource { text = whole(element, names) }
    value += text
    return text.isEmpty ? .absent : .value
  }

  /// What a datatype of several parts says in one text: comparator and number of a Quantity, amount (and currency, where it is not
  /// USD) of a Money, both parts of a Ratio, both ends of a Range or Period, `>=3` of a Range that is open above.
  private func whole(_ element: Int32, _ names: ResourceNumbers) -> [UInt8] {
    if let number = child(names.value, of: element).map({ text($0) }) {
      let currency = child(names.currency, of: element).map { text($0) } ?? []
      let isForeign = !currency.isEmpty && !currency.elementsEqual("USD".utf8)
      return (child(names.comparator, of: element).map { text($0) } ?? []) + number + (isForeign ? [0x20] + currency : [])
    }
    for (first, last, between) in [(names.numerator, names.denominator, ":"), (names.low, names.high, "-"), (names.start, names.end, "/")] {
      let ends = [first, last].map { child($0, of: element) }
      var parts = ends.map { $0.map { part in text(part).isEmpty ? whole(part, names) : text(part) } ?? [] }
      guard parts.contains(where: { !$0.isEmpty }) else { continue }
      let units = ends.map { $0.map { unit(ofQuantity: $0, names) } ?? [] }
      // The parts of a ratio and ends of different units keep theirs; one that ends of a range share stands beside the text.
      let keepsUnits = first == names.numerator || (!units.contains([]) && units[0] != units[1])
      for part in parts.indices where keepsUnits && !parts[part].isEmpty && !units[part].isEmpty { parts[part] += [0x20] + units[part] }
      // A Range with one end is open at the other (FHIR R4, Range), and written as of documents.
      if first == names.low, parts.contains([]) { return parts[0].isEmpty ? Array("<=".utf8) + parts[1] : Array(">=".utf8) + parts[0] }
      return parts[0] + Array(between.utf8) + parts[1]
    }
    return []
  }

  /// As it is written, else its code; none where that is the number one (UCUM).
  private func unit(ofQuantity element: Int32, _ names: ResourceNumbers) -> [UInt8] {
    let unit = [names.unit, names.code].lazy.compactMap { name in self.child(name, of: element).map { self.text($0) } }.first { !$0.isEmpty } ?? []
    return unit.elementsEqual("1".utf8) ? [] : Array(unit)
  }

  /// Appends value, 0x1F and assigner.
  mutating func resourceIdentifier(_ element: Int32, _ names: ResourceNumbers) -> MapEvaluator.Reading {
    let found: Identity
    if child(names.resourceType, of: element) != nil {
      found = identity(ofResource: element, names, isContained: false)
    } else if child(names.reference, of: element) != nil || child(names.resolved, of: element) != nil || child(names.identifier, of: element) != nil {
      found = identity(ofReference: element, names)
    } else if child(names.value, of: element) != nil {
      found = identityOnServer(ofOwner: element, names) ?? identity(ofIdentifier: element, names)
    } else {
      return arena.nodes[Int(element)].count > 0 ? .failed(.requiredMissing) : .absent
    }
    guard case .known(let number, let assigner) = found else { return .failed(.requiredMissing) }
    // The sign between value and assigner is a control character.
    guard !(number + assigner).contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return .failed(.shapeInvalid) }
    value += number
    value.append(0x1F)
    value += assigner
    return .value
  }

  private enum Identity {
    case unknown
    case known([UInt8], by: [UInt8])
  }

  // MARK: Identifiers

  /// What a reference names is its id in a feed with a server, found or not, whichever of its identifiers a path picks; nil elsewhere.
  private func identityOnServer(ofOwner identifier: Int32, _ names: ResourceNumbers) -> Identity? {
    let owner = arena.nodes[Int(identifier)].parent
    guard owner >= 0, arena.nodes[Int(owner)].name == names.resolved, let address = child(names.reference, of: arena.nodes[Int(owner)].parent) else { return nil }
    guard case .known(let id, let base) = identity(ofAddress: text(address), names) else { return nil }
    return .known(id, by: base)
  }

  private func identity(ofIdentifier element: Int32, _ names: ResourceNumbers) -> Identity {
    guard let number = child(names.value, of: element).map({ text($0) }), !number.isEmpty, let system = child(names.system, of: element) else { return .unknown }
    return Self.identity(number, text(system))
  }

  /// An OID is written as documents write it, a URI in `value` stands for itself (FHIR R4, Datatypes, 2.24.0.14).
  private static func identity(_ number: [UInt8], _ system: [UInt8]) -> Identity {
    if system.elementsEqual("urn:ietf:rfc:3986".utf8) {
      let own = withoutScheme(number)
      return .known(own, by: own)
    }
    let assigner = assigners.first { system.elementsEqual($0.uri.utf8) }.map { Array($0.oid.utf8) } ?? withoutScheme(system)
    return assigner.isEmpty ? .unknown : .known(number, by: assigner)
  }

  private static func withoutScheme(_ system: [UInt8]) -> [UInt8] {
    for scheme in ["urn:oid:", "urn:uuid:"] where system.starts(with: scheme.utf8) { return Array(system.dropFirst(scheme.utf8.count)) }
    return system
  }

  private static let provider = "2.16.840.1.113883.4.6"
  private static let socialSecurity = "2.16.840.1.113883.4.1"
  private static let assigners: [(uri: String, oid: String)] = [
    ("http://hl7.org/fhir/sid/us-npi", provider), ("http://hl7.org/fhir/sid/us-ssn", socialSecurity),
    ("http://hl7.org/fhir/sid/us-medicare", "2.16.840.1.113883.4.572"), ("http://hl7.org/fhir/sid/us-mbi", "2.16.840.1.113883.4.927"),
  ]

  // MARK: References

  private func identity(ofReference element: Int32, _ names: ResourceNumbers) -> Identity {
    let address = child(names.reference, of: element).map { text($0) } ?? []
    if let target = child(names.resolved, of: element), case .known(let number, let assigner) = identity(ofResource: target, names, isContained: address.first == UInt8(ascii: "#")) {
      return .known(number, by: assigner)
    }
    if let logical = child(names.identifier, of: element), case .known(let number, let assigner) = identity(ofIdentifier: logical, names) { return .known(number, by: assigner) }
    if let named = Self.conditional(address) { return named }
    return identity(ofAddress: address, names)
  }

  /// `Type?identifier=system|value` (FHIR R4, RESTful API, 3.1.0.11.2).
  private static func conditional(_ address: [UInt8]) -> Identity? {
    guard let mark = address.firstIndex(of: UInt8(ascii: "?")) else { return nil }
    let query = String(decoding: address[(mark + 1)...], as: UTF8.self).replacing("%7C", with: "|").replacing("%7c", with: "|").replacing("%3A", with: ":").replacing("%2F", with: "/")
    guard query.hasPrefix("identifier="), !query.contains("&"), !query.contains("%") else { return .unknown }
    let parts = query.dropFirst(11).split(separator: "|", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty else { return .unknown }
    return identity(Array(parts[1].utf8), Array(parts[0].utf8))
  }

  /// Without the resource itself, an address identifies only where the feed says that ids are what its resources are known by.
  private func identity(ofAddress address: [UInt8], _ names: ResourceNumbers) -> Identity {
    guard let server = server(names), !address.isEmpty, address.first != UInt8(ascii: "#"), !address.starts(with: "urn:".utf8) else { return .unknown }
    guard let own = ResourceAddress(address) else { return .unknown }
    let base = own.base ?? root(names.address).flatMap { ResourceAddress($0)?.base } ?? server
    return .known(own.id, by: base + [UInt8(ascii: "/")] + own.type)
  }

  // MARK: Resources

  private func identity(ofResource element: Int32, _ names: ResourceNumbers, isContained: Bool) -> Identity {
    let type = child(names.resourceType, of: element).map { text($0) } ?? []
    let id = child(names.id, of: element).map { text($0) } ?? []
    let address = child(names.address, of: element).map { text($0) } ?? child(names.excerptAddress, of: element).map { text($0) } ?? []
    // Ids count within a type (FHIR R4, Resource, 2.27.3).
    let base = ResourceAddress(address)?.base, kind = [UInt8(ascii: "/")] + type
    if !isContained, !id.isEmpty, let server = server(names), !address.starts(with: "urn:".utf8) { return .known(id, by: (base ?? server) + kind) }
    if type.elementsEqual("PractitionerRole".utf8), let practitioner = child(names.practitioner, of: element) {
      let person = identity(ofReference: practitioner, names)
      if case .known = person { return person }
    }
    if let best = bestIdentifier(of: element, type, names) { return best }
    if !isContained, !id.isEmpty, let base { return .known(id, by: base + kind) }
    return !isContained && Self.isUUID(id) ? .known(id, by: Array("urn:uuid".utf8)) : .unknown
  }

  /// The medical record number of a patient, the NPI of a provider; else the first that is in use and no social security number; else the first.
  private func bestIdentifier(of element: Int32, _ type: [UInt8], _ names: ResourceNumbers) -> Identity? {
    let isPatient = type.elementsEqual("Patient".utf8)
    var first: Identity?, last: Identity?
    var node = arena.nodes[Int(element)].firstChild
    while node >= 0 {
      defer { node = arena.nodes[Int(node)].next }
      guard arena.nodes[Int(node)].name == names.identifier, case .known(let number, let assigner) = identity(ofIdentifier: node, names) else { continue }
      let own = Identity.known(number, by: assigner)
      if child(names.use, of: node).map({ text($0).elementsEqual("old".utf8) }) == true || assigner.elementsEqual(Self.socialSecurity.utf8) {
        last = last ?? own
        continue
      }
      if isPatient ? hasCode("MR", node, names) : assigner.elementsEqual(Self.provider.utf8) { return own }
      first = first ?? own
    }
    return first ?? last
  }

  private func hasCode(_ code: String, _ identifier: Int32, _ names: ResourceNumbers) -> Bool {
    guard let type = child(names.type, of: identifier) else { return false }
    var coding = arena.nodes[Int(type)].firstChild
    while coding >= 0 {
      if arena.nodes[Int(coding)].name == names.coding, let own = child(names.code, of: coding), text(own).elementsEqual(code.utf8) { return true }
      coding = arena.nodes[Int(coding)].next
    }
    return false
  }

  private static func isUUID(_ text: [UInt8]) -> Bool {
    text.count == 36 && text.indices.allSatisfy { index in
      if [8, 13, 18, 23].contains(index) { return text[index] == UInt8(ascii: "-") }
      return (0x30...0x39).contains(text[index]) || (0x41...0x46).contains(text[index] & 0xDF)
    }
  }

  // MARK: Nodes

  private func server(_ names: ResourceNumbers) -> [UInt8]? { root(names.server) }

  private func root(_ name: Int32) -> [UInt8]? { child(name, of: 0).map { text($0) } }

  /// The time of the Bundle as it was sent, where a value was taken from it.
  var bundleTime: [UInt8] { readsBundle ? numbers.resource.flatMap { root($0.timestamp) } ?? [] : [] }

  private func child(_ name: Int32, of element: Int32) -> Int32? {
    var child = arena.nodes[Int(element)].firstChild
    while child >= 0, arena.nodes[Int(child)].name != name { child = arena.nodes[Int(child)].next }
    return child < 0 ? nil : child
  }

  /// A property's own text, blanks at its ends cut.
  func text(_ element: Int32) -> [UInt8] {
    var text = arena.value(element)
    while let byte = text.first, MapEvaluator.isBlank(byte) { text.removeFirst() }
    while let byte = text.last, MapEvaluator.isBlank(byte) { text.removeLast() }
    return Array(text)
  }
}

/// `Type/id`, or `https://server/Type/id`, either with `/_history/version`.
struct ResourceAddress {
  var type: [UInt8]
  var id: [UInt8]
  /// Nil where the address is relative.
  var base: [UInt8]?

  init?(_ address: [UInt8]) {
    var parts = String(decoding: address, as: UTF8.self).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count > 3, parts[parts.count - 2] == "_history" { parts.removeLast(2) }
    guard parts.count >= 2, let id = parts.last, !id.isEmpty, FHIRTypes.holds(parts[parts.count - 2]) else { return nil }
    self.id = Array(id.utf8)
    type = Array(parts[parts.count - 2].utf8)
    guard parts.count > 2 else { return }
    guard parts.count >= 5, parts[0] == "http:" || parts[0] == "https:" else { return nil }
    base = Array(parts.dropLast(2).joined(separator: "/").utf8)
  }
}
