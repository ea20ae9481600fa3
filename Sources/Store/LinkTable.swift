import Core

/// A row was replaced by another one.
struct RowLink: Equatable {
  /// The key of the other row.
  var target: [UInt8]
  /// The event time of the message that says so.
  var since: Int
  /// One record under another number: what was said of it before counts for the other too.
  var takesAll: Bool
}

/// Which rows were replaced by which, and what that makes of a row that a message names.
///
/// - A reference to a row that was replaced is one to the row at the end of the chain, whenever it was said.
/// - What a message says of the replaced row itself counts for the other one from the link's event time on; before that it stays where it was said.
/// - Of links that go round in a circle the oldest does not hold; where several are the oldest, none of them does.
///
/// It depends on the links alone, so that any order of arrival gives the same rows.
struct LinkTable {
  struct Name: Hashable {
    var entity: Int
    var key: [UInt8]
  }

  /// No chain of real merges is as long; what lies beyond stays as it is.
  private static let longest = 1_000

  let plan: LinkPlan
  private var links: [Name: RowLink] = [:]
  /// By patient: those of whom a row was replaced by one of this patient, and how many such links there are.
  private var sources: [[UInt8]: [[UInt8]: Int]] = [:]

  init(_ plan: LinkPlan) { self.plan = plan }

  var isEmpty: Bool { links.isEmpty }

  subscript(name: Name) -> RowLink? {
    get { links[name] }
    set {
      if let old = links[name] { count(name, old, -1) }
      links[name] = newValue
      if let newValue { count(name, newValue, 1) }
    }
  }

  private mutating func count(_ name: Name, _ link: RowLink, _ change: Int) {
    guard let from = patient(of: name), let to = patient(of: .init(entity: name.entity, key: link.target)) else { return }
    let sum = sources[to]?[from, default: 0] ?? 0
    sources[to, default: [:]][from] = sum + change > 0 ? sum + change : nil
  }

  // MARK: What a row becomes

  /// The cells of a row as it counts; nil where it counts as it was said.
  func moved(_ entity: Int, _ said: [StoredCell], at instant: Int, isWithdrawal: Bool) -> [StoredCell]? {
    if links.isEmpty { return nil }
    var cells = said
    for reference in plan.entities[entity].references {
      guard let key = said[reference.field].bytes else { continue }
      cells[reference.field] = .value(self.key(.init(entity: reference.target, key: key)))
    }
    for belonging in plan.entities[entity].belongings { follow(belonging, said, &cells) }
    if plan.entities[entity].replacedBy != nil, !plan.isLink(entity, said) { replace(entity, at: instant, isWithdrawal, &cells) }
    return cells == said ? nil : cells
  }

  /// What was said together with a row and its owner goes with the row to another owner.
  private func follow(_ belonging: LinkPlan.Belonging, _ said: [StoredCell], _ cells: inout [StoredCell]) {
    guard let before = Self.part(belonging.part, said[belonging.field]), before == said[belonging.owner].bytes,
      let after = Self.part(belonging.part, cells[belonging.field])
    else { return }
    cells[belonging.owner] = .value(after)
  }

  private static func part(_ part: Int, _ cell: StoredCell) -> [UInt8]? {
    guard let key = cell.bytes, let parts = RowKey.parts(key), parts.indices.contains(part) else { return nil }
    return parts[part]
  }

  private func replace(_ entity: Int, at instant: Int, _ isWithdrawal: Bool, _ cells: inout [StoredCell]) {
    guard let key = plan.key(entity, cells) else { return }
    let end = self.end(of: .init(entity: entity, key: key)) { $0.takesAll || (!isWithdrawal && $0.since <= instant) }
    guard end.key != key, let parts = RowKey.parts(end.key) else { return }
    for (field, part) in zip(plan.entities[entity].keyFields, parts) { cells[field] = .value(part) }
  }

  /// The key that a reference means.
  func key(_ name: Name) -> [UInt8] { end(of: Name(entity: name.entity, key: nested(name))) { _ in true }.key }

  /// The key with the rows that its parts refer to.
  private func nested(_ name: Name) -> [UInt8] {
    let targets = plan.entities[name.entity].parts
    guard targets.contains(where: { $0 != nil }), let parts = RowKey.parts(name.key), parts.count == targets.count else { return name.key }
    return RowKey.encode(zip(parts, targets).map { part, target in target.map { key(.init(entity: $0, key: part)) } ?? part })
  }

  private func end(of name: Name, where counts: (RowLink) -> Bool) -> Name {
    var name = name
    for _ in 0..<Self.longest {
      guard let link = links[name], counts(link), holds(name, link) else { break }
      name = next(name, link)
    }
    return name
  }

  private func next(_ name: Name, _ link: RowLink) -> Name { Name(entity: name.entity, key: nested(.init(entity: name.entity, key: link.target))) }

  /// False for the oldest link of a circle.
  private func holds(_ name: Name, _ own: RowLink) -> Bool {
    var at = next(name, own), oldest = own.since
    for _ in 0..<Self.longest {
      if at == name { return own.since > oldest }
      guard let link = links[at] else { break }
      oldest = min(oldest, link.since)
      at = next(at, link)
    }
    return true
  }

  // MARK: What a link changes

  /// The patients under whose numbers something was said that a change of the links of one of them may move: the patient and all
  /// whose links end there.
  func affected(by patient: [UInt8]) -> Set<[UInt8]> {
    var found: Set = [patient], waiting = [patient]
    while let next = waiting.popLast() {
      for source in (sources[next] ?? [:]).keys where found.insert(source).inserted { waiting.append(source) }
    }
    return found
  }

  /// Whose row it is.
  func patient(of name: Name) -> [UInt8]? {
    if name.entity == plan.patient { return name.key }
    guard let part = plan.entities[name.entity].parts.firstIndex(of: plan.patient), let parts = RowKey.parts(name.key), parts.indices.contains(part) else { return nil }
    return parts[part]
  }
}
