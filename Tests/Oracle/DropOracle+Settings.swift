public import Core
public import Decode

extension DropOracle {
  /// Settings that the length of an input chooses, so that seeds stay what they are: mostly the defaults, else small limits or a
  /// feed that declares its character set.
  public static func settings(_ format: SourceFormat, forInputOf count: Int) -> DecodeSettings {
    var settings = DecodeSettings(format: format)
    switch format {
    case .hl7v2: tightenMessages(&settings, count % 16)
    case .cda: tightenDocuments(&settings, count % 16)
    case .csv: chooseLayout(&settings, count % 16)
    case .fhir: tightenResources(&settings, count % 16)
    }
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

  private static func chooseLayout(_ settings: inout DecodeSettings, _ choice: Int) {
    var layout = choice % 2 == 0 ? SampleLayout.named : SampleLayout.framed
    switch choice {
    case 2: layout = SampleLayout.fixed
    case 4: layout.quote = nil
    case 5: settings.limits.recordBytes = 24
    case 6: settings.limits.fieldsPerSegment = 4
    case 7: layout.charset = "windows-1252"
    case 8: layout = SampleLayout.plain
    case 9: settings.charset = "BIG-5"
    default: break
    }
    settings.layout = layout
  }

  private static func tightenResources(_ settings: inout DecodeSettings, _ choice: Int) {
    switch choice {
    case 1: (settings.limits.entryNodes, settings.limits.entryBytes) = (12, 200)
    case 2: (settings.limits.depth, settings.limits.names) = (4, 20)
    case 3: settings.limits.messageBytes = 96
    case 4: settings.limits.bundleBytes = 400
    case 5: settings.server = "https://north.example/fhir"
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
