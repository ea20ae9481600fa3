public import Core

/// What the store refuses or could not do: a code, a place and a hint, never SQL text or a value.
public struct StoreError: CodedError, Equatable {
  /// `STO-1xx` lock and epoch, `STO-2xx` disk and file, `STO-3xx` rules of the ledger, `STO-4xx` site and schema, `STO-5xx` keys and seals,
  /// `STO-6xx` misuse.
  public let code: String
  public let summary: String
  public let hint: String
  public let exitCode: ExitCode

  init(_ code: String, _ summary: String, hint: String = "", exit: ExitCode) {
    self.code = code
    self.summary = summary
    self.hint = hint
    exitCode = exit
  }

  static let busy = StoreError("STO-101", "the store is locked by another process", hint: "Wait for the other run to end.", exit: .locked)

  static func fenced(stored: Int, own: Int) -> StoreError {
    StoreError(
      "STO-102", "a later run (epoch \(stored)) has taken over from this one (epoch \(own))", hint: "Nothing was written; let the later run finish.",
      exit: .locked)
  }

  static func unusable(_ reason: String) -> StoreError {
    StoreError("STO-204", "the store cannot be used: \(reason)", hint: "Check the folder, its owner and its permissions.", exit: .inputOutput)
  }

  static func noThread(_ code: Int32) -> StoreError {
    StoreError("STO-211", "the system gave no thread to write rows with (error \(code))", hint: "Raise the limit of processes of this account.", exit: .inputOutput)
  }

  static func missing(_ what: String) -> StoreError { StoreError("STO-302", "the ledger knows no such \(what)", exit: .internalError) }

  static let nothingKnown = StoreError(
    "STO-305", "no run of that night or of one before it is known", hint: "Name a night that was closed; compline status shows them.", exit: .nothingUsable)
  static let notOfIngest = StoreError(
    "STO-306", "that is no run of ingest", hint: "statement.json lists the runs of a night: those of the stage ingest can be undone. What a replay did is put right by another replay.", exit: .nothingUsable)
  static let nothingToUndo = StoreError(
    "STO-307", "nothing stands that the run brought", hint: "It loaded no drop, or was undone before.", exit: .nothingUsable)
  static let nothingSetAside = StoreError("STO-308", "no drop of that run is set aside", hint: "Undo the run first, or look at compline status.", exit: .nothingUsable)

  static let rowsMalformed = StoreError(
    "STO-303", "a message's rows do not fit the dictionary or the mappings of this load", hint: "Report it; nothing of the drop was stored.",
    exit: .internalError)

  static let sumTooLarge = StoreError("STO-304", "a sum of money is over the largest number of cents that the ledger holds", exit: .internalError)

  static func otherSite(_ what: String) -> StoreError {
    StoreError("STO-401", "the store belongs to another \(what)", hint: "Check the site directory and its data dictionary.", exit: .configuration)
  }

  static func schema(_ found: Int, known: Int) -> StoreError {
    StoreError(
      "STO-402", "the store has schema \(found), this program knows \(known)", hint: "Use the program version that belongs to the store.",
      exit: .configuration)
  }

  static func otherDictionary(_ stored: Int, newest: Int) -> StoreError {
    StoreError(
      "STO-401", "the store is at data dictionary \(stored), which is neither the newest one, \(newest), nor an earlier one that is still there",
      hint: "Restore Mappings/canonical/\(stored).yaml as it was released.", exit: .configuration)
  }

  /// A later dictionary that does not take over all that an earlier one holds.
  static func lossy(_ what: String, from old: Int, to new: Int) -> StoreError {
    StoreError(
      "STO-405", "data dictionary \(new) cannot take over the rows of \(old): \(what)",
      hint: "Nothing was changed. A later version keeps every entity and field with its type; a key may only grow by fields that the rows hold.",
      exit: .configuration)
  }

  static func name(_ name: String) -> StoreError {
    StoreError("STO-403", "the dictionary name '\(name)' cannot be a column", hint: "Use lower-case letters, digits and underscores.", exit: .configuration)
  }

  static func keyMissing(_ name: String) -> StoreError {
    StoreError("STO-501", "the key '\(name)' is not loaded", hint: "Run the verb as an account that holds this key.", exit: .notPermitted)
  }

  static func broken(_ entity: String) -> StoreError {
    StoreError(
      "STO-502", "a row of \(entity) is not what was stored: its bytes or its place were changed", hint: "Stop, keep the file, restore from a backup.",
      exit: .internalError)
  }

  static let readOnly = StoreError("STO-601", "the store was opened for reading only", exit: .internalError)
  static let loadIsOpen = StoreError("STO-602", "a drop is being loaded or an extract produced; finish it first", exit: .internalError)
  static let loadIsOver = StoreError("STO-603", "the load or the extract has already ended", exit: .internalError)

  /// Any error at the seam as one of ours: result code and constraint name stay, the text goes.
  static func translated(_ error: any Error) -> StoreError {
    switch error {
    case let error as StoreError: error
    case let error as any CodedError: StoreError("STO-503", "\(error.code): \(error.summary)", hint: error.hint, exit: error.exitCode)
    default: StoreError("STO-600", "an unexpected error of type \(type(of: error))", exit: .internalError)
    }
  }

  /// A constraint of ours would not hold.
  ///
  /// - Parameter rule: names of tables, columns and constraints.
  static func refused(by rule: String, _ number: String) -> StoreError {
    StoreError("STO-301", "the ledger refused a write: \(rule) (\(number))", hint: "Nothing was stored. Report it.", exit: .internalError)
  }

  /// What PostgreSQL refused, by the class of its SQLSTATE.
  ///
  /// - Parameter rule: the name of a constraint or table; may be empty.
  static func postgresql(_ state: String, rule: String) -> StoreError {
    switch (state.prefix(2), state) {
    case (_, "55P03"): busy
    case ("23", _): refused(by: rule, "SQLSTATE \(state)")
    case ("40", _):
      StoreError(retried, "PostgreSQL took a transaction back (SQLSTATE \(state))", hint: "Nothing was stored. Run again.", exit: .inputOutput)
    case (_, "42501"):
      StoreError(
        "STO-206", "the role may not do this in the store (SQLSTATE 42501)", hint: "Compare its grants with: compline store setup", exit: .notPermitted)
    case ("25", _), ("53", _), ("54", _), ("57", _), ("58", _), ("08", _):
      StoreError(
        "STO-201", "PostgreSQL refused (SQLSTATE \(state))", hint: "Nothing was stored. Look at the server, then run again.", exit: .inputOutput)
    case ("XX", _):
      StoreError(
        "STO-202", "the store is damaged (SQLSTATE \(state))", hint: "Stop, keep the server's files, restore from a backup.", exit: .inputOutput)
    default: StoreError("STO-203", "PostgreSQL stopped with SQLSTATE \(state) \(rule)", hint: "Nothing was stored. Report it.", exit: .internalError)
    }
  }

  /// Of a serialization failure or a deadlock: the same transaction may succeed when it is run again.
  static let retried = "STO-207"

  static let unreachable = StoreError(
    "STO-208", "PostgreSQL did not let this account in, or cannot be reached",
    hint: "Check the names under 'postgresql' in site.yaml with psql; a host needs a certificate that verifies in full.", exit: .inputOutput)
  static let connectionLost = StoreError(
    "STO-209", "the connection to PostgreSQL was lost", hint: "What was not committed is taken back. Run again.", exit: .inputOutput)
  static let passwordInEnvironment = StoreError(
    "STO-406", "PGPASSWORD stands in the environment, where others can read it", hint: "Put the password into the account's pass file (.pgpass, 0600).",
    exit: .configuration)

  static func oldServer(_ version: Int) -> StoreError {
    StoreError("STO-407", "PostgreSQL \(version) is too old for the store", hint: "Use PostgreSQL 15 or later.", exit: .configuration)
  }

  static let notEmpty = StoreError(
    "STO-210", "the store to copy into holds something already", hint: "Name an empty schema, or a file that is not there.", exit: .configuration)

  static func wrongType(_ column: Int) -> StoreError {
    StoreError(
      "STO-205", "column \(column) of an answer has not the type that was stored", hint: "Stop, keep the store, restore from a backup.", exit: .inputOutput)
  }
}
