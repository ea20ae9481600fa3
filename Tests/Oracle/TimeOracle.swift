public import Core

/// Times: what is read prints in the canonical form, and that reads back as the same moment.
public enum TimeOracle {
  public static func breaches(_ input: [UInt8], _ zone: ZoneRules?) -> [Breach] {
    guard let time = ClinicalTime(input, zone: zone) else { return [] }
    var found: [Breach] = []
    guard let again = ClinicalTime(time.canonical.utf8, zone: nil) else { return [Breach("a canonical time is a time")] }
    if again.canonical != time.canonical { found.append(Breach("a canonical time prints as itself")) }
    if again.instant != time.instant { found.append(Breach("a canonical time is the same moment")) }
    if again.precision != time.precision || again.offsetMinutes != time.offsetMinutes || again.fraction != time.fraction {
      found.append(Breach("a canonical time keeps precision, fraction and offset"))
    }
    if let offset = time.offsetMinutes, abs(offset) > 15 * 60 + 59 { found.append(Breach("an offset is less than sixteen hours")) }
    if time.precision < .hour, time.offsetMinutes != nil || time.zoneSource != .none || time.doubt != nil { found.append(Breach("a date has no zone")) }
    if time.zoneSource == .none, time.precision >= .hour, time.offsetMinutes != nil { found.append(Breach("an offset has a source")) }
    return found + moment(time)
  }

  /// Within the years that have four digits, a moment prints and reads back to the microsecond.
  private static func moment(_ time: ClinicalTime) -> [Breach] {
    let text = ClinicalTime.text(instant: time.instant)
    guard (-62_135_596_800_000_000...253_402_300_799_999_999).contains(time.instant) else { return [] }
    return ClinicalTime(text.utf8, zone: nil)?.instant == time.instant ? [] : [Breach("a moment prints and reads back")]
  }
}
