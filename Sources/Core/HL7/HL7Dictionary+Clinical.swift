extension HL7Dictionary {
  /// Chapters 3, 6, 9, 11 and 12: allergies, diagnoses, procedures, documents, referrals, problems and goals.
  static let clinicalSegments = """
    = AL1 Patient Allergy Information
    SI Set ID - AL1; CWE Allergen Type Code; CWE Allergen Code/Mnemonic/Description; CWE Allergy Severity Code; ST Allergy Reaction Code;
    DT Identification Date
    = IAM Patient Adverse Reaction Information
    SI Set ID - IAM; CWE Allergen Type Code; CWE Allergen Code/Mnemonic/Description; CWE Allergy Severity Code; ST Allergy Reaction Code;
    CNE Allergy Action Code; EI Allergy Unique Identifier; ST Action Reason; CWE Sensitivity to Causative Agent Code;
    CWE Allergen Group Code/Mnemonic/Description; DT Onset Date; ST Onset Date Text; DTM Reported Date/Time; XPN Reported By;
    CWE Relationship to Patient Code; CWE Alert Device Code; CWE Allergy Clinical Status Code; XCN Statused by Person; XON Statused by Organization;
    DTM Statused at Date/Time; XCN Inactivated by Person; DTM Inactivated Date/Time; XCN Initially Recorded by Person; DTM Initially Recorded Date/Time;
    XCN Modified by Person; DTM Modified Date/Time; CWE Clinician Identified Code; XON Initially Recorded by Organization; XON Modified by Organization;
    XON Inactivated by Organization
    = IAR Allergy Reaction
    CWE Allergy Reaction Code; CWE Allergy Severity Code; CWE Sensitivity to Causative Agent Code; ST Management
    = DG1 Diagnosis
    SI Set ID - DG1; ID Diagnosis Coding Method; CWE Diagnosis Code - DG1; ST Diagnosis Description; DTM Diagnosis Date/Time; CWE Diagnosis Type;
    CE Major Diagnostic Category; CE Diagnostic Related Group; ID DRG Approval Indicator; IS DRG Grouper Review Code; CE Outlier Type; NM Outlier Days;
    CP Outlier Cost; ST Grouper Version And Type; NM Diagnosis Priority; XCN Diagnosing Clinician; CWE Diagnosis Classification;
    ID Confidential Indicator; DTM Attestation Date/Time; EI Diagnosis Identifier; ID Diagnosis Action Code; EI Parent Diagnosis;
    CWE DRG CCL Value Code; ID DRG Grouping Usage; CWE DRG Diagnosis Determination Status; CWE Present On Admission (POA) Indicator
    = DRG Diagnosis Related Group
    CNE Diagnostic Related Group; DTM DRG Assigned Date/Time; ID DRG Approval Indicator; CWE DRG Grouper Review Code; CWE Outlier Type; NM Outlier Days;
    CP Outlier Cost; CWE DRG Payor; CP Outlier Reimbursement; ID Confidential Indicator; CWE DRG Transfer Type; XPN Name of Coder;
    CWE Grouper Status; CWE PCCL Value Code; NM Effective Weight; MO Monetary Amount; CWE Status Patient; ST Grouper Software Name;
    ST Grouper Software Version; CWE Status Financial Calculation; MO Relative Discount/Surcharge; MO Basic Charge; MO Total Charge;
    MO Discount/Surcharge; NM Calculated Days; CWE Status Gender; CWE Status Age; CWE Status Length of Stay; CWE Status Same Day Flag;
    CWE Status Separation Mode; CWE Status Weight at Birth; CWE Status Respiration Minutes; CWE Status Admission
    = PR1 Procedures
    SI Set ID - PR1; IS Procedure Coding Method; CNE Procedure Code; ST Procedure Description; DTM Procedure Date/Time; CWE Procedure Functional Type;
    NM Procedure Minutes; XCN Anesthesiologist; CWE Anesthesia Code; NM Anesthesia Minutes; XCN Surgeon; XCN Procedure Practitioner; CWE Consent Code;
    NM Procedure Priority; CWE Associated Diagnosis Code; CNE Procedure Code Modifier; CWE Procedure DRG Type; CWE Tissue Type Code;
    EI Procedure Identifier; ID Procedure Action Code; CWE DRG Procedure Determination Status; CWE DRG Procedure Relevance;
    PL Treating Organizational Unit; ID Respiratory Within Surgery; EI Parent Procedure ID
    = TXA Transcription Document Header
    SI Set ID - TXA; CWE Document Type; ID Document Content Presentation; DTM Activity Date/Time; XCN Primary Activity Provider Code/Name;
    DTM Origination Date/Time; DTM Transcription Date/Time; DTM Edit Date/Time; XCN Originator Code/Name; XCN Assigned Document Authenticator;
    XCN Transcriptionist Code/Name; EI Unique Document Number; EI Parent Document Number; EI Placer Order Number; EI Filler Order Number;
    ST Unique Document File Name; ID Document Completion Status; ID Document Confidentiality Status; ID Document Availability Status;
    ID Document Storage Status; ST Document Change Reason; PPN Authentication Person, Time Stamp (set); XCN Distributed Copies (Code and Name of Recipient(s));
    CWE Folder Assignment; ST Document Title; DTM Agreed Due Date/Time
    = RF1 Referral Information
    CWE Referral Status; CWE Referral Priority; CWE Referral Type; CWE Referral Disposition; CWE Referral Category; EI Originating Referral Identifier;
    DTM Effective Date; DTM Expiration Date; DTM Process Date; CWE Referral Reason; EI External Referral Identifier; CWE Referral Documentation Completion Status;
    DTM Planned Treatment Stop Date; ST Referral Reason Text; CQ Number of Authorized Treatments/Units; CQ Number of Used Treatments/Units;
    CQ Number of Schedule Treatments/Units; MO Remaining Benefit Amount; XON Authorized Provider; XCN Authorized Health Professional; ST Source Text;
    DTM Source Date; XTN Source Phone; ST Comment; ID Action Code
    = AUT Authorization Information
    CWE Authorizing Payor, Plan ID; CWE Authorizing Payor, Company ID; ST Authorizing Payor, Company Name; DTM Authorization Effective Date;
    DTM Authorization Expiration Date; EI Authorization Identifier; CP Reimbursement Limit; CQ Requested Number of Treatments;
    CQ Authorized Number of Treatments; DTM Process Date; CWE Requested Discipline(s); CWE Authorized Discipline(s); CWE Authorization Referral Type;
    CWE Approval Status; DTM Planned Treatment Stop Date; CWE Clinical Service; ST Reason Text; CQ Number of Authorized Treatments/Units;
    CQ Number of Used Treatments/Units; CQ Number of Schedule Treatments/Units; CWE Encounter Type; MO Remaining Benefit Amount; XON Authorized Provider;
    XCN Authorized Health Professional; ST Source Text; DTM Source Date; XTN Source Phone; ST Comment; ID Action Code
    = PRD Provider Data
    CWE Provider Role; XPN Provider Name; XAD Provider Address; PL Provider Location; XTN Provider Communication Information;
    CWE Preferred Method of Contact; PLN Provider Identifiers; DTM Effective Start Date of Provider Role; DTM Effective End Date of Provider Role;
    XON Provider Organization Name and Identifier; XAD Provider Organization Address; PL Provider Organization Location Information;
    XTN Provider Organization Communication Information; CWE Provider Organization Method of Contact
    = CTD Contact Data
    CWE Contact Role; XPN Contact Name; XAD Contact Address; PL Contact Location; XTN Contact Communication Information;
    CWE Preferred Method of Contact; PLN Contact Identifiers
    = GOL Goal Detail
    ID Action Code; DTM Action Date/Time; CWE Goal ID; EI Goal Instance ID; EI Episode of Care ID; NM Goal List Priority; DTM Goal Established Date/Time;
    DTM Expected Goal Achieve Date/Time; CWE Goal Classification; CWE Goal Management Discipline; CWE Current Goal Review Status;
    DTM Current Goal Review Date/Time; DTM Next Goal Review Date/Time; DTM Previous Goal Review Date/Time; TQ Goal Review Interval;
    CWE Goal Evaluation; ST Goal Evaluation Comment; CWE Goal Life Cycle Status; DTM Goal Life Cycle Status Date/Time; CWE Goal Target Type;
    XPN Goal Target Name; CNE Mood Code
    = PRB Problem Details
    ID Action Code; DTM Action Date/Time; CWE Problem ID; EI Problem Instance ID; EI Episode of Care ID; NM Problem List Priority;
    DTM Problem Established Date/Time; DTM Anticipated Problem Resolution Date/Time; DTM Actual Problem Resolution Date/Time;
    CWE Problem Classification; CWE Problem Management Discipline; CWE Problem Persistence; CWE Problem Confirmation Status;
    CWE Problem Life Cycle Status; DTM Problem Life Cycle Status Date/Time; DTM Problem Date of Onset; ST Problem Onset Text; CWE Problem Ranking;
    CWE Certainty of Problem; NM Probability of Problem (0-1); CWE Individual Awareness of Problem; CWE Problem Prognosis;
    CWE Individual Awareness of Prognosis; ST Family/Significant Other Awareness of Problem/Prognosis; CWE Security/Sensitivity;
    CWE Problem Severity; CWE Problem Perspective; CNE Mood Code
    = PTH Pathway
    ID Action Code; CWE Pathway ID; EI Pathway Instance ID; DTM Pathway Established Date/Time; CWE Pathway Life Cycle Status;
    DTM Change Pathway Life Cycle Status Date/Time; CNE Mood Code
    = VAR Variance
    EI Variance Instance ID; DTM Documented Date/Time; DTM Stated Variance Date/Time; XCN Variance Originator; CWE Variance Classification;
    ST Variance Description
    = PSH Product Summary Header
    ST Report Type; ST Report Form Identifier; DTM Report Date; DTM Report Interval Start Date; DTM Report Interval End Date; CQ Quantity Manufactured;
    CQ Quantity Distributed; ID Quantity Distributed Method; FT Quantity Distributed Comment; CQ Quantity in Use; ID Quantity in Use Method;
    FT Quantity in Use Comment; NM Number of Product Experience Reports Filed by Facility; NM Number of Product Experience Reports Filed by Distributor
    """
}
