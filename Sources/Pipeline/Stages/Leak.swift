#if COMPLINE_LEAK
  import Core
  import Trust

  /// A deliberate leak, compiled only to show that the canary test sees one. No shipped build has it.
  enum Leak {
    static func spill(_ message: MappedMessage, into folder: SiteFolder) throws {
      guard !message.rows.isEmpty else { return }
      try DurableFile.write(message.rows.bytes, to: folder.variable + "/log/leak.txt", mode: 0o600)
    }
  }
#endif
