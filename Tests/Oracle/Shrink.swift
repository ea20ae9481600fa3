/// Makes a failing input small, so that it can be read and become a test.
public enum Shrink {
  /// The bytes without every part that the failure does not need; `fails` must hold for the bytes given.
  public static func smallest(_ bytes: [UInt8], _ fails: ([UInt8]) -> Bool) -> [UInt8] {
    var best = bytes, size = max(1, bytes.count / 2)
    while size > 0 {
      var at = 0, isSmaller = false
      while at < best.count {
        let copy = Array(best[..<at]) + best[min(best.count, at + size)...]
        if fails(copy) { (best, isSmaller) = (copy, true) } else { at += size }
      }
      if !isSmaller || size > 1 { size /= 2 }
    }
    return best
  }
}
