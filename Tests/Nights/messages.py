"""Synthetic nights by seed: what six feeds say of a few people, in four formats. Nothing here knows what becomes of it.

A night is a list of items: (feed, content). Content is a list of segments (HL7 v2), a list of cells (CSV), or bytes (a document, a Bundle). Any item may
come in any file of its feed, in any place, more than once: no time falls back to the business date, no number is the feed's.
"""

import json
import random

FEEDS = {  # feed: (format, mappings, source rank)
    "adt": ("hl7v2", "hl7v2-standard", 10),
    "billing": ("hl7v2", "hl7v2-standard", 10),
    "census": ("csv", "census-file", 20),
    "clinic": ("cda", "ccda-standard", 5),
    "exchange": ("fhir", "fhir-standard", 5),
    "orders": ("hl7v2", "hl7v2-standard", 0),
}
# The mappings of the sets that read these nights: a run that is only to be quick parses no others.
CUT = {
    "hl7v2-standard": "pid-patient, pv1-encounter, pv1-visit, adt-merge, dg1-diagnosis, obr-order, oru-observation, sch-appointment, dft-charge, pv1-attending",
    "ccda-standard": "cda-document, cda-author, cda-problem",
    "fhir-standard": "fhir-patient, fhir-condition, fhir-observation",
}
CENSUS = "Facility,Patient ID,Last Name,First Name,Birth Date,Sex,Visit No,Class,Ward,Room,Bed,Admitted,As Of"
ROOT = "2.16.840.1.113883.19.77"
GIVEN = ["ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT"]
PROBLEMS = [("38341003", "Hypertensive disorder"), ("44054006", "Type 2 diabetes mellitus"), ("195967001", "Asthma")]


class Person:
    """A synthetic person: family name TEST, numbers that begin with ZZ, telephone 555-01xx."""

    def __init__(self, number):
        self.number = number
        self.mrn, self.visit, self.account = "ZZM%05d" % number, "ZZV%05d" % number, "ZZA%05d" % number
        self.family, self.given, self.born, self.sex = "TEST", GIVEN[number % len(GIVEN)], "19%02d0%d1%d" % (40 + number % 50, 1 + number % 9, number % 9), "FM"[number % 2]
        self.ssn, self.street, self.email = "900-70-%04d" % (number % 10000), "%d TEST STREET" % number, "t%05d@example.invalid" % number
        self.note = "Synthetic note %d about nobody" % number

    def phone(self, moves=0):
        return "555-01%02d" % ((self.number * 7 + moves) % 100)


class Writer:
    """Writes what one person's day leaves behind, by lot."""

    def __init__(self, person, lot, day="20260310"):
        self.person, self.lot, self.day, self.items, self.count = person, lot, day, [], 0

    # Parts of messages

    def time(self, hour, minute=None):
        return "%s%02d%02d00" % (self.day, hour, self.lot.randrange(60) if minute is None else minute)

    def hl7(self, feed, kind, structure, time, *segments):
        self.count += 1
        head = "MSH|^~\\&|ZZHIS|ZZNORTH|COMPLINE|ZZHUB|%s||%s^%s|%s-%s-%d|T|2.5.1" % (time, kind, structure, feed, self.person.mrn, self.count)
        event = ["EVN|%s|%s" % (kind.split("^")[1], time)] if feed != "orders" and not kind.startswith("SIU") else []
        self.items.append((feed, [head, *event, *segments]))

    def pid(self, moves=0, whole=True, phone=None):
        p = self.person
        ids = "%s^^^ZZNORTH^MR~%s^^^USSSA^SS" % (p.mrn, p.ssn) if whole else "%s^^^ZZNORTH^MR" % p.mrn
        more = "|||%s^^SAMPLETOWN^ZZ^00000^USA^H||%s^PRN^PH^%s|||||%s^^^ZZNORTH^AN" % (p.street, p.phone(moves) if phone is None else phone, p.email, p.account)
        return "PID|1||%s||%s^%s^^^^^L||%s|%s%s" % (ids, p.family, p.given, p.born, p.sex, more if whole else "||||||||||%s^^^ZZNORTH^AN" % p.account)

    def pv1(self, bed=1, whole=True, discharged=""):
        place = "WARD%d^10%d^%d^ZZNORTH" % (1 + self.person.number % 3, self.person.number % 10, bed) if whole else ""
        admitted = "|" * 25 + self.day + "080000|" + discharged if whole else ""
        doctor = "ZZD%d^TEST^DOCTOR^^^^^^ZZNORTH" % (self.person.number % 4)
        return "PV1|1|I|%s||||%s||||||||||||%s^^^ZZNORTH^VN%s" % (place, doctor, self.person.visit, admitted)

    # What happens

    def adt(self, event, time, **more):
        structure = {"A04": "ADT_A01", "A08": "ADT_A01", "A13": "ADT_A01", "A11": "ADT_A09", "A23": "ADT_A21", "A31": "ADT_A05"}.get(event, "ADT_" + event)
        visit = [] if event == "A31" else [self.pv1(more.get("bed", 1), discharged=more.get("discharged", ""))]
        self.hl7("adt", "ADT^" + event, structure, time, self.pid(more.get("moves", 0), phone=more.get("phone")), *visit, *more.get("segments", []))

    def stay(self):
        """Arrives, changes, moves, leaves; some of it is cancelled or taken back, some at the very time of what it acts on."""
        lot, same = self.lot, self.time(12)
        self.adt(lot.choice(["A01", "A04"]), self.time(8), segments=[self.diagnosis("A")] if lot.random() < 0.5 else [])
        for moves in range(1, lot.randint(2, 4)):
            self.adt("A08", same if lot.random() < 0.4 else self.time(9 + moves), moves=moves)
        ending = lot.choice(["stays", "leaves", "leaves", "leaves not", "was no visit", "is deleted"])
        if lot.random() < 0.5:
            self.adt("A02", self.time(13), bed=2)
        if ending.startswith("leaves"):
            self.adt("A03", same, bed=2, discharged=self.day + "120000")
        if ending == "leaves not":
            self.adt("A13", lot.choice([same, self.time(14)]), bed=2)
        if ending == "was no visit":
            self.adt("A11", lot.choice([self.time(8, 1), self.time(15)]))
        if ending == "is deleted":
            self.adt("A23", self.time(16))
        if lot.random() < 0.4:
            self.adt("A31", lot.choice([same, self.time(17)]), phone='""')
        if lot.random() < 0.3:
            self.adt("A08", self.time(18), segments=[self.diagnosis("D")])

    def diagnosis(self, action):
        code, name = PROBLEMS[self.person.number % 3]
        return "DG1|1||%s^%s^SCT||%s|A|%s|ZZC%05d^ZZNORTH|%s" % (code, name, self.time(9, 0), "|" * 12, self.person.number, action)

    def results(self):
        """An order, its results, then corrected, withdrawn or cancelled."""
        lot, p, drawn = self.lot, self.person, self.time(9, 30)
        sent = self.time(11)
        order = "ORC|NW|ZZP%05d^ZZNORTH|||||||%s" % (p.number, self.time(9, 0))
        panel = "OBR|1|ZZP%05d^ZZNORTH|ZZF%05d^ZZLAB|24323-8^Panel^LN|||%s" % (p.number, p.number, drawn)
        if lot.random() < 0.6:
            self.hl7("orders", "ORM^O01", "ORM_O01", self.time(9), self.pid(whole=False), self.pv1(whole=False), order, panel)
        self.result(sent, panel, "F", 80 + p.number % 40)
        for status in lot.choice([[], ["C"], ["C"], ["C", "C"], ["D"], ["C", "W"], ["F"]]):
            self.result(sent if lot.random() < 0.5 else self.time(14), panel, status, 80 + lot.randrange(40))
        if lot.random() < 0.2:
            self.hl7("orders", "ORM^O01", "ORM_O01", self.time(15), self.pid(whole=False), self.pv1(whole=False), order.replace("|NW|", "|CA|"), panel)

    def result(self, sent, panel, status, value):
        rest = "|||||||||||||||%s|||%s" % (sent, "F" if status == "F" else "C")
        self.hl7("orders", "ORU^R01", "ORU_R01", self.lot.choice([sent, self.time(18)]), self.pid(whole=False), self.pv1(whole=False), panel + rest,
                 "OBX|1|NM|2345-7^Glucose^LN||%d|mg/dL|70-99|N|||%s|||%s" % (value, status, self.time(9, 30)),
                 "OBX|2|TX|8251-1^Comment^LN||%s||||||F" % self.person.note)

    def charges(self):
        """Charges, one of them again under its number, one credited."""
        p, lot = self.person, self.lot
        time, late = self.time(18), self.time(20)
        self.charge(time, 1, "CG", 10050)
        self.charge(time, 2, "CG", 2000)
        if lot.random() < 0.4:
            self.charge(lot.choice([time, late]), 2, "CG", 2000 + p.number)
        if lot.random() < 0.4:
            self.charge(late, 1, "CD", 10050)

    def charge(self, time, number, kind, cents):
        price = "%d.%02d&USD" % divmod(cents, 100)
        self.hl7("billing", "DFT^P03", "DFT_P03", time, self.pid(whole=False), self.pv1(whole=False),
                 "FT1|1|ZZT%05d%d||%s|%s|%s|G0463^Visit^HPC|||1|%s|%s|D|||||||||||G0463^Visit^HPC" % (self.person.number, number, self.day, time, kind, price, price))

    def appointment(self):
        states = self.lot.choice([["S12"], ["S12", "S14"], ["S12", "S15"], ["S12", "S14", "S15"], ["S12", "S17"]])
        for number, event in enumerate(states):
            schedule = "SCH|ZZS%05d^ZZNORTH||||||||30|MIN|^^^202603151%d0000" % (self.person.number, number)
            self.hl7("adt", "SIU^" + event, "SIU_S12", self.time(10, 10 + number), schedule, self.pid(), self.pv1(whole=False))

    def census(self):
        """Where the patient lies at an hour; at times it says of that hour another thing again."""
        p, hour = self.person, self.lot.choice([12, 23])
        for bed in range(1, self.lot.randint(2, 3)):
            day = "%s-%s-%s" % (self.day[:4], self.day[4:6], self.day[6:])
            born = "%s-%s-%s" % (p.born[:4], p.born[4:6], p.born[6:])
            self.items.append(("census", ["ZZNORTH", p.mrn, p.family, p.given, born, p.sex, p.visit, "I", "WARD%d" % bed, "10%d" % (p.number % 10), str(bed),
                                          day + " 08:00", "%s %02d:00" % (day, hour)]))

    def document(self):
        """A document of the clinic, at times replaced by one that says otherwise of the same entries."""
        for version in range(1, self.lot.randint(2, 3)):
            self.items.append(("clinic", document(self.person, version, self.lot.choice([self.day + "160000-0600", "%s1%d0000-0600" % (self.day, 6 + version)]))))

    def bundle(self):
        states = self.lot.choice([["final"], ["final", "amended"], ["final", "entered-in-error"]])
        for number, status in enumerate(states):
            self.items.append(("exchange", bundle(self.person, status, self.day, 12 + number * self.lot.choice([0, 2]))))


def document(person, version, written):
    p, (code, name) = person, PROBLEMS[(person.number + version) % 3]
    return ("""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="2.16.840.1.113883.10.20.22.1.2"/>
<id root="{r}.1" extension="ZZX{n:05d}-{v}"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Synthetic document</title>
<effectiveTime value="{t}"/><setId root="{r}.2" extension="ZZX{n:05d}"/><versionNumber value="{v}"/>
<recordTarget><patientRole><id root="{r}.3" extension="{p.mrn}"/><addr use="HP"><streetAddressLine>{p.street}</streetAddressLine><city>SAMPLETOWN</city></addr>
<telecom use="HP" value="tel:{phone}"/><telecom value="mailto:{p.email}"/><patient><name><given>{p.given}</given><family>{p.family}</family></name>
<administrativeGenderCode code="{p.sex}"/><birthTime value="{p.born}"/></patient></patientRole></recordTarget>
<author><time value="{t}"/><assignedAuthor><id root="{r}.4" extension="ZZD1"/><assignedPerson><name><given>DOCTOR</given><family>TEST</family></name></assignedPerson></assignedAuthor></author>
<component><structuredBody><component><section><templateId root="2.16.840.1.113883.10.20.22.2.5.1"/><code code="11450-4" codeSystem="2.16.840.1.113883.6.1"/>
<title>Problems</title><text>{p.note}</text><entry><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.3"/>
<id root="{r}.5" extension="ZZPC{n:05d}"/><code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/><entryRelationship typeCode="SUBJ">
<observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="{r}.5" extension="ZZPO{n:05d}"/>
<code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/><effectiveTime><low value="20200115"/></effectiveTime>
<value xsi:type="CD" code="{c}" codeSystem="2.16.840.1.113883.6.96" displayName="{d}"/></observation></entryRelationship></act></entry>
</section></component></structuredBody></component></ClinicalDocument>
""").format(p=p, n=p.number, v=version, t=written, r=ROOT, phone=p.phone(version), c=code, d=name).encode()


def bundle(person, status, day, hour):
    p, day = person, "%s-%s-%s" % (day[:4], day[4:6], day[6:])
    address, system = "urn:uuid:00000000-0000-4000-8000-%012d", "urn:oid:" + ROOT
    patient = {
        "resourceType": "Patient", "birthDate": "%s-%s-%s" % (p.born[:4], p.born[4:6], p.born[6:]), "gender": {"F": "female", "M": "male"}[p.sex],
        "identifier": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}, "system": system + ".3", "value": p.mrn}],
        "name": [{"use": "official", "family": p.family, "given": [p.given]}], "address": [{"use": "home", "line": [p.street]}],
        "telecom": [{"system": "phone", "use": "home", "value": p.phone(hour)}, {"system": "email", "value": p.email}],
    }
    code, name = PROBLEMS[p.number % 3]
    condition = {
        "resourceType": "Condition", "identifier": [{"system": system + ".6", "value": "ZZCF%05d" % p.number}], "subject": {"reference": address % 1},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": name}], "text": p.note},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]},
    }
    observation = {
        "resourceType": "Observation", "identifier": [{"system": system + ".7", "value": "ZZO%05d" % p.number}], "status": status, "subject": {"reference": address % 1},
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}]}, "effectiveDateTime": day + "T10:00:00-06:00",
        "valueQuantity": {"value": 60 + p.number % 40 + hour, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
    }
    entries = [{"fullUrl": address % number, "resource": resource} for number, resource in enumerate((patient, condition, observation), 1)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "timestamp": "%sT%02d:00:00-06:00" % (day, hour), "entry": entries}, indent=1).encode()


def merges(first, second, lot):
    """Two numbers of a patient become one (A40), in half of the nights apart again (A37); changes of the number that is no more come before and late."""
    survivor, gone = Writer(first, lot), Writer(second, lot)
    at = survivor.time(19, 0)
    survivor.hl7("adt", "ADT^A40", "ADT_A39", at, survivor.pid(), "MRG|%s^^^ZZNORTH^MR|||%s^^^ZZNORTH^AN" % (second.mrn, second.account))
    gone.adt("A08", survivor.time(18), moves=5)
    gone.adt("A08", survivor.time(21), moves=6)
    survivor.hl7("adt", "ADT^A24", "ADT_A24", survivor.time(22, 0), survivor.pid(), gone.pid())
    if lot.random() < 0.5:
        survivor.hl7("adt", "ADT^A37", "ADT_A37", survivor.time(22, 30), survivor.pid(), gone.pid())
    return survivor.items + gone.items


def night(seed, people=6, first=1, person=Person, merging=False):
    """The items of a night, in the order in which they came to be; `first` is the number of its first person. `merging`: two people turn out to be one."""
    lot, items = random.Random("night %s" % seed), []
    crowd = [person(number) for number in range(first, first + people)]
    for human in crowd:
        writer = Writer(human, lot)
        for part in (writer.stay, writer.results, writer.charges, writer.appointment, writer.census, writer.document, writer.bundle):
            part()
        items += writer.items
    if merging:
        items += merges(crowd[0], crowd[1], lot)
    return items
