public import Core

extension StoredCell: Undisclosed {}
extension Assertion: Undisclosed {}
extension RowVersion: Undisclosed {}
