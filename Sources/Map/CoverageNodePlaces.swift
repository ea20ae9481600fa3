import Core

/// The places of documents as a tree of names: what stands where, and how it is called in a report.
struct NodePlaces: Sendable {
  struct Place: Sendable {
    /// `header`, or the LOINC code of the section.
    var scope: String
    /// From the entry down: `h:entry/h:observation/h:value/@code`.
    var path: String
    /// The last step of the path.
    var name: String
    var depth: Int32
    /// `h:text` and `h:templateId`: what is below is not told apart.
    var isLeaf = false
  }

  private static let limit = 8_192
  private static let deepest = 24
  /// Attributes that say what kind of element it is.
  private static let structure: Set<String> = ["@classCode", "@moodCode", "@typeCode", "@contextControlCode", "@contextConductionInd", "@ID"]

  /// What mappings read or ignore; with the names of the standard these alone are shown.
  private let own: Set<String>
  private(set) var list: [Place] = []
  private var roots: [String: Int32] = [:]
  private var names: [String: Int32] = [:]
  /// The names of the document at hand, by its own numbers; -1 where not looked up yet.
  private var known: [Int32] = []
  /// Parent and name of a place, as one number, and the place; free where the place is below zero.
  private var slots = [(key: UInt64, place: Int32)](repeating: (0, -1), count: 32_768)
  /// How many places there may be before the next drop.
  private var room = Self.limit

  init(own: Set<String>) { self.own = own }

  /// Begins a drop. True where the table was full and begins anew.
  mutating func begin() -> Bool {
    let isFull = list.count > Self.limit || names.count > Self.limit
    if isFull { self = Self(own: own) }
    room = list.count + Self.limit
    return isFull
  }

  mutating func beginDocument() { known.removeAll(keepingCapacity: true) }

  func name(_ place: Int) -> String { list[place].name }

  /// The place under which those of a scope stand.
  mutating func root(of scope: String) -> Int32 {
    if let known = roots[scope] { return known }
    list.append(Place(scope: scope, path: "", name: "", depth: 0))
    roots[scope] = Int32(truncatingIfNeeded: list.count - 1)
    return Int32(truncatingIfNeeded: list.count - 1)
  }

  /// The place of a name below another; -1 where it is left out. `names` are those of the document.
  mutating func place(_ parent: Int32, _ name: Int32, _ names: [String]) -> Int32 {
    let number = intern(name, names)
    let key = UInt64(UInt32(bitPattern: parent)) << 32 | UInt64(UInt32(bitPattern: number))
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 49)
    while slots[slot].place >= 0 {
      if slots[slot].key == key { return slots[slot].place }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard let new = add(Int(parent), names[Int(name)]) else { return -1 }
    slots[slot] = (key, new)
    return new
  }

  private mutating func add(_ parent: Int, _ text: String) -> Int32? {
    let above = list[parent]
    guard list.count < room, above.depth < Self.deepest, !above.isLeaf, !Self.structure.contains(text) else { return nil }
    let name = shown(text)
    list.append(
      Place(
        scope: above.scope, path: above.path.isEmpty ? name : above.path + "/" + name, name: name, depth: above.depth + 1,
        isLeaf: name == "h:text" || name == "h:templateId"))
    return Int32(truncatingIfNeeded: list.count - 1)
  }

  private mutating func intern(_ name: Int32, _ texts: [String]) -> Int32 {
    while known.count <= Int(name) { known.append(-1) }
    if known[Int(name)] < 0 {
      let text = shown(texts[Int(name)])
      let number = names[text] ?? Int32(truncatingIfNeeded: names.count)
      names[text] = number
      known[Int(name)] = number
    }
    return known[Int(name)]
  }

  /// Any other name may be a person's, and stands as `*`.
  private func shown(_ name: String) -> String { own.contains(name) || CDANames.holds(name) ? name : "*" }
}
