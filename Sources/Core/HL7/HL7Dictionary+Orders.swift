extension HL7Dictionary {
  /// Chapters 4 and 7: orders, observations and specimens.
  static let orderSegments = """
    = ORC Common Order
    ID Order Control; EI Placer Order Number; EI Filler Order Number; EIP Placer Group Number; ID Order Status; ID Response Flag; TQ Quantity/Timing;
    EIP Parent Order; DTM Date/Time of Transaction; XCN Entered By; XCN Verified By; XCN Ordering Provider; PL Enterer's Location;
    XTN Call Back Phone Number; DTM Order Effective Date/Time; CWE Order Control Code Reason; CWE Entering Organization; CWE Entering Device; XCN Action By;
    CWE Advanced Beneficiary Notice Code; XON Ordering Facility Name; XAD Ordering Facility Address; XTN Ordering Facility Phone Number;
    XAD Ordering Provider Address; CWE Order Status Modifier; CWE Advanced Beneficiary Notice Override Reason; DTM Filler's Expected Availability Date/Time;
    CWE Confidentiality Code; CWE Order Type; CNE Enterer Authorization Mode; CWE Parent Universal Service Identifier; DT Advanced Beneficiary Notice Date;
    CX Alternate Placer Order Number; CWE Order Workflow Profile
    = OBR Observation Request
    SI Set ID - OBR; EI Placer Order Number; EI Filler Order Number; CWE Universal Service Identifier; ID Priority; DTM Requested Date/Time;
    DTM Observation Date/Time; DTM Observation End Date/Time; CQ Collection Volume; XCN Collector Identifier; ID Specimen Action Code; CWE Danger Code;
    CWE Relevant Clinical Information; DTM Specimen Received Date/Time; SPS Specimen Source; XCN Ordering Provider; XTN Order Callback Phone Number;
    ST Placer Field 1; ST Placer Field 2; ST Filler Field 1; ST Filler Field 2; DTM Results Rpt/Status Chng - Date/Time; MOC Charge to Practice;
    ID Diagnostic Serv Sect ID; ID Result Status; PRL Parent Result; TQ Quantity/Timing; XCN Result Copies To; EIP Parent Results Observation Identifier;
    ID Transportation Mode; CWE Reason for Study; NDL Principal Result Interpreter; NDL Assistant Result Interpreter; NDL Technician; NDL Transcriptionist;
    DTM Scheduled Date/Time; NM Number of Sample Containers; CWE Transport Logistics of Collected Sample; CWE Collector's Comment;
    CWE Transport Arrangement Responsibility; ID Transport Arranged; ID Escort Required; CWE Planned Patient Transport Comment; CNE Procedure Code;
    CNE Procedure Code Modifier; CWE Placer Supplemental Service Information; CWE Filler Supplemental Service Information;
    CWE Medically Necessary Duplicate Procedure Reason; CWE Result Handling; CWE Parent Universal Service Identifier; EI Observation Group ID;
    EI Parent Observation Group ID; CX Alternate Placer Order Number; EIP Parent Order
    = OBX Observation/Result
    SI Set ID - OBX; ID Value Type; CWE Observation Identifier; ST Observation Sub-ID; varies Observation Value; CWE Units; ST References Range;
    CWE Interpretation Codes; NM Probability; ID Nature of Abnormal Test; ID Observation Result Status; DTM Effective Date of Reference Range;
    ST User Defined Access Checks; DTM Date/Time of the Observation; CWE Producer's ID; XCN Responsible Observer; CWE Observation Method;
    EI Equipment Instance Identifier; DTM Date/Time of the Analysis; CWE Observation Site; EI Observation Instance Identifier; CNE Mood Code;
    XON Performing Organization Name; XAD Performing Organization Address; XCN Performing Organization Medical Director;
    ID Patient Results Release Category; CWE Root Cause; CWE Local Process Control
    = TQ1 Timing/Quantity
    SI Set ID - TQ1; CQ Quantity; RPT Repeat Pattern; TM Explicit Time; CQ Relative Time and Units; CQ Service Duration; DTM Start date/time;
    DTM End date/time; CWE Priority; TX Condition text; TX Text instruction; ID Conjunction; CQ Occurrence duration; NM Total occurrences
    = TQ2 Timing/Quantity Relationship
    SI Set ID - TQ2; ID Sequence/Results Flag; EI Related Placer Number; EI Related Filler Number; EI Related Placer Group Number;
    ID Sequence Condition Code; ID Cyclic Entry/Exit Indicator; CQ Sequence Condition Time Interval; NM Cyclic Group Maximum Number of Repeats;
    ID Special Service Request Relationship
    = SPM Specimen
    SI Set ID - SPM; EIP Specimen Identifier; EIP Specimen Parent IDs; CWE Specimen Type; CWE Specimen Type Modifier; CWE Specimen Additives;
    CWE Specimen Collection Method; CWE Specimen Source Site; CWE Specimen Source Site Modifier; CWE Specimen Collection Site; CWE Specimen Role;
    CQ Specimen Collection Amount; NM Grouped Specimen Count; ST Specimen Description; CWE Specimen Handling Code; CWE Specimen Risk Code;
    DR Specimen Collection Date/Time; DTM Specimen Received Date/Time; DTM Specimen Expiration Date/Time; ID Specimen Availability;
    CWE Specimen Reject Reason; CWE Specimen Quality; CWE Specimen Appropriateness; CWE Specimen Condition; CQ Specimen Current Quantity;
    NM Number of Specimen Containers; CWE Container Type; CWE Container Condition; CWE Specimen Child Role; CX Accession ID; CX Other Specimen ID;
    EI Shipment ID
    = SAC Specimen Container Detail
    EI External Accession Identifier; EI Accession Identifier; EI Container Identifier; EI Primary (Parent) Container Identifier;
    EI Equipment Container Identifier; SPS Specimen Source; DTM Registration Date/Time; CWE Container Status; CWE Carrier Type; EI Carrier Identifier;
    NA Position in Carrier; CWE Tray Type - SAC; EI Tray Identifier; NA Position in Tray; CWE Location; NM Container Height; NM Container Diameter;
    NM Barrier Delta; NM Bottom Delta; CWE Container Height/Diameter/Delta Units; NM Container Volume; NM Available Specimen Volume;
    NM Initial Specimen Volume; CWE Volume Units; CWE Separator Type; CWE Cap Type; CWE Additive; CWE Specimen Component; SN Dilution Factor; CWE Treatment;
    SN Temperature; NM Hemolysis Index; CWE Hemolysis Index Units; NM Lipemia Index; CWE Lipemia Index Units; NM Icterus Index; CWE Icterus Index Units;
    NM Fibrin Index; CWE Fibrin Index Units; CWE System Induced Contaminants; CWE Drug Interference; CWE Artificial Blood; CWE Special Handling Code;
    CWE Other Environmental Factors
    = CTI Clinical Trial Identification
    EI Sponsor Study ID; CWE Study Phase Identifier; CWE Study Scheduled Time Point
    = ODS Dietary Orders, Supplements, and Preferences
    ID Type; CWE Service Period; CWE Diet, Supplement, or Preference Code; ST Text Instruction
    = ODT Diet Tray Instructions
    CWE Tray Type; CWE Service Period; ST Text Instruction
    = RQD Requisition Detail
    SI Requisition Line Number; CWE Item Code - Internal; CWE Item Code - External; CWE Hospital Item Code; NM Requisition Quantity;
    CWE Requisition Unit of Measure; CX Cost Center Account Number; CWE Item Natural Account Code; CWE Deliver To ID; DT Date Needed
    = BLG Billing
    CCD When to Charge; ID Charge Type; CX Account ID; CWE Charge Type Reason
    = PRT Participation Information
    EI Participation Instance ID; ID Action Code; CWE Action Reason; CWE Participation; XCN Participation Person; CWE Participation Person Provider Type;
    CWE Participant Organization Unit Type; XON Participation Organization; PL Participant Location; EI Participation Device;
    DTM Participation Begin Date/Time (arrival time); DTM Participation End Date/Time (departure time); CWE Participation Qualitative Duration;
    XAD Participation Address; XTN Participant Telecommunication Address; EI Participant Device Identifier; DTM Participant Device Manufacture Date;
    DTM Participant Device Expiry Date; ST Participant Device Lot Number; ST Participant Device Serial Number; EI Participant Device Donation Identification;
    CNE Participation Device Type
    """
}
