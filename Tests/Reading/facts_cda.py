"""The facts of a clinical document: recordTarget, and the problem, medication, allergy and immunization statements of C-CDA R1.1 and R2.1."""

from lxml import etree

import times
from facts import Fact
from tables import CLINICAL, CONCERN, IMMUNIZATION_STATUS, MEDICATION_STATUS, MOOD, NEGATION, SEX

NAMES = {"h": "urn:hl7-org:v3", "sdtc": "urn:hl7-org:sdtc", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
ROOT = "2.16.840.1.113883.10.20.22."
OLD = "2.16.840.1.113883.10.20.1."
VACCINES = "ancestor::h:section/h:code/@code='11369-6'"


def rooted(name, *roots):
    return "h:%s[%s]" % (name, " or ".join("h:templateId/@root='%s'" % root for root in roots))


def without(*roots):
    return "".join("[not(h:templateId/@root='%s')]" % root for root in roots)


# C-CDA R1.1 and R2.1.
STATEMENTS = (
    ("condition", rooted("observation", ROOT + "4.4")), ("allergy", rooted("observation", ROOT + "4.7")),
    ("medication", rooted("substanceAdministration", ROOT + "4.16")), ("immunization", rooted("substanceAdministration", ROOT + "4.52")),
)

# CCD 1.0 and C32, which have one template for drugs and vaccines, told apart by the section: compared where there is a row.
OLDER = (
    ("condition", rooted("observation", OLD + "28") + without(ROOT + "4.4")), ("allergy", rooted("observation", OLD + "18") + without(ROOT + "4.7")),
    ("medication", rooted("substanceAdministration", OLD + "24") + without(ROOT + "4.16", ROOT + "4.52") + "[not(%s)]" % VACCINES),
    ("immunization", rooted("substanceAdministration", OLD + "24") + without(ROOT + "4.52") + "[%s]" % VACCINES),
)


def first(node, path):
    """The first text that a path gives, blanks around it cut; None where there is none."""
    for text in node.xpath(path, namespaces=NAMES):
        text = (text if isinstance(text, str) else "".join(text.itertext())).strip()
        if text:
            return text
    return None


def read(path):
    """The root of a document; None where it is no well-formed XML. A prefix that nobody declared is no such fault (XML 1.0 does not know prefixes)."""
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.parse(path, parser).getroot()
    except etree.XMLSyntaxError:
        return None
    broken = any(entry.level_name == "FATAL" and entry.domain_name != "NAMESPACE" for entry in parser.error_log)
    return None if broken else root


def facts(root):
    found = []
    at = times.sent(first(root, "h:effectiveTime/@value") or "")
    for role in root.xpath("h:recordTarget/h:patientRole", namespaces=NAMES):
        found += patient(role, at)
    number = first(root, "h:id/@root")
    found.append(Fact("document", "document", [("created", "time", at), ("identifier", "identifier", identifier(root) if number else None)]))
    makers = {"condition": condition, "medication": medication, "allergy": allergy, "immunization": immunization}
    for entity, path in STATEMENTS + OLDER:
        for node in root.xpath("h:component//h:entry//" + path, namespaces=NAMES):
            if node.get("nullFlavor") is None:
                found.append(Fact(entity, "entry", makers[entity](node), identifier=identifier(node), optional=(entity, path) in OLDER))
    return found


def identifier(node):
    """(value, assigner) of the first id that says one."""
    for number in node.xpath("h:id[@root][not(@nullFlavor)]", namespaces=NAMES):
        return pair(number)
    return None


def pair(number):
    """Extension at root; an id of a root alone is its own namespace (data type II: the root is then the whole unique identifier)."""
    root, extension = number.get("root").strip(), (number.get("extension") or "").strip()
    return (extension, root) if extension else (root, root)


def patient(role, at):
    person = role.xpath("h:patient", namespaces=NAMES)
    person = person[0] if person else role
    names = person.xpath("h:name", namespaces=NAMES)
    # Of several names the legal one (use L), else the first.
    name = next((n for n in names if n.get("use") == "L"), names[0] if names else person)
    numbers = [pair(n) for n in role.xpath("h:id[@root][not(@nullFlavor)]", namespaces=NAMES)]
    born = times.sent(first(person, "h:birthTime/@value") or "")
    gender = first(person, "h:administrativeGenderCode/@code")
    fields = [
        ("family", "squeezed", first(name, "h:family[not(@qualifier='BR')]") or first(person, "h:name/h:family")),
        ("given", "squeezed", first(name, "h:given[not(@qualifier='CL')]")),
        ("birth_date", "time", born[:3] if born else None), ("sex", "set", SEX.get(gender.upper(), {gender, gender.upper()}) if gender else None),
        ("event_time", "instant", at), ("identifier", "one", numbers),
    ]
    yield Fact("patient", "patient", fields)
    for number in dict.fromkeys(numbers):
        yield Fact("identifier", "patient", [("identifier", "identifier", number)], identifier=number)


def code(node, path):
    """Code and system: of the element itself, else of its first translation that has a code."""
    for place in node.xpath(path, namespaces=NAMES):
        for element in [place] + place.xpath("h:translation", namespaces=NAMES):
            if (element.get("code") or "").strip():
                return [("code", "text", element.get("code").strip()), ("code_system", "text", (element.get("codeSystem") or "").strip())]
    return [("code", "text", None), ("code_system", "text", None)]


def status(table, sent):
    return None if not sent else table.get(sent, {sent})


def certainty(node):
    return ("certainty", "set", NEGATION.get(node.get("negationInd"), set()))


def moment(node, *paths):
    for path in paths:
        sent = first(node, path)
        if sent:
            return times.sent(sent)
    return None


def concern(node):
    """The clinical status: the observation's own (templates …4.6 and …4.28, in CCD 1.0 …1.50 and …1.39), else that of the act around it."""
    roots = " or ".join("h:templateId/@root='%s'" % root for root in (ROOT + "4.6", ROOT + "4.28", OLD + "50", OLD + "39"))
    own = first(node, "h:entryRelationship/h:observation[%s]/h:value/@code" % roots)
    return ("concern", "set", status(CLINICAL, own) or status(CONCERN, first(node, "ancestor::h:act[1]/h:statusCode/@code")))


def condition(node):
    return code(node, "h:value") + [
        certainty(node), concern(node), ("onset", "time", moment(node, "h:effectiveTime/h:low/@value", "h:effectiveTime/@value")),
        ("resolved", "time", moment(node, "h:effectiveTime/h:high/@value")),
    ]


def medication(node):
    return code(node, "h:consumable/h:manufacturedProduct/h:manufacturedMaterial/h:code") + [
        certainty(node), ("status", "set", status(MEDICATION_STATUS, first(node, "h:statusCode/@code"))),
        ("intent", "set", status(MOOD, node.get("moodCode"))),
        ("start", "time", moment(node, "h:effectiveTime/h:low/@value", "h:effectiveTime/@value")),
        ("end", "time", moment(node, "h:effectiveTime/h:high/@value")),
    ]


def allergy(node):
    return code(node, "h:participant/h:participantRole/h:playingEntity/h:code") + [
        certainty(node), concern(node), ("onset", "time", moment(node, "h:effectiveTime/h:low/@value", "h:effectiveTime/@value")),
        ("resolved", "time", moment(node, "h:effectiveTime/h:high/@value")),
    ]


def immunization(node):
    denied = NEGATION.get(node.get("negationInd"), set()) == {"refuted"}
    sent = first(node, "h:statusCode/@code")
    return code(node, "h:consumable/h:manufacturedProduct/h:manufacturedMaterial/h:code") + [
        certainty(node), ("status", "set", {"not-done"} if denied else status(IMMUNIZATION_STATUS, sent)),
        ("given", "time", moment(node, "h:effectiveTime/@value", "h:effectiveTime/h:low/@value", "h:effectiveTime/h:center/@value")),
    ]
