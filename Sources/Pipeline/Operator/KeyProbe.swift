import Core
import Store
import Trust

/// Opens something that was sealed or signed with each kind of key, so that keys of another site do not pass `check`.
struct KeyProbe {
  let site: Site
  let keys: KeyDirectory

  /// Throws exit 77 when the keys that are there are not those of this site.
  func run() throws {
    for name in [KeyName.manifestSigning, .statementSigning, .auditSigning] where try keys.signingKey(name).verifyingKey != keys.verifyingKey(name) {
      throw wrong("the two halves of the \(name.name) key do not belong together")
    }
    guard try AgreementPublicKey(of: try keys.load(.spool)) == keys.spoolPublicKey() else { throw wrong("the two halves of the spool key do not belong together") }
    try checkpoint()
    try rows()
  }

  private func checkpoint() throws {
    let found: Bool
    do { found = try AuditLog(folder: site.folder.audit).lastCheckpoint(try keys.verifyingKey(.auditSigning)) != nil } catch {
      if error.code == "TRU-411" { throw wrong("the last audit checkpoint was not signed by this audit key") }
      throw error
    }
    guard found else { throw PipelineError("PIP-115", .inputOutput, "the audit has no signed checkpoint", hint: "Keep var/audit as it is and restore it from its backup.") }
  }

  /// The first row of each entity is enough: a column key opens all of its class or nothing.
  private func rows() throws {
    let store = try SiteStores.open(site, keys: try SiteStores.allKeys(keys), epoch: nil)
    for entity in store.dictionary.entities {
      do { try store.forEachRow(entity: entity.name, history: false) { _ in throw Seen() } } catch is Seen { continue } catch let error as StoreError where error.code == "STO-502" {
        throw wrong("a row of \(entity.name) cannot be opened with these keys, or was changed")
      }
    }
  }

  private struct Seen: Error {}

  private func wrong(_ what: String) -> PipelineError {
    PipelineError("PIP-113", .notPermitted, "the keys are not those of this site: \(what)", hint: "Restore the key directory from its backup.")
  }
}
