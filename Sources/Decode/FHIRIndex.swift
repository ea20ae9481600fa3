/// What a Bundle's references may name: for each resource that others refer to, an excerpt of it by its addresses, in bounded memory.
///
/// An excerpt is a JSON object of its own: type, id, address, identifiers, names and codes, as they were sent.
struct FHIRIndex {
  struct Target {
    /// In `excerpts`; -1 where two different resources claim the address.
    var excerpt: Int
    /// The address of its entry names a server.
    var isOfServer: Bool
  }

  private var targets: [[UInt8]: Target] = [:]
  private var excerpts: [[UInt8]] = []
  private(set) var byteCount = 0
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  static let longestExcerpt = 8_192

  /// Types that others refer to for what stands in an excerpt.
  static let types: Set<String> = [
    "Patient", "Encounter", "Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "ServiceRequest", "MedicationRequest", "Specimen",
    "RelatedPerson", "DocumentReference", "Composition", "Appointment", "Account", "Device", "Coverage",
  ]

  /// Remembers a resource under the address of its entry and under `Type/id`, unless there is no room.
  mutating func add(_ excerpt: [UInt8], fullURL: [UInt8], local: [UInt8]) {
    guard excerpt.count <= Self.longestExcerpt, byteCount + excerpt.count <= limit else { return }
    let isOfServer = FHIRAddress.base(of: fullURL) != nil
    let number = excerpts.count
    excerpts.append(excerpt)
    byteCount += excerpt.count + 128
    for address in [fullURL, local] where !address.isEmpty {
      if let known = targets[address] {
        if known.excerpt < 0 || excerpts[known.excerpt] != excerpt { targets[address]?.excerpt = -1 }
      } else {
        targets[address] = Target(excerpt: number, isOfServer: isOfServer)
      }
    }
  }

  /// The excerpt that a reference names from an entry (FHIR R4, Bundle, 3.1.6.1): an absolute address by itself, a relative one on the server of the
  /// entry's own address, else by type and id among the entries, where only one has them.
  func excerpt(_ reference: [UInt8], from fullURL: [UInt8]) -> [UInt8]? {
    let address = FHIRAddress.withoutVersion(reference)
    if FHIRAddress.isAbsolute(address) { return targets[address].flatMap { $0.excerpt < 0 ? nil : excerpts[$0.excerpt] } }
    let base = FHIRAddress.base(of: fullURL)
    if let base, let found = targets[base + [UInt8(ascii: "/")] + address] { return found.excerpt < 0 ? nil : excerpts[found.excerpt] }
    guard let found = targets[address], found.excerpt >= 0, base == nil || !found.isOfServer else { return nil }
    return excerpts[found.excerpt]
  }

  /// True where the resource may still come in the Bundle.
  static func mayCome(_ reference: [UInt8]) -> Bool {
    if reference.contains(UInt8(ascii: "?")) || reference.first == UInt8(ascii: "#") { return false }
    if reference.starts(with: "urn:".utf8) { return true }
    let parts = FHIRAddress.withoutVersion(reference).split(separator: UInt8(ascii: "/"))
    return parts.count >= 2 && types.contains(String(decoding: parts[parts.count - 2], as: UTF8.self))
  }
}

/// Addresses of resources (FHIR R4, References, 2.3.0.4): `Type/id`, `https://server/Type/id`, either with `/_history/version`; `urn:uuid:…`.
enum FHIRAddress {
  static func isAbsolute(_ address: [UInt8]) -> Bool {
    guard let colon = address.firstIndex(of: UInt8(ascii: ":")) else { return false }
    return !address[..<colon].contains(UInt8(ascii: "/"))
  }

  static func withoutVersion(_ address: [UInt8]) -> [UInt8] {
    let mark = Array("/_history/".utf8)
    guard address.count > mark.count else { return address }
    for at in 0...(address.count - mark.count) where address[at..<at + mark.count].elementsEqual(mark) { return Array(address[..<at]) }
    return address
  }

  /// The server of `https://server/Type/id`, or nil.
  static func base(of address: [UInt8]) -> [UInt8]? {
    guard address.starts(with: "http://".utf8) || address.starts(with: "https://".utf8) else { return nil }
    let parts = withoutVersion(address).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count >= 5, !parts[parts.count - 1].isEmpty, parts[parts.count - 2].first.map({ (0x41...0x5A).contains($0) }) == true else { return nil }
    return Array(parts[..<(parts.count - 2)].joined(separator: [UInt8(ascii: "/")]))
  }
}
