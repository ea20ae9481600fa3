extension HL7Dictionary {
  /// Chapter 6: charges, guarantors and insurance.
  static let financialSegments = """
    = FT1 Financial Transaction
    SI Set ID - FT1; CX Transaction ID; ST Transaction Batch ID; DR Transaction Date; DTM Transaction Posting Date; CWE Transaction Type;
    CWE Transaction Code; ST Transaction Description; ST Transaction Description - Alt; NM Transaction Quantity; CP Transaction Amount - Extended;
    CP Transaction Amount - Unit; CWE Department Code; CWE Health Plan ID; CP Insurance Amount; PL Assigned Patient Location; CWE Fee Schedule;
    CWE Patient Type; CWE Diagnosis Code - FT1; XCN Performed By Code; XCN Ordered By Code; CP Unit Cost; EI Filler Order Number; XCN Entered By Code;
    CNE Procedure Code; CNE Procedure Code Modifier; CWE Advanced Beneficiary Notice Code; CWE Medically Necessary Duplicate Procedure Reason;
    CWE NDC Code; CX Payment Reference ID; SI Transaction Reference Key; XON Performing Facility; XON Ordering Facility; CWE Item Number; ST Model Number;
    CWE Special Processing Code; CWE Clinic Code; CX Referral Number; CX Authorization Number; CWE Service Provider Taxonomy Code; CWE Revenue Code;
    ST Prescription Number; CQ NDC Qty and UOM; CWE DME Certificate of Medical Necessity Transmission Code; CWE DME Certification Type Code;
    NM DME Duration Value; DT DME Certification Revision Date; DT DME Initial Certification Date; DT DME Last Certification Date;
    NM DME Length of Medical Necessity Days; MO DME Rental Price; MO DME Purchase Price; CWE DME Frequency Code;
    ID DME Certification Condition Indicator; CWE DME Condition Indicator Code; CWE Service Reason Code
    = GT1 Guarantor
    SI Set ID - GT1; CX Guarantor Number; XPN Guarantor Name; XPN Guarantor Spouse Name; XAD Guarantor Address; XTN Guarantor Ph Num - Home;
    XTN Guarantor Ph Num - Business; DTM Guarantor Date/Time Of Birth; CWE Guarantor Administrative Sex; CWE Guarantor Type;
    CWE Guarantor Relationship; ST Guarantor SSN; DT Guarantor Date - Begin; DT Guarantor Date - End; NM Guarantor Priority; XPN Guarantor Employer Name;
    XAD Guarantor Employer Address; XTN Guarantor Employer Phone Number; CX Guarantor Employee ID Number; CWE Guarantor Employment Status;
    XON Guarantor Organization Name; ID Guarantor Billing Hold Flag; CWE Guarantor Credit Rating Code; DTM Guarantor Death Date And Time;
    ID Guarantor Death Flag; CWE Guarantor Charge Adjustment Code; CP Guarantor Household Annual Income; NM Guarantor Household Size;
    CX Guarantor Employer ID Number; CWE Guarantor Marital Status Code; DT Guarantor Hire Effective Date; DT Employment Stop Date;
    CWE Living Dependency; CWE Ambulatory Status; CWE Citizenship; CWE Primary Language; CWE Living Arrangement; CWE Publicity Code;
    ID Protection Indicator; CWE Student Indicator; CWE Religion; XPN Mother's Maiden Name; CWE Nationality; CWE Ethnic Group; XPN Contact Person's Name;
    XTN Contact Person's Telephone Number; CWE Contact Reason; CWE Contact Relationship; ST Job Title; JCC Job Code/Class;
    XON Guarantor Employer's Organization Name; CWE Handicap; CWE Job Status; FC Guarantor Financial Class; CWE Guarantor Race; ST Guarantor Birth Place;
    CWE VIP Indicator
    = IN1 Insurance
    SI Set ID - IN1; CWE Health Plan ID; CX Insurance Company ID; XON Insurance Company Name; XAD Insurance Company Address;
    XPN Insurance Co Contact Person; XTN Insurance Co Phone Number; ST Group Number; XON Group Name; CX Insured's Group Emp ID;
    XON Insured's Group Emp Name; DT Plan Effective Date; DT Plan Expiration Date; AUI Authorization Information; CWE Plan Type; XPN Name Of Insured;
    CWE Insured's Relationship To Patient; DTM Insured's Date Of Birth; XAD Insured's Address; CWE Assignment Of Benefits;
    CWE Coordination Of Benefits; ST Coord Of Ben. Priority; ID Notice Of Admission Flag; DT Notice Of Admission Date; ID Report Of Eligibility Flag;
    DT Report Of Eligibility Date; CWE Release Information Code; ST Pre-Admit Cert (PAC); DTM Verification Date/Time; XCN Verification By;
    CWE Type Of Agreement Code; CWE Billing Status; NM Lifetime Reserve Days; NM Delay Before L.R. Day; CWE Company Plan Code; ST Policy Number;
    CP Policy Deductible; CP Policy Limit - Amount; NM Policy Limit - Days; CP Room Rate - Semi-Private; CP Room Rate - Private;
    CWE Insured's Employment Status; CWE Insured's Administrative Sex; XAD Insured's Employer's Address; ST Verification Status;
    CWE Prior Insurance Plan ID; CWE Coverage Type; CWE Handicap; CX Insured's ID Number; CWE Signature Code; DT Signature Code Date;
    ST Insured's Birth Place; CWE VIP Indicator; CX External Health Plan Identifiers; ID Insurance Action Code
    = IN2 Insurance Additional Information
    CX Insured's Employee ID; ST Insured's Social Security Number; XCN Insured's Employer's Name and ID; CWE Employer Information Data;
    CWE Mail Claim Party; ST Medicare Health Ins Card Number; XPN Medicaid Case Name; ST Medicaid Case Number; XPN Military Sponsor Name;
    ST Military ID Number; CWE Dependent Of Military Recipient; ST Military Organization; ST Military Station; CWE Military Service;
    CWE Military Rank/Grade; CWE Military Status; DT Military Retire Date; ID Military Non-Avail Cert On File; ID Baby Coverage;
    ID Combine Baby Bill; ST Blood Deductible; XPN Special Coverage Approval Name; ST Special Coverage Approval Title;
    CWE Non-Covered Insurance Code; CX Payor ID; CX Payor Subscriber ID; CWE Eligibility Source; RMC Room Coverage Type/Amount;
    PTA Policy Type/Amount; DDI Daily Deductible; CWE Living Dependency; CWE Ambulatory Status; CWE Citizenship; CWE Primary Language;
    CWE Living Arrangement; CWE Publicity Code; ID Protection Indicator; CWE Student Indicator; CWE Religion; XPN Mother's Maiden Name;
    CWE Nationality; CWE Ethnic Group; CWE Marital Status; DT Insured's Employment Start Date; DT Employment Stop Date; ST Job Title;
    JCC Job Code/Class; CWE Job Status; XPN Employer Contact Person Name; XTN Employer Contact Person Phone Number; CWE Employer Contact Reason;
    XPN Insured's Contact Person's Name; XTN Insured's Contact Person Phone Number; CWE Insured's Contact Person Reason;
    DT Relationship to the Patient Start Date; DT Relationship to the Patient Stop Date; CWE Insurance Co Contact Reason;
    XTN Insurance Co Contact Phone Number; CWE Policy Scope; CWE Policy Source; CX Patient Member Number; CWE Guarantor's Relationship to Insured;
    XTN Insured's Phone Number - Home; XTN Insured's Employer Phone Number; CWE Military Handicapped Program; ID Suspend Flag; ID Copay Limit Flag;
    ID Stoploss Limit Flag; XON Insured Organization Name and ID; XON Insured Employer Organization Name and ID; CWE Race;
    CWE Patient's Relationship to Insured; CP Co-Pay Amount
    = IN3 Insurance Additional Information, Certification
    SI Set ID - IN3; CX Certification Number; XCN Certified By; ID Certification Required; MOP Penalty; DTM Certification Date/Time;
    DTM Certification Modify Date/Time; XCN Operator; DT Certification Begin Date; DT Certification End Date; DTN Days;
    CWE Non-Concur Code/Description; DTM Non-Concur Effective Date/Time; XCN Physician Reviewer; ST Certification Contact;
    XTN Certification Contact Phone Number; CWE Appeal Reason; CWE Certification Agency; XTN Certification Agency Phone Number;
    ICD Pre-Certification Requirement; ST Case Manager; DT Second Opinion Date; CWE Second Opinion Status; CWE Second Opinion Documentation Received;
    XCN Second Opinion Physician; CWE Certification Type; CWE Certification Category; DTM Online Verification Date/Time;
    CWE Online Verification Result; CWE Online Verification Result Error Code; ST Online Verification Result Check Digit
    = UB1 UB82
    SI Set ID - UB1; NM Blood Deductible; NM Blood Furnished-Pints; NM Blood Replaced-Pints; NM Blood Not Replaced-Pints; NM Co-Insurance Days;
    IS Condition Code; NM Covered Days; NM Non Covered Days; UVC Value Amount & Code; NM Number Of Grace Days; CE Special Program Indicator;
    CE PSRO/UR Approval Indicator; DT PSRO/UR Approved Stay-Fm; DT PSRO/UR Approved Stay-To; OCD Occurrence; CE Occurrence Span;
    DT Occur Span Start Date; DT Occur Span End Date; ST UB-82 Locator 2; ST UB-82 Locator 9; ST UB-82 Locator 27; ST UB-82 Locator 45
    = UB2 Uniform Billing Data
    SI Set ID - UB2; ST Co-Insurance Days (9); CWE Condition Code (24-30); ST Covered Days (7); ST Non-Covered Days (8);
    UVC Value Amount & Code; OCD Occurrence Code & Date (32-35); OSP Occurrence Span Code/Dates (36); ST Uniform Billing Locator 2 (State);
    ST Uniform Billing Locator 11 (State); ST Uniform Billing Locator 31 (National); ST Document Control Number;
    ST Uniform Billing Locator 49 (National); ST Uniform Billing Locator 56 (State); ST Uniform Billing Locator 57 (National);
    ST Uniform Billing Locator 78 (State); NM Special Visit Count
    = ABS Abstract
    XCN Discharge Care Provider; CWE Transfer Medical Service Code; CWE Severity of Illness Code; DTM Date/Time of Attestation; XCN Attested By;
    CWE Triage Code; DTM Abstract Completion Date/Time; XCN Abstracted By; CWE Case Category Code; ID Caesarian Section Indicator;
    CWE Gestation Category Code; NM Gestation Period - Weeks; CWE Newborn Code; ID Stillborn Indicator
    = BLC Blood Code
    CWE Blood Product Code; CQ Blood Amount
    = RMI Risk Management Incident
    CWE Risk Management Incident Code; DTM Date/Time Incident; CWE Incident Type Code
    """
}
