import Core

/// An open element of a document and what becomes of it.
struct CDAFrame {
  enum Role {
    /// ClinicalDocument.
    case root
    /// Part of the header: kept to the end of the document.
    case header
    /// The component that holds the body.
    case bodyComponent
    case structuredBody
    /// A component inside the body: it holds one section.
    case component
    case section
    /// A child of a section that is neither entry nor component, and what is in it: kept to the end of the section.
    case sectionPart
    /// The `text` of a section: white space counts, and it may be left out when it is long.
    case narrative
    case entry
    /// Read and counted, not kept.
    case skipped
  }

  var role: Role
  /// Index in the arena, -1 when it is not kept.
  var node: Int32
  /// Where it ends, the arena goes back to here; nil for what stays.
  var mark: NodeArena.Mark?
  /// Nodes and bytes of the arena when it began.
  var nodesBefore = 0
  var bytesBefore = 0
  /// True for the element with which its role begins.
  var isTop = true

  /// True where text directly inside is data.
  var takesText: Bool {
    switch role {
    case .header, .sectionPart, .narrative, .entry: true
    case .root, .bodyComponent, .structuredBody, .component, .section, .skipped: false
    }
  }
}

/// The names by which a document's structure is told, as numbers.
struct CDANames {
  let document, component, structuredBody, nonXMLBody, section, entry, text, code, codeValue: Int32

  init(_ names: inout XMLNames) {
    document = names.number(of: "h:ClinicalDocument")
    component = names.number(of: "h:component")
    structuredBody = names.number(of: "h:structuredBody")
    nonXMLBody = names.number(of: "h:nonXMLBody")
    section = names.number(of: "h:section")
    entry = names.number(of: "h:entry")
    text = names.number(of: "h:text")
    code = names.number(of: "h:code")
    codeValue = names.number(of: "@code")
  }

  /// What a child is to its parent; a child of what is kept or skipped whole is the same.
  func role(of name: Int32, in parent: CDAFrame.Role) -> CDAFrame.Role {
    switch parent {
    case .root: name == component ? .bodyComponent : .header
    case .bodyComponent: name == structuredBody ? .structuredBody : name == nonXMLBody ? .skipped : .header
    case .structuredBody, .component: name == section ? .section : name == component ? .component : .skipped
    case .section: roleInSection(name)
    case .header, .sectionPart, .narrative, .entry, .skipped: parent
    }
  }

  private func roleInSection(_ name: Int32) -> CDAFrame.Role {
    switch name {
    case entry: .entry
    case component: .component
    case section: .section
    case text: .narrative
    default: .sectionPart
    }
  }
}
