import Core

/// A part of a CDA document as a tree: elements, attributes, text; or a FHIR resource: properties and their values.
///
/// Only names of the standard are shown: an element of another name could carry anything.
struct CDATree {
  let arena: NodeArena
  let view: ValueView
  private let isResource: Bool

  init(_ arena: NodeArena, _ view: ValueView) {
    isResource = arena.nodes.first.map { FHIRTypes.holds(arena.names[Int($0.name)]) } ?? false
    self.arena = arena
    self.view = view
  }

  func part(_ record: SourceRecord) -> TreePart {
    let code = switch record.part {
    case .message, .header: "header"
    case .entry: "entry"
    case .section: "section"
    case .resource: "resource"
    }
    return TreePart(code: code, name: "", occurrence: record.occurrence, byteOffset: nil, lines: lines(from: record.part == .header ? 0 : record.focus))
  }

  /// Depth first, without recursion: a document may be as deep as its limit.
  private func lines(from root: Int32) -> [TreeLine] {
    var lines: [TreeLine] = []
    var pending: [(node: Int32, depth: Int)] = [(root, 0)]
    while let (node, depth) = pending.popLast() {
      let entry = arena.nodes[Int(node)]
      if entry.kind == .text {
        lines.append(TreeLine(depth: depth, path: "text", value: view.text(Array(arena.value(node)))))
        continue
      }
      if isResource, entry.count > 0 {
        lines.append(TreeLine(depth: depth, path: Self.property(arena.names[Int(entry.name)]), value: view.text(Array(arena.value(node)))))
      } else {
        lines.append(TreeLine(depth: depth, path: isResource ? Self.property(arena.names[Int(entry.name)]) : CDAVocabulary.shown(arena.names[Int(entry.name)])))
      }
      lines += attributes(of: entry, depth + 1)
      pending += children(of: entry).reversed().map { ($0, depth + 1) }
    }
    return lines
  }

  /// In the order of the document; the arena links them backwards.
  private func attributes(of entry: NodeArena.Node, _ depth: Int) -> [TreeLine] {
    chain(from: entry.firstAttribute).reversed().map { attribute in
      let name = arena.names[Int(arena.nodes[Int(attribute)].name)]
      return TreeLine(depth: depth, path: CDAVocabulary.shown(name), value: view.text(Array(arena.value(attribute))))
    }
  }

  /// A property of the standard, and what the decoder itself put there; any other name could be a person's.
  private static func property(_ name: String) -> String {
    FHIRProperties.holds(name) || FHIRTypes.holds(name) || ["resolve()", "@fullUrl", "@server", "@timestamp", "@type"].contains(name) ? name : "*"
  }

  private func children(of entry: NodeArena.Node) -> [Int32] { chain(from: entry.firstChild) }

  private func chain(from first: Int32) -> [Int32] {
    var all: [Int32] = [], node = first
    while node >= 0 {
      all.append(node)
      node = arena.nodes[Int(node)].next
    }
    return all
  }
}

/// The names of elements and attributes that CDA R2, its narrative and its extensions define.
enum CDAVocabulary {
  /// A name of the standard without the prefix of its namespace, or that it is another.
  static func shown(_ name: String) -> String {
    let isAttribute = name.hasPrefix("@"), rest = isAttribute ? name.dropFirst() : name[...]
    let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let local = String(parts.last ?? ""), prefix = parts.count > 1 ? String(parts[0]) : ""
    guard ["", "h", "sdtc", "xsi", "xml"].contains(prefix), (isAttribute ? attributes : elements).contains(local) else { return isAttribute ? "@(other attribute)" : "(other element)" }
    return (isAttribute ? "@" : "") + (prefix.isEmpty || prefix == "h" ? "" : prefix + ":") + local
  }

  private static func words(_ text: String) -> Set<String> { Set(text.split(whereSeparator: \.isWhitespace).map(String.init)) }

  private static let elements = words(
    """
    ClinicalDocument realmCode typeId templateId id code title effectiveTime confidentialityCode languageCode setId versionNumber copyTime
    recordTarget author dataEnterer informant custodian informationRecipient legalAuthenticator authenticator participant inFulfillmentOf
    documentationOf relatedDocument authorization componentOf component nonXMLBody structuredBody section entry text
    patientRole patient guardian birthplace place languageCommunication providerOrganization guardianPerson guardianOrganization
    administrativeGenderCode birthTime maritalStatusCode religiousAffiliationCode raceCode ethnicGroupCode modeCode proficiencyLevelCode preferenceInd
    addr telecom name given family prefix suffix delimiter streetAddressLine city state postalCode county country houseNumber houseNumberNumeric
    direction streetName streetNameBase streetNameType additionalLocator unitID unitType careOf censusTract deliveryAddressLine deliveryInstallationType
    deliveryInstallationArea deliveryInstallationQualifier deliveryMode deliveryModeIdentifier buildingNumberSuffix postBox precinct useablePeriod
    assignedAuthor assignedPerson assignedAuthoringDevice representedOrganization assignedEntity assignedCustodian representedCustodianOrganization
    intendedRecipient receivedOrganization associatedEntity associatedPerson scopingOrganization relatedEntity relatedPerson
    manufacturerModelName softwareName asMaintainedEntity maintainingPerson signatureCode time functionCode standardIndustryClassCode
    asOrganizationPartOf wholeOrganization order priorityCode serviceEvent performer parentDocument consent statusCode encompassingEncounter
    dischargeDispositionCode responsibleParty encounterParticipant location healthCareFacility serviceProviderOrganization
    act encounter observation observationMedia organizer procedure regionOfInterest substanceAdministration supply entryRelationship reference
    value interpretationCode methodCode targetSiteCode repeatNumber negationInd referenceRange observationRange precondition criterion
    consumable product manufacturedProduct manufacturedMaterial manufacturerOrganization manufacturedLabeledDrug lotNumberText routeCode approachSiteCode
    doseQuantity rateQuantity maxDoseQuantity administrationUnitCode quantity independentInd expectedUseTime subject relatedSubject specimen specimenRole
    specimenPlayingEntity participantRole playingDevice playingEntity scopingEntity desc externalAct externalDocument externalObservation externalProcedure
    seperatableInd sequenceNumber derivationExpr originalText translation qualifier low high center width numerator denominator period phase offset event
    exclusion comp thumbnail validTime awarenessCode hl7Attachment healthStatusCode
    deceasedInd deceasedTime multipleBirthInd multipleBirthOrderNumber asPatientRelationship id2 birthOrder identifiedBy alternateIdentification
    inFulfillmentOf1 actReference dischargeDispositionCode signatureText admissionReferralSourceCode valueSet expirationTime inductionTime
    content linkHtml sub sup br footnote footnoteRef renderMultiMedia paragraph list item caption table thead tfoot tbody colgroup col tr th td
    """)

  private static let attributes = words(
    """
    root extension assigningAuthorityName displayable code codeSystem codeSystemName codeSystemVersion displayName valueSet valueSetVersion nullFlavor value unit
    operator inclusive type use classCode moodCode typeCode determinerCode contextControlCode contextConductionInd inversionInd negationInd
    institutionSpecified mediaType representation compression integrityCheck integrityCheckAlgorithm language qualifier isFlexible currency
    independentInd unsorted lang space schemaLocation noNamespaceSchemaLocation nil ID IDREF styleCode href name rel rev title referencedObject border
    cellpadding cellspacing summary width rules frame align char charoff valign span abbr axis headers scope rowspan colspan listType isCriterionInd
    validTimeLow validTimeHigh alignment institutionSpecifiedInd
    """)
}
