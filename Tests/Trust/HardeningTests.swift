import Testing

@testable import Trust

@Suite struct HardeningTests {
  @Test(arguments: [nil, "", "enable=yes", "enable=no,enable=yes", "enable=no ", "color=no"]) func backtracesAreOffWhateverTheCallerSet(setting: String?) {
    #expect(Hardening.isRestartNeeded(setting))
  }

  @Test func aProgramStartsAnewOnceOnly() {
    #expect(!Hardening.isRestartNeeded("enable=no"))
  }
}
