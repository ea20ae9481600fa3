/// Names of elements and attributes of CDA Release 2 and of its extensions by HL7 (`sdtc:`), in the spelling of documents: `h:entry`, `sdtc:raceCode`,
/// `@code`. They may be shown, for nobody but the standard made them; any other name may be something that a sender put there, a patient's name among it.
public enum CDANames {
  /// True for a name of the list.
  public static func holds(_ name: some StringProtocol) -> Bool {
    if name.hasPrefix("h:") { return elements.contains(String(name.dropFirst(2))) }
    if name.hasPrefix("sdtc:") { return extensions.contains(String(name.dropFirst(5))) }
    return name.hasPrefix("@") && attributes.contains(String(name.dropFirst()))
  }

  private static func words(_ text: String) -> Set<String> { Set(text.split(whereSeparator: \.isWhitespace).map(String.init)) }

  private static let elements: Set<String> = header.union(body).union(entries).union(datatypes)

  private static let header = words(
    """
    ClinicalDocument realmCode typeId templateId id code title effectiveTime confidentialityCode languageCode setId versionNumber copyTime recordTarget
    patientRole patient addr telecom name administrativeGenderCode birthTime maritalStatusCode religiousAffiliationCode raceCode ethnicGroupCode guardian
    guardianPerson guardianOrganization birthplace place languageCommunication modeCode proficiencyLevelCode preferenceInd providerOrganization
    asOrganizationPartOf wholeOrganization standardIndustryClassCode author functionCode time assignedAuthor assignedPerson assignedAuthoringDevice
    asMaintainedEntity maintainingPerson manufacturerModelName softwareName representedOrganization dataEnterer assignedEntity informant relatedEntity
    relatedPerson custodian assignedCustodian representedCustodianOrganization informationRecipient intendedRecipient receivedOrganization
    legalAuthenticator signatureCode authenticator participant associatedEntity associatedPerson scopingOrganization inFulfillmentOf order priorityCode
    documentationOf serviceEvent performer relatedDocument parentDocument authorization consent componentOf encompassingEncounter
    dischargeDispositionCode responsibleParty encounterParticipant location healthCareFacility serviceProviderOrganization
    """)

  private static let body = words(
    """
    component nonXMLBody structuredBody section text entry content linkHtml sub sup br footnote footnoteRef renderMultiMedia paragraph list item caption
    table thead tbody tfoot colgroup col tr td th subject relatedSubject
    """)

  private static let entries = words(
    """
    act encounter observation observationMedia observationRange observationCriteria organizer procedure regionOfInterest substanceAdministration supply
    statusCode derivationExpr repeatNumber value interpretationCode methodCode targetSiteCode approachSiteCode routeCode doseQuantity rateQuantity
    maxDoseQuantity administrationUnitCode consumable product manufacturedProduct manufacturedLabeledDrug manufacturedMaterial lotNumberText
    manufacturerOrganization independentInd quantity expectedUseTime specimen specimenRole specimenPlayingEntity participantRole playingDevice
    playingEntity scopingEntity awarenessCode entryRelationship sequenceNumber seperatableInd reference externalAct externalDocument externalObservation
    externalProcedure precondition criterion referenceRange desc
    """)

  private static let datatypes = words(
    """
    originalText qualifier translation low high center width numerator denominator period phase event offset comp hull head increment delta thumbnail
    useablePeriod validTime prefix given family suffix delimiter country state county city postalCode streetAddressLine houseNumber houseNumberNumeric
    direction streetName streetNameBase streetNameType additionalLocator unitID unitType careOf censusTract deliveryAddressLine deliveryInstallationType
    deliveryInstallationArea deliveryInstallationQualifier deliveryMode deliveryModeIdentifier buildingNumberSuffix postBox precinct
    """)

  private static let extensions = words(
    """
    actReference admissionReferralSourceCode alternateIdentification asPatientRelationship birthTime deceasedInd deceasedTime desc
    dischargeDispositionCode ethnicGroupCode expirationTime functionCode id identifiedBy inFulfillmentOf1 multipleBirthInd multipleBirthOrderNumber patient
    precondition1 precondition2 preconditionEntry priorityCode raceCode sender signatureText specialty statusCode telecom templateId text translation
    valueSet valueSetVersion
    """)

  private static let attributes = words(
    """
    root extension assigningAuthorityName displayable code codeSystem codeSystemName codeSystemVersion displayName sdtc:valueSet sdtc:valueSetVersion
    valueSet nullFlavor value unit inclusive operator use qualifier representation mediaType language compression integrityCheck
    integrityCheckAlgorithm currency partType institutionSpecified alignment inverted unsorted classCode moodCode typeCode determinerCode
    contextControlCode contextConductionInd inversionInd negationInd independentInd ID IDREF IDREFS styleCode listType referencedObject href name rel
    rev title revised summary width height align valign char charoff border cellpadding cellspacing frame rules colspan rowspan headers scope abbr axis
    span xsi:type xsi:schemaLocation xsi:nil xml:lang xml:space
    """)
}
