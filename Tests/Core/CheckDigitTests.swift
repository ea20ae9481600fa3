import Core
import Testing

@Suite struct CheckDigitTests {
  @Test(
    "A number that ends as its scheme says holds",
    arguments: [
      (CheckDigit.m10, "123455"), (.m10, "4010"), (.m10, "12 34-55"), (.m11, "12345674"), (.npi, "1234567893"), (.isbt, "G123498654321H"),
    ])
  func holds(scheme: CheckDigit, number: String) {
    #expect(scheme.holds(number.utf8))
  }

  @Test(
    "One other digit, a letter, or too few digits do not hold",
    arguments: [
      (CheckDigit.m10, "123456"), (.m10, "12E455"), (.m10, "5"), (.m11, "12345675"), (.m11, ""), (.npi, "1234567890"), (.npi, "234567893"),
      (.isbt, "G123498654321D"), (.isbt, "g123498654321H"),
    ])
  func wrong(scheme: CheckDigit, number: String) {
    #expect(!scheme.holds(number.utf8))
  }
}
