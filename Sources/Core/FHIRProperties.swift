/// Names of properties of FHIR R4 (4.0.1): the datatypes and the resources that feeds of care carry. They may be shown, for nobody but the
/// standard made them; any other name may be something that a sender put there, a patient's name among it.
public enum FHIRProperties {
  /// True for a name of the list.
  public static func holds(_ name: some StringProtocol) -> Bool { all.contains(String(name)) }

  private static func words(_ text: String) -> Set<String> { Set(text.split(whereSeparator: \.isWhitespace).map(String.init)) }

  private static let all: Set<String> = datatypes.union(people).union(care).union(medication).union(billing).union(values)

  private static let datatypes = words(
    """
    id meta implicitRules language text contained extension modifierExtension resourceType versionId lastUpdated source profile security tag status div
    url system version code display userSelected coding value unit comparator low high numerator denominator use type period assigner start end
    reference identifier family given prefix suffix name telecom address line city district state postalCode country rank contentType data size hash
    title creation currency contact origin factor lowerLimit upperLimit dimensions event repeat bounds boundsDuration boundsRange boundsPeriod count
    countMax duration durationMax durationUnit frequency frequencyMax periodMax periodUnit dayOfWeek timeOfDay when offset author authorReference
    authorString time timestamp link relation entry fullUrl resource search mode score request method ifNoneMatch ifModifiedSince ifMatch ifNoneExist
    response location etag outcome total signature who onBehalfOf targetFormat sigFormat
    """)

  private static let people = words(
    """
    active gender birthDate deceased deceasedBoolean deceasedDateTime maritalStatus multipleBirth multipleBirthBoolean multipleBirthInteger photo
    relationship organization communication preferred generalPractitioner managingOrganization other qualification issuer practitioner healthcareService
    specialty availableTime daysOfWeek allDay availableStartTime availableEndTime notAvailable during description availabilityExceptions endpoint
    alias partOf purpose operationalStatus physicalType position longitude latitude altitude hoursOfOperation openingTime closingTime patient target
    assurance person
    """)

  private static let care = words(
    """
    subject encounter class classHistory statusHistory serviceType priority episodeOfCare basedOn participant individual appointment length reasonCode
    reasonReference diagnosis condition account hospitalization preAdmissionIdentifier admitSource reAdmission dietPreference specialCourtesy
    specialArrangement destination dischargeDisposition serviceProvider clinicalStatus verificationStatus category severity bodySite onset onsetDateTime
    onsetAge onsetPeriod onsetRange onsetString abatement abatementDateTime abatementAge abatementPeriod abatementRange abatementString abatementBoolean
    recordedDate recorder asserter stage summary assessment evidence detail note criticality lastOccurrence reaction substance manifestation
    exposureRoute issued effective effectiveDateTime effectivePeriod effectiveTiming effectiveInstant performer dataAbsentReason interpretation
    specimen device referenceRange appliesTo age hasMember derivedFrom component focus result results resultsInterpreter imagingStudy media conclusion
    conclusionCode presentedForm instantiatesCanonical instantiatesUri statusReason performed performedDateTime performedPeriod performedString
    performedAge performedRange function actor report complication complicationDetail followUp focalDevice action manipulated usedReference usedCode
    vaccineCode occurrence occurrenceDateTime occurrenceString occurrencePeriod occurrenceTiming recorded primarySource reportOrigin manufacturer
    lotNumber expirationDate site route doseQuantity isSubpotent subpotentReason education documentType publicationDate presentationDate
    programEligibility fundingSource detailReference reported protocolApplied series authority targetDisease doseNumber doseNumberPositiveInt
    doseNumberString seriesDoses seriesDosesPositiveInt seriesDosesString cancelationReason appointmentType supportingInformation minutesDuration slot
    created comment patientInstruction incomingReferral required requestedPeriod masterIdentifier docStatus date authenticator custodian relatesTo
    securityLabel content attachment format context facilityType practiceSetting sourcePatientInfo related confidentiality attester party section
    orderedBy emptyReason replaces requisition intent doNotPerform orderDetail quantity quantityQuantity quantityRange quantityRatio asNeeded
    asNeededBoolean asNeededCodeableConcept authoredOn requester performerType locationCode locationReference insurance supportingInfo relevantHistory
    collection collector collected collectedDateTime collectedPeriod fastingStatus fastingStatusCodeableConcept fastingStatusDuration receivedTime
    parent processing procedure additive container capacity specimenQuantity accessionIdentifier expressedBy lifecycleStatus achievementStatus
    startDate startCodeableConcept dueDate dueDuration measure addresses goal activity activityDetail progress careTeam role member
    questionnaire authored item linkId answer plannedItem
    """)

  private static let medication = words(
    """
    medication medicationCodeableConcept medicationReference form amount ingredient itemCodeableConcept itemReference isActive strength batch
    reportedBoolean reportedReference courseOfTherapyType dosageInstruction dosage sequence additionalInstruction timing doseAndRate dose doseRange
    rate rateRatio rateRange rateQuantity maxDosePerPeriod maxDosePerAdministration maxDosePerLifetime dispenseRequest initialFill dispenseInterval
    validityPeriod numberOfRepeatsAllowed expectedSupplyDuration substitution allowed allowedBoolean allowedCodeableConcept reason priorPrescription
    groupIdentifier detectedIssue eventHistory statusReasonCodeableConcept statusReasonReference informationSource dateAsserted authorizingPrescription
    daysSupply whenPrepared whenHandedOver receiver wasSubstituted responsibleParty wasNotGiven instantiates
    """)

  private static let billing = words(
    """
    subscriber subscriberId policyHolder beneficiary dependent payor order network costToBeneficiary exception subrogation contract
    definitionUri definitionCanonical performingOrganization requestingOrganization costCenter bodysite factorOverride priceOverride overrideReason
    enterer enteredDate service product productReference productCodeableConcept servicePeriod owner coverage guarantor party onHold
    billablePeriod insurer provider claim net unitPrice adjudication servicedDate servicedPeriod productOrService modifier revenue
    """)

  private static let values = words(
    """
    valueBase64Binary valueBoolean valueCanonical valueCode valueDate valueDateTime valueDecimal valueId valueInstant valueInteger valueMarkdown valueOid
    valuePositiveInt valueString valueTime valueUnsignedInt valueUri valueUrl valueUuid valueAddress valueAge valueAnnotation valueAttachment
    valueCodeableConcept valueCoding valueContactPoint valueCount valueDistance valueDuration valueHumanName valueIdentifier valueMoney valuePeriod
    valueQuantity valueRange valueRatio valueReference valueSampledData valueSignature valueTiming valueDosage valueMeta
    """)
}
