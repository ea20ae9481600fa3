"""Small tables, written from the standard's own. A key's value is the set of canonical words that say the same."""

# HL7 table 0001, and v3 AdministrativeGender (2.16.840.1.113883.5.1).
SEX = {"F": {"female"}, "M": {"male"}, "O": {"other"}, "U": {"unknown"}, "A": {"other"}, "N": {"other"}, "X": {"other"}, "UN": {"other"}, "UNK": {"unknown"},
       "FEMALE": {"female"}, "MALE": {"male"}, "OTHER": {"other"}, "UNKNOWN": {"unknown"}}

# HL7 table 0085, observation result status codes interpretation.
RESULT_STATUS = {
    "F": {"final"}, "FINAL": {"final"}, "U": {"final"}, "P": {"preliminary"}, "R": {"entered-unverified", "preliminary"}, "S": {"partial", "preliminary"},
    "I": {"pending", "registered"}, "O": {"order-only", "registered"}, "N": {"not-asked"}, "X": {"cannot-obtain", "cancelled"}, "B": {"appended"},
    "V": {"verified"}, "A": {"amended"}, "C": {"corrected"}, "D": {"deleted", "entered-in-error"}, "W": {"withdrawn", "entered-in-error"},
}

# HL7 table 0017, transaction type: how it bears on the sign of an amount.
CREDITS = {"CD"}

# HL7 table 0396 and the OIDs that HL7 and CDC registered for the same systems; a house's own codes are L.
CODE_SYSTEMS = {
    "LN": "2.16.840.1.113883.6.1", "SCT": "2.16.840.1.113883.6.96", "SNM": "2.16.840.1.113883.6.96", "RXNORM": "2.16.840.1.113883.6.88",
    "NDC": "2.16.840.1.113883.6.69", "CVX": "2.16.840.1.113883.12.292", "MVX": "2.16.840.1.113883.12.227", "C4": "2.16.840.1.113883.6.12",
    "CPT": "2.16.840.1.113883.6.12", "I9C": "2.16.840.1.113883.6.103", "I9": "2.16.840.1.113883.6.103", "I10": "2.16.840.1.113883.6.3",
    "I10C": "2.16.840.1.113883.6.90", "UCUM": "2.16.840.1.113883.6.8", "LOINC": "2.16.840.1.113883.6.1",
    "MDC": "2.16.840.1.113883.6.24", "PHINQUESTION": "2.16.840.1.114222.4.5.232", "CDCPHINVS": "2.16.840.1.114222.4.5.274", "PHIN VS": "2.16.840.1.114222.4.5.274",
    "Local": "L",
}

# Problem Status (2.16.840.1.113883.10.20.22.4.6, in CCD 1.0 2.16.840.1.113883.10.20.1.50) and Allergy Status (…4.28, …1.39), SNOMED CT.
CLINICAL = {"55561003": {"active"}, "73425007": {"inactive"}, "413322009": {"resolved"}, "246455001": {"recurrence"}, "263855007": {"relapse"}, "277022003": {"remission"}}

# v3 ActStatus (2.16.840.1.113883.5.14) of the concern act around it, where the observation says nothing of its own status.
CONCERN = {"active": {"active"}, "completed": {"resolved", "inactive"}, "suspended": {"inactive"}, "aborted": {"inactive"}}

# v3 ActStatus of a medication or immunization.
MEDICATION_STATUS = {
    "active": {"active"}, "completed": {"completed"}, "suspended": {"on-hold"}, "held": {"on-hold"}, "aborted": {"stopped"}, "cancelled": {"cancelled"},
    "new": {"planned", "draft"}, "nullified": {"entered-in-error"},
}
IMMUNIZATION_STATUS = {"completed": {"completed"}, "nullified": {"entered-in-error"}, "aborted": {"not-done"}, "cancelled": {"not-done"}}

# v3 ActMood (2.16.840.1.113883.5.1001) of a substance administration.
MOOD = {"EVN": {"taken"}, "INT": {"planned"}, "RQO": {"ordered"}, "PRP": {"proposed"}, "PRMS": {"promised"}, "ARQ": {"requested"}}

# XML Schema part 2, 3.2.2: what a negationInd may say.
NEGATION = {"true": {"refuted"}, "1": {"refuted"}, "false": {"confirmed"}, "0": {"confirmed"}, None: {"confirmed"}}
