public import Core

/// Words that the decoders know: put in a wrong place, they hurt more than random bytes.
public enum Tokens {
  public static let hl7: [[UInt8]] =
    [
      "MSH|^~\\&|", "\rMSH|^~\\&|A|B|||2026||ADT^A01|1|T|2.5\r", "\rFHS|^~\\&|\r", "\rBHS|^~\\&|\r", "\rBTS|1\r", "\rFTS|1\r", "\rBTS|x\r", "\rFTS\r", "\rPID|1||9\r",
      "\rOBX|1|TX|||", "\r", "\n", "\r\n", "\u{0B}", "\u{1C}\r", "|", "^", "~", "\\", "&", "#", "\\F\\", "\\X0D\\", "\\X41", "\\.br\\", "\\H\\", "\\C2842\\", "\\M2421\\", "\"\"",
      "\rMSH", "\rMSH#!@$%", "\rMSHA", "UNICODE UTF-8", "8859/1", "ASCII", "\r# note\r", "\0", "\u{FEFF}", "\u{E9}", "PI", "\rBT",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xFE, 0xFF], [0xFF, 0xFE], [0xED, 0xA0, 0x80], [0xC0, 0x80]]

  public static let csv: [[UInt8]] =
    [
      "mrn,last,amount\n", "mrn,amount,last,new\r\n", "H|1|NORTH\n", "D|T1|TEST|1.50\n", "T|1|1.50\n", "T|0|0\n", "\nT|2|3.00", "H|", "D|", "T|", ",", ";", "|", "\t", "\"", "\"\"",
      "\"a\"b", "\n", "\r", "\r\n", "\n\n", " ", " \"", "\0", "\u{FEFF}", "\u{E9}", "12.5", "-0.01", "9999999999999999999", "T1,TEST,1.00\n", "\"T1\",\"TE\nST\",\"1\"\r\n",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xE2, 0x82], [0xFE, 0xFF], [0xFF, 0xFE], [0x81], [0x93]]

  public static let fhir: [[UInt8]] =
    [
      "{\"resourceType\":\"Bundle\",\"entry\":[", "{\"resourceType\":\"Patient\",\"id\":\"1\"}", "{\"resource\":", "\"fullUrl\":\"urn:uuid:1\",", "\"resourceType\":\"Bundle\"", "\n{", "\n", "\r\n",
      "]}", "}]", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0041", "\\ud83d\\ude00", "\\ud83d", "\\n", "null", "true", "false", "NaN", "-0.0e+1", "01", "1.50", "\"_a\":[null,{}]", "\"a\":[\"b\",null]",
      "\"reference\":\"urn:uuid:1\"", "\"reference\":\"Patient/1\"", "\"reference\":\"#c\"", "\"contained\":[{\"id\":\"c\"}]", "\"entry\":[", "\"contentType\":\"a/b\",\"data\":\"AAAA\"", " ", "\u{FEFF}", "\0",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xFE, 0xFF]]

  public static let cda: [[UInt8]] =
    [
      "<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>", "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">", "</ClinicalDocument>",
      "<component><structuredBody>", "</structuredBody></component>", "<component>", "</component>", "<section>", "</section>", "<entry>", "</entry>", "<text>", "</text>",
      "<nonXMLBody>", "</nonXMLBody>", "<code code=\"11450-4\"/>", "<templateId root=\"1.2\"/>", "<act>", "</act>", "<a:b/>", " xmlns:a=\"urn:x\"", " xmlns=\"\"",
      " xmlns:sdtc=\"urn:hl7-org:sdtc\"", " xsi:type=\"CD\"", " nullFlavor=\"UNK\"", "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE a [", "<!ENTITY b \"c\">", "&amp;", "&lt;", "&#65;",
      "&#x0;", "&b;", "<?", "?>", "<", ">", "/>", "\"", "'", "=", "\u{E9}", "\u{FEFF}", "\0", "<reference value=\"#a1\"/>", "<originalText>",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xE2, 0x82], [0xFE, 0xFF], [0xFF, 0xFE], [0xED, 0xA0, 0x80]]
}

extension Tokens {
  public static func of(_ format: SourceFormat) -> [[UInt8]] {
    switch format {
    case .hl7v2: hl7
    case .cda: cda
    case .csv: csv
    case .fhir: fhir
    }
  }
}
