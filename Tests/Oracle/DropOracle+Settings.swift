public import Core
public import Decode

extension DropOracle {
  /// Settings that the length of an input chooses, so that seeds stay what they are: mostly the defaults, else small limits or a
  /// feed that declares its character set.
  public static func settings(_ format: SourceFormat, forInputOf count: Int) -> DecodeSettings {
    var settings = DecodeSettings(format: format)
    if format == .hl7v2 { tightenMessages(&settings, count % 16) } else { tightenDocuments(&settings, count % 16) }
    return settings
  }

  private static func tightenMessages(_ settings: inout DecodeSettings, _ choice: Int) {
    switch choice {
    case 1: settings.limits.messageBytes = 64
    case 2: (settings.limits.fieldsPerSegment, settings.limits.fieldsPerMessage) = (4, 20)
    case 3: settings.charset = "ISO-8859-1"
    case 4: settings.charset = "windows-1252"
    case 5: settings.charset = "ASCII"
    default: break
    }
  }

  private static func tightenDocuments(_ settings: inout DecodeSettings, _ choice: Int) {
    switch choice {
    case 1: (settings.limits.entryNodes, settings.limits.entryBytes) = (10, 200)
    case 2: (settings.limits.depth, settings.limits.attributes, settings.limits.names) = (6, 2, 60)
    case 3: (settings.limits.narrativeBytes, settings.limits.contextNodes) = (8, 40)
    case 4: settings.entriesWanted = false
    default: break
    }
  }
}
