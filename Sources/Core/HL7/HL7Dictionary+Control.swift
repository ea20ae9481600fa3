extension HL7Dictionary {
  /// Chapters 2 and 5: message control, batches, acknowledgements and queries.
  static let controlSegments = """
    = MSH Message Header
    ST Field Separator; ST Encoding Characters; HD Sending Application; HD Sending Facility; HD Receiving Application; HD Receiving Facility;
    DTM Date/Time of Message; ST Security; MSG Message Type; ST Message Control ID; PT Processing ID; VID Version ID; NM Sequence Number;
    ST Continuation Pointer; ID Accept Acknowledgment Type; ID Application Acknowledgment Type; ID Country Code; ID Character Set;
    CWE Principal Language Of Message; ID Alternate Character Set Handling Scheme; EI Message Profile Identifier; XON Sending Responsible Organization;
    XON Receiving Responsible Organization; HD Sending Network Address; HD Receiving Network Address
    = FHS File Header
    ST File Field Separator; ST File Encoding Characters; HD File Sending Application; HD File Sending Facility; HD File Receiving Application;
    HD File Receiving Facility; DTM File Creation Date/Time; ST File Security; ST File Name/ID; ST File Header Comment; ST File Control ID;
    ST Reference File Control ID; HD File Sending Network Address; HD File Receiving Network Address
    = FTS File Trailer
    NM File Batch Count; ST File Trailer Comment
    = BHS Batch Header
    ST Batch Field Separator; ST Batch Encoding Characters; HD Batch Sending Application; HD Batch Sending Facility; HD Batch Receiving Application;
    HD Batch Receiving Facility; DTM Batch Creation Date/Time; ST Batch Security; ST Batch Name/ID/Type; ST Batch Comment; ST Batch Control ID;
    ST Reference Batch Control ID; HD Batch Sending Network Address; HD Batch Receiving Network Address
    = BTS Batch Trailer
    ST Batch Message Count; ST Batch Comment; NM Batch Totals
    = SFT Software Segment
    XON Software Vendor Organization; ST Software Certified Version or Release Number; ST Software Product Name; ST Software Binary ID;
    TX Software Product Information; DTM Software Install Date
    = UAC User Authentication Credential Segment
    CWE User Authentication Credential Type Code; ED User Authentication Credential
    = NTE Notes and Comments
    SI Set ID - NTE; ID Source of Comment; FT Comment; CWE Comment Type; XCN Entered By; DTM Entered Date/Time; DTM Effective Start Date; DTM Expiration Date
    = MSA Message Acknowledgment
    ID Acknowledgment Code; ST Message Control ID; ST Text Message; NM Expected Sequence Number; ID Delayed Acknowledgment Type; CE Error Condition;
    NM Message Waiting Number; ID Message Waiting Priority
    = ERR Error
    ELD Error Code and Location; ERL Error Location; CWE HL7 Error Code; ID Severity; CWE Application Error Code; ST Application Error Parameter;
    TX Diagnostic Information; TX User Message; CWE Inform Person Indicator; CWE Override Type; CWE Override Reason Code; XTN Help Desk Contact Point
    = DSC Continuation Pointer
    ST Continuation Pointer; ID Continuation Style
    = ADD Addendum
    ST Addendum Continuation Pointer
    = DSP Display Data
    SI Set ID - DSP; SI Display Level; TX Data Line; ST Logical Break Point; TX Result ID
    = QAK Query Acknowledgment
    ST Query Tag; ID Query Response Status; CWE Message Query Name; NM Hit Count Total; NM This payload; NM Hits remaining
    = QID Query Identification
    ST Query Tag; CWE Message Query Name
    = QPD Query Parameter Definition
    CWE Message Query Name; ST Query Tag; varies User Parameters (in successive fields)
    = QRD Original-Style Query Definition
    TS Query Date/Time; ID Query Format Code; ID Query Priority; ST Query ID; ID Deferred Response Type; TS Deferred Response Date/Time;
    CQ Quantity Limited Request; XCN Who Subject Filter; CE What Subject Filter; CE What Department Data Code; VR What Data Code Value Qual.;
    ID Query Results Level
    = QRF Original Style Query Filter
    ST Where Subject Filter; TS When Data Start Date/Time; TS When Data End Date/Time; ST What User Qualifier; ST Other QRY Subject Filter;
    ID Which Date/Time Qualifier; ID Which Date/Time Status Qualifier; ID Date/Time Selection Qualifier; TQ When Quantity/Timing Qualifier;
    NM Search Confidence Threshold
    = RCP Response Control Parameter
    ID Query Priority; CQ Quantity Limited Request; CNE Response Modality; DTM Execution and Delivery Time; ID Modify Indicator; SRT Sort-by Field;
    ID Segment group inclusion
    = EQU Equipment Detail
    EI Equipment Instance Identifier; DTM Event Date/Time; CWE Equipment State; CWE Local/Remote Control State; CWE Alert Level
    = MFI Master File Identification
    CWE Master File Identifier; HD Master File Application Identifier; ID File-Level Event Code; DTM Entered Date/Time; DTM Effective Date/Time;
    ID Response Level Code
    = MFE Master File Entry
    ID Record-Level Event Code; ST MFN Control ID; DTM Effective Date/Time; varies Primary Key Value - MFE; ID Primary Key Value Type;
    DTM Entered Date/Time; XCN Entered By
    = MFA Master File Acknowledgment
    ID Record-Level Event Code; ST MFN Control ID; DTM Event Completion Date/Time; CWE MFN Record Level Error Return; varies Primary Key Value - MFA;
    ID Primary Key Value Type - MFA
    = STF Staff Identification
    varies Primary Key Value - STF; CX Staff Identifier List; XPN Staff Name; CWE Staff Type; CWE Administrative Sex; DTM Date/Time of Birth;
    ID Active/Inactive Flag; CWE Department; CWE Hospital Service - STF; XTN Phone; XAD Office/Home Address/Birthplace; DIN Institution Activation Date;
    DIN Institution Inactivation Date; CWE Backup Person ID; ST E-Mail Address; CWE Preferred Method of Contact; CWE Marital Status; ST Job Title;
    JCC Job Code/Class; CWE Employment Status Code; ID Additional Insured on Auto; DLN Driver's License Number - Staff; ID Copy Auto Ins;
    DT Auto Ins Expires; DT Date Last DMV Review; DT Date Next DMV Review; CWE Race; CWE Ethnic Group; ID Re-activation Approval Indicator;
    CWE Citizenship; DTM Date/Time of Death; ID Death Indicator; CWE Institution Relationship Type Code; DR Institution Relationship Period;
    DT Expected Return Date; CWE Cost Center Code; ID Generic Classification Indicator; CWE Inactive Reason Code; CWE Generic resource type or category;
    CWE Religion; ED Signature
    """
}
