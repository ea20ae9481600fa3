extension HL7Dictionary {
  /// Chapter 2A: the components of the data types that occur most.
  static let dataTypes = """
    = AUI Authorization Information
    ST Authorization Number; DT Date; ST Source
    = CCD Charge Code and Date
    ID Invocation Event; DTM Date/time
    = CE Coded Element
    ST Identifier; ST Text; ID Name of Coding System; ST Alternate Identifier; ST Alternate Text; ID Name of Alternate Coding System
    = CNE Coded with No Exceptions
    ST Identifier; ST Text; ID Name of Coding System; ST Alternate Identifier; ST Alternate Text; ID Name of Alternate Coding System;
    ST Coding System Version ID; ST Alternate Coding System Version ID; ST Original Text
    = CWE Coded with Exceptions
    ST Identifier; ST Text; ID Name of Coding System; ST Alternate Identifier; ST Alternate Text; ID Name of Alternate Coding System;
    ST Coding System Version ID; ST Alternate Coding System Version ID; ST Original Text; ST Second Alternate Identifier; ST Second Alternate Text;
    ID Name of Second Alternate Coding System; ST Second Alternate Coding System Version ID; ST Coding System OID; ST Value Set OID;
    DTM Value Set Version ID; ST Alternate Coding System OID; ST Alternate Value Set OID; DTM Alternate Value Set Version ID;
    ST Second Alternate Coding System OID; ST Second Alternate Value Set OID; DTM Second Alternate Value Set Version ID
    = CP Composite Price
    MO Price; ID Price Type; NM From Value; NM To Value; CWE Range Units; ID Range Type
    = CQ Composite Quantity with Units
    NM Quantity; CWE Units
    = CX Extended Composite ID with Check Digit
    ST ID Number; ST Identifier Check Digit; ID Check Digit Scheme; HD Assigning Authority; ID Identifier Type Code; HD Assigning Facility;
    DT Effective Date; DT Expiration Date; CWE Assigning Jurisdiction; CWE Assigning Agency or Department; ST Security Check; ID Security Check Scheme
    = DIN Date and Institution Name
    DTM Date; CWE Institution Name
    = DLD Discharge to Location and Date
    CWE Discharge to Location; DTM Effective Date
    = DLN Driver's License Number
    ST License Number; CWE Issuing State, Province, Country; DT Expiration Date
    = DR Date/Time Range
    DTM Range Start Date/Time; DTM Range End Date/Time
    = ED Encapsulated Data
    HD Source Application; ID Type of Data; ID Data Subtype; ID Encoding; TX Data
    = EI Entity Identifier
    ST Entity Identifier; IS Namespace ID; ST Universal ID; ID Universal ID Type
    = EIP Entity Identifier Pair
    EI Placer Assigned Identifier; EI Filler Assigned Identifier
    = ERL Error Location
    ST Segment ID; NM Segment Sequence; NM Field Position; NM Field Repetition; NM Component Number; NM Sub-Component Number
    = FC Financial Class
    CWE Financial Class Code; DTM Effective Date
    = FN Family Name
    ST Surname; ST Own Surname Prefix; ST Own Surname; ST Surname Prefix from Partner/Spouse; ST Surname from Partner/Spouse
    = HD Hierarchic Designator
    IS Namespace ID; ST Universal ID; ID Universal ID Type
    = JCC Job Code/Class
    CWE Job Code; CWE Job Class; TX Job Description Text
    = LA1 Location with Address Variation 1
    IS Point of Care; IS Room; IS Bed; HD Facility; IS Location Status; IS Patient Location Type; IS Building; IS Floor; AD Address
    = LA2 Location with Address Variation 2
    IS Point of Care; IS Room; IS Bed; HD Facility; IS Location Status; IS Patient Location Type; IS Building; IS Floor; ST Street Address;
    ST Other Designation; ST City; ST State or Province; ST Zip or Postal Code; ID Country; ID Address Type; ST Other Geographic Designation
    = MO Money
    NM Quantity; ID Denomination
    = MOC Money and Code
    MO Monetary Amount; CWE Charge Code
    = MSG Message Type
    ID Message Code; ID Trigger Event; ID Message Structure
    = NDL Name with Date and Location
    CNN Name; DTM Start Date/time; DTM End Date/time; IS Point of Care; IS Room; IS Bed; HD Facility; IS Location Status; IS Patient Location Type;
    IS Building; IS Floor
    = CNN Composite ID Number and Name Simplified
    ST ID Number; ST Family Name; ST Given Name; ST Second and Further Given Names or Initials Thereof; ST Suffix; ST Prefix; IS Degree;
    IS Source Table; IS Assigning Authority - Namespace ID; ST Assigning Authority - Universal ID; ID Assigning Authority - Universal ID Type
    = OCD Occurrence Code and Date
    CNE Occurrence Code; DT Occurrence Date
    = PL Person Location
    HD Point of Care; HD Room; HD Bed; HD Facility; IS Location Status; IS Person Location Type; HD Building; HD Floor; ST Location Description;
    EI Comprehensive Location Identifier; HD Assigning Authority for Location
    = PLN Practitioner License or Other ID Number
    ST ID Number; CWE Type of ID Number; ST State/other Qualifying Information; DT Expiration Date
    = PPN Performing Person Time Stamp
    ST Person Identifier; FN Family Name; ST Given Name; ST Second and Further Given Names or Initials Thereof; ST Suffix; ST Prefix; IS Degree;
    CWE Source Table; HD Assigning Authority; ID Name Type Code; ST Identifier Check Digit; ID Check Digit Scheme; ID Identifier Type Code;
    HD Assigning Facility; DTM Date/Time Action Performed; ID Name Representation Code; CWE Name Context; DR Name Validity Range;
    ID Name Assembly Order; DTM Effective Date; DTM Expiration Date; ST Professional Suffix; CWE Assigning Jurisdiction;
    CWE Assigning Agency or Department
    = PRL Parent Result Link
    CWE Parent Observation Identifier; ST Parent Observation Sub-identifier; TX Parent Observation Value Descriptor
    = PT Processing Type
    ID Processing ID; ID Processing Mode
    = RP Reference Pointer
    ST Pointer; HD Application ID; ID Type of Data; ID Subtype
    = SAD Street Address
    ST Street or Mailing Address; ST Street Name; ST Dwelling Number
    = SN Structured Numeric
    ST Comparator; NM Num1; ST Separator/Suffix; NM Num2
    = SPS Specimen Source
    CWE Specimen Source Name or Code; CWE Additives; TX Specimen Collection Method; CWE Body Site; CWE Site Modifier;
    CWE Collection Method Modifier Code; CWE Specimen Role
    = TQ Timing Quantity
    CQ Quantity; RI Interval; ST Duration; TS Start Date/Time; TS End Date/Time; ST Priority; ST Condition; TX Text; ID Conjunction; OSD Order Sequencing;
    CE Occurrence Duration; NM Total Occurrences
    = TS Time Stamp
    DTM Time; ID Degree of Precision
    = UVC UB Value Code and Amount
    CWE Value Code; MO Value Amount; NM Non-Monetary Value Amount / Quantity; CWE Non-Monetary Value Amount / Units
    = VID Version Identifier
    ID Version ID; CWE Internationalization Code; CWE International Version ID
    = XAD Extended Address
    SAD Street Address; ST Other Designation; ST City; ST State or Province; ST Zip or Postal Code; ID Country; ID Address Type;
    ST Other Geographic Designation; CWE County/Parish Code; CWE Census Tract; ID Address Representation Code; DR Address Validity Range;
    DTM Effective Date; DTM Expiration Date; CWE Expiration Reason; ID Temporary Indicator; ID Bad Address Indicator; ID Address Usage; ST Addressee;
    ST Comment; NM Preference Order; CWE Protection Code; EI Address Identifier
    = XCN Extended Composite ID Number and Name for Persons
    ST Person Identifier; FN Family Name; ST Given Name; ST Second and Further Given Names or Initials Thereof; ST Suffix; ST Prefix; IS Degree;
    CWE Source Table; HD Assigning Authority; ID Name Type Code; ST Identifier Check Digit; ID Check Digit Scheme; ID Identifier Type Code;
    HD Assigning Facility; ID Name Representation Code; CWE Name Context; DR Name Validity Range; ID Name Assembly Order; DTM Effective Date;
    DTM Expiration Date; ST Professional Suffix; CWE Assigning Jurisdiction; CWE Assigning Agency or Department; ST Security Check;
    ID Security Check Scheme
    = XON Extended Composite Name and Identification Number for Organizations
    ST Organization Name; CWE Organization Name Type Code; NM ID Number; NM Identifier Check Digit; ID Check Digit Scheme; HD Assigning Authority;
    ID Identifier Type Code; HD Assigning Facility; ID Name Representation Code; ST Organization Identifier
    = XPN Extended Person Name
    FN Family Name; ST Given Name; ST Second and Further Given Names or Initials Thereof; ST Suffix; ST Prefix; IS Degree; ID Name Type Code;
    ID Name Representation Code; CWE Name Context; DR Name Validity Range; ID Name Assembly Order; DTM Effective Date; DTM Expiration Date;
    ST Professional Suffix; ST Called By
    = XTN Extended Telecommunication Number
    ST Telephone Number; ID Telecommunication Use Code; ID Telecommunication Equipment Type; ST Communication Address; SNM Country Code;
    SNM Area/City Code; SNM Local Number; SNM Extension; ST Any Text; ST Extension Prefix; ST Speed Dial Code; ST Unformatted Telephone number;
    DTM Effective Start Date; DTM Expiration Date; CWE Expiration Reason; CWE Protection Code; EI Shared Telecommunication Identifier;
    NM Preference Order
    """
}
