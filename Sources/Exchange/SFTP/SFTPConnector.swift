public import Core
internal import Glibc
public import Trust

/// Opens sessions with one partner: OpenSSH as a child, under the site's own config, strictly.
///
/// - One refusal stops the partner for the night: what is remembered in `var/partners` keeps later runs from trying, until its file or its key changes.
/// - A partner without a file cannot be reached: its alias has no pin.
public struct SFTPConnector: TransportConnector {
  let partner: SFTPPartner
  private let files: SSHFiles
  private let memoryFolder: String
  private let paths: SFTPPaths
  private let night: BusinessDate
  private let today: BusinessDate
  /// What is started in place of ssh, in tests.
  var program = "/usr/bin/ssh"

  /// - Parameter variable: the site's `var`.
  /// - Parameter path: the partner's folder, and the one where read files go.
  /// - Throws: EXC-402 and EXC-411.
  public init(_ name: PlainName, among partners: [SFTPPartner], variable: String, path: (own: String, aside: String?), night: BusinessDate, today: BusinessDate) throws(ExchangeError) {
    files = try SSHFiles(folder: variable + "/ssh", partners: partners)
    guard let partner = partners.first(where: { $0.name == name }) else { throw .hostKeyUnknown(name, pins: [], offered: nil) }
    self.partner = partner
    memoryFolder = variable + "/partners"
    paths = SFTPPaths(own: Array(path.own.utf8), aside: path.aside.map { Array($0.utf8) })
    (self.night, self.today) = (night, today)
  }

  func connect(within nanoseconds: Int) throws(TransportFault) -> any Transport {
    var memory = PartnerMemory(of: partner.name, in: memoryFolder)
    let settings = self.settings
    if let refusal = memory.refusal, refusal.night == night, refusal.settings == settings { throw .refused(.refusedTonight(partner.name, refusal)) }
    try prepare()
    let transport: SFTPTransport
    do throws(TransportFault) { transport = try start(within: nanoseconds) } catch {
      if case .refused(let reason) = error, Self.lasting.contains(reason.code) {
        memory.refusal = PartnerMemory.Refusal(night: night, code: reason.code, settings: settings)
        try remember(memory)
      }
      throw error
    }
    (memory.refusal, memory.lastSuccess) = (nil, time(nil))
    try remember(memory)
    return transport
  }

  /// What another try in the same night would only make worse.
  private static let lasting = ["EXC-401", "EXC-402", "EXC-403", "EXC-404"]

  /// Everything that can be known without sending a byte.
  private func prepare() throws(TransportFault) {
    for one in way {
      guard !one.pins(on: today).isEmpty else { throw .refused(.noPinInForce(one, on: today)) }
      do throws(IdentityFault) { try SSHIdentity.check(one) } catch { throw .refused(.identity(one.name, error)) }
      do throws(ExchangeError) { try SSHIdentity.checkCertificate(of: one) } catch { throw .refused(error) }
    }
    do { try files.write(on: today) } catch { throw .refused(.configUnwritable) }
  }

  /// The partner and the hosts on the way to it.
  private var way: [SFTPPartner] {
    var way = [partner]
    while way.count <= files.partners.count, let jump = way.last?.jump, let next = files.partners.first(where: { $0.name == jump }) { way.append(next) }
    return way
  }

  /// Digest of all that decides whether we are let in; hex.
  private var settings: String {
    let one = (try? SSHFiles(folder: files.folder, partners: way)).map { $0.config(on: today) + $0.knownHosts(on: today) } ?? ""
    return Hex.text(SHA256.digest(Array((one + way.map(SSHIdentity.mark).joined(separator: "\n")).utf8)))
  }

  private func remember(_ memory: PartnerMemory) throws(TransportFault) {
    do { try memory.write(of: partner.name, in: memoryFolder) } catch { throw .refused(.configUnwritable) }
  }

  private func start(within nanoseconds: Int) throws(TransportFault) -> SFTPTransport {
    let child: ChildProcess
    do throws(ChildProcess.Fault) { child = try ChildProcess(request) } catch {
      switch error {
      case .pipe(let number), .start(let number): throw .refused(.noSSH(errno: number))
      }
    }
    // Hosts on the way and slow log-ins take their time; ssh itself gives up after 30 s without a word.
    let client = SFTPClient(SFTPLink(child, stallSeconds: max(120, partner.limits.stallSeconds), within: nanoseconds), partner: partner.name)
    let transport = SFTPTransport(client, paths: paths, totalSeconds: partner.limits.totalSeconds)
    do throws(TransportFault) { try client.start() } catch {
      guard error == .cut, let reason = refusal(client.link.complaints) else { throw error }
      throw .refused(reason)
    }
    client.link.stall = Nanoseconds.of(seconds: partner.limits.stallSeconds)
    try transport.enter()
    return transport
  }

  /// The config keeps quiet for people; here it says which key was offered. Nothing of it is printed.
  private var request: ChildProcess.Request {
    var environment = ["PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LC_ALL": "C"]
    if way.contains(where: { $0.identity == .agent }), let socket = getenv("SSH_AUTH_SOCK") { environment["SSH_AUTH_SOCK"] = String(cString: socket) }
    var request = ChildProcess.Request(
      path: program, arguments: ["-F", files.configPath, "-o", "LogLevel=DEBUG1", "-s", partner.name.text, "sftp"], environment: environment)
    request.pipesErrors = true
    return request
  }

  /// What the complaints mean; nil for a network that failed.
  private func refusal(_ complaints: [UInt8]) -> ExchangeError? {
    let offered = SSHComplaint.offeredKey(complaints), complaint = SSHComplaint.read(complaints)
    // Without a key of the partner's it was the host on the way.
    let at = partner.jump != nil && offered == nil ? way.dropFirst().first ?? partner : partner
    let pins = at.pins(on: today)
    return switch complaint {
    case .hostKeyChanged: .hostKeyChanged(at.name, pins: pins, offered: offered)
    case .hostKeyUnknown: .hostKeyUnknown(at.name, pins: pins, offered: offered)
    case .hostKeyType: .hostKeyType(at.name, pins: pins)
    case .authentication: .authentication(at.name)
    case .negotiation: .negotiation(at.name)
    case .noSFTP: .noSFTP(at.name)
    case .none: nil
    }
  }
}
