struct PairKerning: Sendable {
    init(_ tables: FontTables, codes: CodeTable, metrics: FontMetrics) throws(FontFault) {}
    var isEmpty: Bool { true }
    func table() -> [Int16] { [] }
    func value(_ left: UInt16, _ right: UInt16) -> Int { 0 }
}
