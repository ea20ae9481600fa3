import Core

/// What an element of a document is to the reader.
enum CDARole {
  /// ClinicalDocument.
  case root
  /// Part of the header: kept to the end of the document.
  case header
  /// The component that holds the body.
  case bodyComponent
  case structuredBody
  /// The body of a document without structure.
  case nonXMLBody
  /// A component inside the body: it holds one section.
  case component
  case section
  /// A child of a section that is neither entry nor component, and what is in it: kept to the end of the section.
  case sectionPart
  /// The `text` of a section: white space counts, and it may be left out when it is long.
  case narrative
  case entry
  /// The `text` of a `nonXMLBody`: it goes out as an attachment.
  case attachment
  /// Read and counted, not kept.
  case skipped

  /// True for elements whose children have roles of their own; what is in the others is all of one role.
  var isStructure: Bool {
    switch self {
    case .root, .bodyComponent, .structuredBody, .nonXMLBody, .component, .section: true
    case .header, .sectionPart, .narrative, .entry, .attachment, .skipped: false
    }
  }
}

/// An open element of a document's structure.
struct CDAFrame {
  var role: CDARole
  /// Index in the arena, -1 when it is not kept.
  var node: Int32
  /// Where it ends, the arena goes back to here; nil for what stays.
  var mark: NodeArena.Mark?
  var tally = CDASectionState()
}

/// An element that is kept or passed over whole, while the document is inside it.
struct CDARun {
  var role = CDARole.skipped
  /// Elements open inside, itself included; 0 when there is none.
  var depth = 0
  /// The element with which it begins, -1 when it is not kept.
  var top: Int32 = -1
  /// The element that is open last.
  var node: Int32 = -1
  /// Where the arena goes back to when it is left out or over.
  var mark: NodeArena.Mark?
  /// Nodes and bytes that the arena may have while it is open.
  var nodeLimit = Int.max
  var byteLimit = Int.max
}

/// What tells whether a section says anything.
struct CDASectionState {
  var hasEntries = false
  var hasText = false
  var isNull = false
}

extension SectionTally {
  mutating func add(_ section: CDASectionState) {
    if section.isNull { missing += 1 } else if section.hasEntries { present += 1 } else if section.hasText { narrativeOnly += 1 } else { empty += 1 }
  }
}

/// The names by which a document's structure is told, as numbers.
struct CDANames {
  let document, component, structuredBody, nonXMLBody, section, entry, text, code, codeValue, reference, thumbnail: Int32
  let anchor, nullFlavor, value, mediaType, representation, compression: Int32

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
    reference = names.number(of: "h:reference")
    thumbnail = names.number(of: "h:thumbnail")
    anchor = names.number(of: "@ID")
    nullFlavor = names.number(of: "@nullFlavor")
    value = names.number(of: "@value")
    mediaType = names.number(of: "@mediaType")
    representation = names.number(of: "@representation")
    compression = names.number(of: "@compression")
  }

  /// What a child is to a part of the structure.
  func role(of name: Int32, in parent: CDARole) -> CDARole {
    switch parent {
    case .root: name == component ? .bodyComponent : .header
    case .bodyComponent: name == structuredBody ? .structuredBody : name == nonXMLBody ? .nonXMLBody : .header
    case .nonXMLBody: name == text ? .attachment : .skipped
    case .structuredBody, .component: name == section ? .section : name == component ? .component : .skipped
    case .section: roleInSection(name)
    case .header, .sectionPart, .narrative, .entry, .attachment, .skipped: parent
    }
  }

  private func roleInSection(_ name: Int32) -> CDARole {
    switch name {
    case entry: .entry
    case component: .component
    case section: .section
    case text: .narrative
    default: .sectionPart
    }
  }
}
