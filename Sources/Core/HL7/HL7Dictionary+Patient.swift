extension HL7Dictionary {
  /// Chapter 3: patient administration.
  static let patientSegments = """
    = EVN Event Type
    ID Event Type Code; DTM Recorded Date/Time; DTM Date/Time Planned Event; CWE Event Reason Code; XCN Operator ID; DTM Event Occurred; HD Event Facility
    = PID Patient Identification
    SI Set ID - PID; CX Patient ID; CX Patient Identifier List; CX Alternate Patient ID - PID; XPN Patient Name; XPN Mother's Maiden Name;
    DTM Date/Time of Birth; CWE Administrative Sex; XPN Patient Alias; CWE Race; XAD Patient Address; IS County Code; XTN Phone Number - Home;
    XTN Phone Number - Business; CWE Primary Language; CWE Marital Status; CWE Religion; CX Patient Account Number; ST SSN Number - Patient;
    DLN Driver's License Number - Patient; CX Mother's Identifier; CWE Ethnic Group; ST Birth Place; ID Multiple Birth Indicator; NM Birth Order;
    CWE Citizenship; CWE Veterans Military Status; CE Nationality; DTM Patient Death Date and Time; ID Patient Death Indicator;
    ID Identity Unknown Indicator; CWE Identity Reliability Code; DTM Last Update Date/Time; HD Last Update Facility; CWE Species Code; CWE Breed Code;
    ST Strain; CWE Production Class Code; CWE Tribal Citizenship; XTN Patient Telecommunication Information
    = PD1 Patient Additional Demographic
    CWE Living Dependency; CWE Living Arrangement; XON Patient Primary Facility; XCN Patient Primary Care Provider Name & ID No.; CWE Student Indicator;
    CWE Handicap; CWE Living Will Code; CWE Organ Donor Code; ID Separate Bill; CX Duplicate Patient; CWE Publicity Code; ID Protection Indicator;
    DT Protection Indicator Effective Date; XON Place of Worship; CWE Advance Directive Code; CWE Immunization Registry Status;
    DT Immunization Registry Status Effective Date; DT Publicity Code Effective Date; CWE Military Branch; CWE Military Rank/Grade; CWE Military Status;
    DT Advance Directive Last Verified Date; DT Retirement Date
    = NK1 Next of Kin / Associated Parties
    SI Set ID - NK1; XPN Name; CWE Relationship; XAD Address; XTN Phone Number; XTN Business Phone Number; CWE Contact Role; DT Start Date; DT End Date;
    ST Next of Kin / Associated Parties Job Title; JCC Next of Kin / Associated Parties Job Code/Class; CX Next of Kin / Associated Parties Employee Number;
    XON Organization Name - NK1; CWE Marital Status; CWE Administrative Sex; DTM Date/Time of Birth; CWE Living Dependency; CWE Ambulatory Status;
    CWE Citizenship; CWE Primary Language; CWE Living Arrangement; CWE Publicity Code; ID Protection Indicator; CWE Student Indicator; CWE Religion;
    XPN Mother's Maiden Name; CWE Nationality; CWE Ethnic Group; CWE Contact Reason; XPN Contact Person's Name; XTN Contact Person's Telephone Number;
    XAD Contact Person's Address; CX Next of Kin/Associated Party's Identifiers; CWE Job Status; CWE Race; CWE Handicap;
    ST Contact Person Social Security Number; ST Next of Kin Birth Place; CWE VIP Indicator; XTN Next of Kin Telecommunication Information;
    XTN Contact Person's Telecommunication Information
    = PV1 Patient Visit
    SI Set ID - PV1; CWE Patient Class; PL Assigned Patient Location; CWE Admission Type; CX Preadmit Number; PL Prior Patient Location;
    XCN Attending Doctor; XCN Referring Doctor; XCN Consulting Doctor; CWE Hospital Service; PL Temporary Location; CWE Preadmit Test Indicator;
    CWE Re-admission Indicator; CWE Admit Source; CWE Ambulatory Status; CWE VIP Indicator; XCN Admitting Doctor; CWE Patient Type; CX Visit Number;
    FC Financial Class; CWE Charge Price Indicator; CWE Courtesy Code; CWE Credit Rating; CWE Contract Code; DT Contract Effective Date;
    NM Contract Amount; NM Contract Period; CWE Interest Code; CWE Transfer to Bad Debt Code; DT Transfer to Bad Debt Date; CWE Bad Debt Agency Code;
    NM Bad Debt Transfer Amount; NM Bad Debt Recovery Amount; CWE Delete Account Indicator; DT Delete Account Date; CWE Discharge Disposition;
    DLD Discharged to Location; CWE Diet Type; CWE Servicing Facility; IS Bed Status; CWE Account Status; PL Pending Location; PL Prior Temporary Location;
    DTM Admit Date/Time; DTM Discharge Date/Time; NM Current Patient Balance; NM Total Charges; NM Total Adjustments; NM Total Payments;
    CX Alternate Visit ID; CWE Visit Indicator; XCN Other Healthcare Provider; ST Service Episode Description; CX Service Episode Identifier
    = PV2 Patient Visit - Additional Information
    PL Prior Pending Location; CWE Accommodation Code; CWE Admit Reason; CWE Transfer Reason; ST Patient Valuables; ST Patient Valuables Location;
    CWE Visit User Code; DTM Expected Admit Date/Time; DTM Expected Discharge Date/Time; NM Estimated Length of Inpatient Stay;
    NM Actual Length of Inpatient Stay; ST Visit Description; XCN Referral Source Code; DT Previous Service Date; ID Employment Illness Related Indicator;
    CWE Purge Status Code; DT Purge Status Date; CWE Special Program Code; ID Retention Indicator; NM Expected Number of Insurance Plans;
    CWE Visit Publicity Code; ID Visit Protection Indicator; XON Clinic Organization Name; CWE Patient Status Code; CWE Visit Priority Code;
    DT Previous Treatment Date; CWE Expected Discharge Disposition; DT Signature on File Date; DT First Similar Illness Date;
    CWE Patient Charge Adjustment Code; CWE Recurring Service Code; ID Billing Media Code; DTM Expected Surgery Date and Time;
    ID Military Partnership Code; ID Military Non-Availability Code; ID Newborn Baby Indicator; ID Baby Detained Indicator; CWE Mode of Arrival Code;
    CWE Recreational Drug Use Code; CWE Admission Level of Care Code; CWE Precaution Code; CWE Patient Condition Code; CWE Living Will Code;
    CWE Organ Donor Code; CWE Advance Directive Code; DT Patient Status Effective Date; DTM Expected LOA Return Date/Time;
    DTM Expected Pre-admission Testing Date/Time; CWE Notify Clergy Code; DT Advance Directive Last Verified Date
    = MRG Merge Patient Information
    CX Prior Patient Identifier List; CX Prior Alternate Patient ID; CX Prior Patient Account Number; CX Prior Patient ID; CX Prior Visit Number;
    CX Prior Alternate Visit ID; XPN Prior Patient Name
    = DB1 Disability
    SI Set ID - DB1; CWE Disabled Person Code; CX Disabled Person Identifier; ID Disability Indicator; DT Disability Start Date; DT Disability End Date;
    DT Disability Return to Work Date; DT Disability Unable to Work Date
    = ACC Accident
    DTM Accident Date/Time; CWE Accident Code; ST Accident Location; CWE Auto Accident State; ID Accident Job Related Indicator; ID Accident Death Indicator;
    XCN Entered By; ST Accident Description; ST Brought In By; ID Police Notified Indicator; XAD Accident Address; NM Degree of patient liability;
    EI Accident Identifier
    = ROL Role
    EI Role Instance ID; ID Action Code; CWE Role-ROL; XCN Role Person; DTM Role Begin Date/Time; DTM Role End Date/Time; CWE Role Duration;
    CWE Role Action Reason; CWE Provider Type; CWE Organization Unit Type; XAD Office/Home Address/Birthplace; XTN Phone; PL Person's Location;
    XON Organization
    = PDA Patient Death and Autopsy
    CWE Death Cause Code; PL Death Location; ID Death Certified Indicator; DTM Death Certificate Signed Date/Time; XCN Death Certified By;
    ID Autopsy Indicator; DR Autopsy Start and End Date/Time; XCN Autopsy Performed By; ID Coroner Indicator
    = NPU Bed Status Update
    PL Bed Location; CWE Bed Status
    = ARV Access Restriction
    SI Set ID; CNE Access Restriction Action Code; CWE Access Restriction Value; CWE Access Restriction Reason; ST Special Access Restriction Instructions;
    DR Access Restriction Date Range
    = CON Consent Segment
    SI Set ID - CON; CWE Consent Type; ST Consent Form ID and Version; EI Consent Form Number; FT Consent Text; FT Subject-specific Consent Text;
    FT Consent Background Information; FT Subject-specific Consent Background Text; FT Consenter-imposed limitations; CNE Consent Mode; CNE Consent Status;
    DTM Consent Discussion Date/Time; DTM Consent Decision Date/Time; DTM Consent Effective Date/Time; DTM Consent End Date/Time;
    ID Subject Competence Indicator; ID Translator Assistance Indicator; CWE Language Translated To; ID Informational Material Supplied Indicator;
    CWE Consent Bypass Reason; ID Consent Disclosure Level; CWE Consent Non-disclosure Reason; CWE Non-subject Consenter Reason; XPN Consenter ID;
    CWE Relationship to Subject
    """
}
