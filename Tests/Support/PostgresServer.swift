import Glibc

/// The PostgreSQL of this test process: a real server on a socket in a folder of its own. It ends with the process.
public enum PostgresServer {
  /// The folder of its socket; the error says what to install where there is no server.
  public static func socket() throws -> String { try started.get() }

  /// The folder of its files.
  public static func data() throws -> String { try started.get() + "/data" }

  private static let started: Result<String, TestFailure> = Result { () throws(TestFailure) in
    let folder = "/tmp/compline-postgres-\(getpid())", script = String(#filePath.prefix(#filePath.count - "Support/PostgresServer.swift".count)) + "postgres"
    guard let result = try? Tools.run(script, ["start", folder, "\(getpid())"]) else { throw TestFailure("Tests/postgres did not start") }
    guard result.exit == 0 else { throw TestFailure(result.errorText) }
    return folder
  }
}
