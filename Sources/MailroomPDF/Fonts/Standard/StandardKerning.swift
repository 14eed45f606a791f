/// The kerning of the standard 14 fonts after Adobe's metrics, for the characters of WinAnsiEncoding. Figures are not
/// kerned with each other, so that columns of numbers stand, and blanks are not kerned, so that all of a line are alike.
enum StandardKerning {
    /// Classes of the codes 0 to 255, given from 32 on. Class 0 is not kerned.
    static func classes(_ classes: [UInt8]) -> [UInt8] {
        var all = [UInt8](repeating: 0, count: 32) + classes
        for blank in [WinAnsi.space, WinAnsi.noBreakSpace] { all[Int(blank)] = 0 }
        return all
    }
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
