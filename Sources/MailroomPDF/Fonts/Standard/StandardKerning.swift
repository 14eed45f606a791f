/// The kerning of the standard 14 fonts after Adobe's metrics, for the characters of WinAnsiEncoding. Figures are not
/// kerned with each other, so that columns of numbers stand.
enum StandardKerning {
    /// Classes of the codes 0 to 255, given from 32 on.
    static func classes(_ classes: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 32) + classes }
}

extension KerningTable {
    /// Takes a table that is already in classes.
    init(left: [UInt8], right: [UInt8], columns: Int, values: [Int16]) {
        self.left = left
        self.right = right
        self.columns = columns
        self.values = values
    }
}
