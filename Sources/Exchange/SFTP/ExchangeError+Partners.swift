public import Core
public import Trust

/// Connections that were not made, or broke their promises: EXC-4xx. They name the partner and what its file says, never what it sent,
/// but for the fingerprint of a host key, which is public and is what a person compares.
extension ExchangeError {
  static func hostKeyChanged(_ partner: PlainName, pins: [HostKeyPin], offered: (type: String, fingerprint: String)?) -> ExchangeError {
    ExchangeError(
      401, "partner \(partner): its host key has changed: pinned \(words(pins)), offered \(words(offered))",
      hint: "Ask the partner, by another way, whether the key is theirs; then pin it in partners/. Nothing was sent.", exit: .peer)
  }

  /// Public: `check` says the same.
  public static func noPinInForce(_ partner: SFTPPartner, on day: BusinessDate) -> ExchangeError {
    let last = partner.pins.map(\.until).max(), next = partner.pins.map(\.since).filter { $0 > day }.min()
    let days = next.map { "the next one begins on \($0)" } ?? last.map { "the last one ended on \($0)" } ?? "it has none"
    return ExchangeError(
      415, "partner \(partner.name): no pin of its host key is in force on \(day): \(days)",
      hint: "Ask the partner, by another way, which key its server has now; then pin it in partners/\(partner.name).yaml. Nothing was sent.", exit: .peer)
  }

  static func hostKeyUnknown(_ partner: PlainName, pins: [HostKeyPin], offered: (type: String, fingerprint: String)?) -> ExchangeError {
    ExchangeError(
      402, "partner \(partner): its host key is not known: \(pins.isEmpty ? "not pinned" : "pinned \(words(pins))"), offered \(words(offered))",
      hint: "Ask the partner, by another way, for the fingerprint of its key; then pin it in partners/. Nothing was sent.", exit: .peer)
  }

  static func hostKeyType(_ partner: PlainName, pins: [HostKeyPin]) -> ExchangeError {
    ExchangeError(
      403, "partner \(partner): it offers no host key of a pinned type: pinned \(words(pins))",
      hint: "A key of another type is another key. Ask the partner, by another way; then pin it in partners/. Nothing was sent.", exit: .peer)
  }

  static func authentication(_ partner: PlainName) -> ExchangeError {
    ExchangeError(
      404, "partner \(partner): it does not let us in: the account is locked or gone, or the key is not the one that it knows",
      hint: "It is not tried again tonight, unless partners/\(partner).yaml or the key changes. Ask the partner.", exit: .peer)
  }

  static func certificateOver(_ partner: PlainName, _ validity: String) -> ExchangeError {
    ExchangeError(
      405, "partner \(partner): our certificate does not hold now: it is valid \(validity)", hint: "Have it renewed and put it where partners/\(partner).yaml says. Nothing was sent.", exit: .peer)
  }

  static func certificateUnreadable(_ partner: PlainName) -> ExchangeError {
    ExchangeError(
      405, "partner \(partner): our certificate cannot be read", hint: "Check that it is an OpenSSH certificate: ssh-keygen -L -f FILE", exit: .notPermitted)
  }

  /// Public: `check` says the same.
  public static func identity(_ partner: PlainName, _ fault: IdentityFault) -> ExchangeError {
    switch fault {
    case .missing(let number):
      ExchangeError(
        406, "partner \(partner): its private key cannot be read: \(SystemErrorName.of(number))", hint: "Check the path in partners/\(partner).yaml and who owns the file.", exit: .notPermitted)
    case .exposed(let rule):
      ExchangeError(
        407, "partner \(partner): its private key \(rule)", hint: "It must be a file of its own, owned by this account or by root, with mode 0600 or 0400.", exit: .configuration)
    case .noCredentials:
      ExchangeError(
        406, "partner \(partner): its key is a systemd credential, and none was given to this process", hint: "Name it in the unit: LoadCredential=NAME:PATH", exit: .notPermitted)
    case .noAgent:
      ExchangeError(406, "partner \(partner): its key lies with an agent, and SSH_AUTH_SOCK names none", hint: "Start the agent, or name a key file.", exit: .notPermitted)
    }
  }

  static func breach(_ partner: PlainName, _ fault: SFTPFault) -> ExchangeError {
    ExchangeError(
      408, "partner \(partner): its server breaks the SFTP protocol: \(fault.rule)", hint: "Nothing that it said in this session is used. Ask the partner what its server runs.", exit: .peer)
  }

  static func refusedTonight(_ partner: PlainName, _ refusal: PartnerMemory.Refusal) -> ExchangeError {
    ExchangeError(
      409, "partner \(partner): it turned us away earlier in this night's runs (\(refusal.code)) and is not tried again",
      hint: "Once it is mended, another host, user, pin or identity in partners/\(partner).yaml, or touching the key's file, lets the next run try.", exit: .peer)
  }

  static func noSSH(errno number: Int32) -> ExchangeError {
    ExchangeError(410, "/usr/bin/ssh cannot be started: \(SystemErrorName.of(number))", hint: "Install the package openssh-client.", exit: .internalError)
  }

  static var unusablePath: ExchangeError {
    ExchangeError(
      411, "the site lies at a path that an OpenSSH config cannot hold", hint: "Use letters, digits, blanks and ._-+@:,= in the names of its folders.", exit: .configuration)
  }

  static var configUnwritable: ExchangeError {
    ExchangeError(414, "var/ssh or var/partners cannot be written", hint: "Check who owns var and what room there is.")
  }

  static func negotiation(_ partner: PlainName) -> ExchangeError {
    ExchangeError(412, "partner \(partner): its server offers no algorithm that OpenSSH here still takes", hint: "Ask the partner to update it; there is no switch for weak ones.", exit: .peer)
  }

  static func noSFTP(_ partner: PlainName) -> ExchangeError {
    ExchangeError(413, "partner \(partner): its server lets us in but offers no SFTP", hint: "Ask the partner which account has SFTP.", exit: .peer)
  }

  private static func words(_ pins: [HostKeyPin]) -> String { pins.map { "\($0.type) \($0.fingerprint)" }.joined(separator: " or ") }
  private static func words(_ offered: (type: String, fingerprint: String)?) -> String { offered.map { "\($0.type) \($0.fingerprint)" } ?? "not seen" }
}
