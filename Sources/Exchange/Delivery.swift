internal import Core
public import Trust

/// Hands over to one consumer, in as many sessions as it takes within bounds.
public struct Delivery {
  private let connector: any TransportConnector
  private let consumer: PlainName
  private let patience: SessionPatience
  private let clock: IntakeClock

  init(_ connector: any TransportConnector, consumer: PlainName, patience: SessionPatience, clock: IntakeClock) {
    self.connector = connector
    self.consumer = consumer
    self.patience = patience
    self.clock = clock
  }

  /// Into a folder of this machine, which must exist: a missing one is more likely a missing mount than a wish.
  public init(toFolder folder: String, consumer: PlainName) {
    self.init(FolderConnector(own: folder), consumer: consumer, patience: SessionPatience(), clock: IntakeClock(now: { 0 }, elapsed: { 0 }, wait: { _ in }))
  }

  /// Into the folder of a partner's that the connector names.
  public init(to partner: SFTPConnector, patience: SessionPatience, clock: IntakeClock, consumer: PlainName) {
    self.init(partner, consumer: consumer, patience: patience, clock: clock)
  }

  /// Hands the parcel over; what was done of it stands in its steps, whatever happens.
  ///
  /// - Throws: `ExchangeError` EXC-301 to EXC-306, 76 where the other side is the reason; errors of the parcel's own bytes and record.
  public func deliver(_ parcel: inout HandoverParcel) throws -> HandoverOutcome {
    let session = SourceSession(connector, patience, clock)
    while true {
      do {
        return try Handover.run(&parcel, through: try session.open(), to: consumer)
      } catch let fault as TransportFault {
        do throws(TransportFault) { try session.recover(from: fault) } catch { throw ExchangeError.delivery(consumer, error) }
      }
    }
  }
}

extension ExchangeError {
  static func delivery(_ consumer: PlainName, _ fault: TransportFault) -> ExchangeError {
    switch fault {
    case .refused(let error): error
    case .missing:
      ExchangeError(
        301, "consumer \(consumer): its delivery folder is missing", hint: "Check the path and the mount; the sealed extract stays in the outbox.", exit: .peer)
    case .cut:
      ExchangeError(
        306, "consumer \(consumer): the session was cut, and tries in a row brought nothing or took too long",
        hint: "Run compline-extract again; what has arrived is not sent again. limits of the partner says how many tries and how long.", exit: .peer)
    case .denied, .full, .exists, .endless, .failed:
      ExchangeError(
        304, "consumer \(consumer): cannot write into the delivery folder: \(SystemErrorName.of(fault.number))", hint: "Check the rights of the account that delivers, the room that is left, and that a partner's server gives files another name (RENAME).",
        exit: .peer)
    }
  }
}
