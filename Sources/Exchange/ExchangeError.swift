public import Core
internal import Glibc
internal import Trust

/// A transport that failed. It names the feed's or consumer's own settings, never a file of a partner.
///
/// - Codes: EXC-1xx sources, 2xx pull journal and spool, 3xx deliveries, 4xx connections with partners.
public struct ExchangeError: CodedError, Equatable {
  public let code: String
  public let summary: String
  public let hint: String
  public let exitCode: ExitCode

  init(_ number: Int, _ summary: String, hint: String, exit: ExitCode = .inputOutput) {
    code = "EXC-\(number)"
    self.summary = summary
    self.hint = hint
    exitCode = exit
  }

  /// Why the files of a source cannot be had.
  static func source(_ source: FeedSource, _ fault: TransportFault, _ session: SourceSession) -> ExchangeError {
    switch fault {
    case .refused(let error): error
    case .cut where session.isOverdue: .overdue(source)
    case .cut:
      ExchangeError(
        104, "\(source.title): its partner did not answer, or the session broke off, and tries in a row brought nothing",
        hint: "What came whole is sealed; \(source.nextTry) goes on. Try by hand: sftp -F var/ssh/config PARTNER. limits.attempts of the partner says how many tries.",
        exit: .peer)
    case .endless:
      ExchangeError(
        105, "\(source.title): its folder lists more than a pull takes in: 1,000,000 names of 64 MiB, or 10,000 folders", hint: "Nothing was taken. Ask the partner to clear the folder, or name a smaller one.", exit: .peer)
    case .missing, .exists, .denied, .full, .failed: .folder(source, errno: fault.number)
    }
  }

  private static func overdue(_ source: FeedSource) -> ExchangeError {
    ExchangeError(
      106, "\(source.title): its partner took longer than a run gives it", hint: "What came whole is sealed; \(source.nextTry) goes on. limits.session of the partner says how long.", exit: .peer)
  }

  static func fileOverdue(_ source: FeedSource) -> ExchangeError {
    ExchangeError(107, "\(source.title): a file took longer than a file may and was left where it is", hint: "It is tried anew by \(source.nextTry). limits.total of the partner says how long.")
  }

  static func tooLarge(_ source: FeedSource) -> ExchangeError {
    ExchangeError(
      108, "\(source.title): a file is larger than \(source.maximumBytes) bytes and was left where it is",
      hint: source.matter == .drops
        ? "Ask the sender for smaller files, or raise limits.drop of the feed; feed check says which."
        : "A receipt says a few numbers: ask the consumer what this file is, and to take it away.")
  }

  private static func folder(_ source: FeedSource, errno number: Int32) -> ExchangeError {
    ExchangeError(
      101, "\(source.title): its folder cannot be read: \(SystemErrorName.of(number))", hint: "Check the path, the mount and the rights of the account that pulls.")
  }

  static func notTidied(_ source: FeedSource, errno number: Int32) -> ExchangeError {
    ExchangeError(
      102, "\(source.title): a file that was sealed could not be moved or removed: \(SystemErrorName.of(number))",
      hint: "The folder of `after: move` must be there, writable, and on the same volume. The drop is safe; \(source.nextTry) tries again.")
  }

  static func changedAfterRead(_ source: FeedSource) -> ExchangeError {
    ExchangeError(103, "\(source.title): a file changed after it was sealed and was left where it is", hint: "The next pull takes what it holds now as another drop.")
  }

  static func lost(_ drops: Int) -> ExchangeError {
    ExchangeError(
      203, "the pull journal is missing, and \(drops) sealed drops lie in the spool", hint: "Restore var/spool/journal from a backup; nothing was removed.")
  }

  static func shortened(_ drops: Int) -> ExchangeError {
    ExchangeError(
      204, "the pull journal lost lines: it does not name \(drops) sealed drops of the spool",
      hint: "A killed pull leaves one at most. Restore var/spool/journal from a backup; nothing was removed.")
  }

  static func orphan(errno number: Int32) -> ExchangeError {
    ExchangeError(205, "a sealed file without a record cannot be moved: \(SystemErrorName.of(number))", hint: "Check the owner and mode of var/spool/orphans.")
  }
}
