extension MappedMessage {
  /// Says of every finding from which member of a container it came, by number; names of members may be names of people. 0 is no container.
  public mutating func place(inMember member: Int) {
    guard member > 0 else { return }
    switch verdict {
    case .held(let finding): verdict = .held(finding.placed(inMember: member))
    case .rejected(let finding): verdict = .rejected(finding.placed(inMember: member))
    case .rows, .filtered: break
    }
    for index in heldRows.indices { heldRows[index].finding = heldRows[index].finding.placed(inMember: member) }
    for index in findings.indices { findings[index] = findings[index].placed(inMember: member) }
  }
}

extension Finding {
  /// `member 2, PID-3`; what names its member already stays.
  public func placed(inMember member: Int) -> Finding {
    let path = position.path, mark = "member \(member)"
    guard path != mark, !path.hasPrefix(mark + ", ") else { return self }
    var finding = self
    finding.position.path = path.isEmpty ? mark : mark + ", " + path
    return finding
  }
}
