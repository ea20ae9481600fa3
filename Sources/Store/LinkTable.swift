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

  /// What follows from the links of each entity, worked out when somebody asks.
  private final class Forests { var known: [Int: LinkForest] = [:] }

  let plan: LinkPlan
  /// By entity and key.
  private var links: [Int: [[UInt8]: RowLink]] = [:]
  private var forests = Forests()
  /// By patient: those of whom a row was replaced by one of this patient, and how many such links there are.
  private var sources: [[UInt8]: [[UInt8]: Int]] = [:]

  init(_ plan: LinkPlan) { self.plan = plan }

  var isEmpty: Bool { links.isEmpty }

  subscript(name: Name) -> RowLink? {
    get { links[name.entity]?[name.key] }
    set {
      if let old = self[name] { count(name, old, -1) }
      links[name.entity, default: [:]][name.key] = newValue
      if links[name.entity]?.isEmpty == true { links[name.entity] = nil }
      if let newValue { count(name, newValue, 1) }
      if !forests.known.isEmpty { forests = Forests() }
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
    let end = forest(entity).end(of: key, upTo: isWithdrawal ? LinkForest.always : instant)
    guard end != key, let parts = RowKey.parts(end) else { return }
    for (field, part) in zip(plan.entities[entity].keyFields, parts) { cells[field] = .value(part) }
  }

  /// The key that a reference means.
  func key(_ name: Name) -> [UInt8] { forest(name.entity).end(of: nested(name), upTo: LinkForest.all) }

  /// The key with the rows that its parts refer to.
  private func nested(_ name: Name) -> [UInt8] {
    let targets = plan.entities[name.entity].parts
    guard targets.contains(where: { $0 != nil }), let parts = RowKey.parts(name.key), parts.count == targets.count else { return name.key }
    return RowKey.encode(zip(parts, targets).map { part, target in target.map { key(.init(entity: $0, key: part)) } ?? part })
  }

  /// The links of an entity; targets are named by the rows that their parts refer to.
  private func forest(_ entity: Int) -> LinkForest {
    if let known = forests.known[entity] { return known }
    let own = (links[entity] ?? [:]).mapValues { link in
      var link = link
      link.target = nested(.init(entity: entity, key: link.target))
      return link
    }
    let forest = LinkForest(own)
    forests.known[entity] = forest
    return forest
  }

  // MARK: What a link changes

  /// The patients under whose numbers something was said that changes of the links of some of them may move: these patients and all whose
  /// links end there.
  func affected(by patients: Set<[UInt8]>) -> Set<[UInt8]> {
    var found = patients, waiting = Array(patients)
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
