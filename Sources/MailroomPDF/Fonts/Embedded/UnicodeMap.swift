/// Writes which characters codes stand for, so that a document can be searched and copied from
/// (ISO 32000-1, 9.10.3).
enum UnicodeMap {
    private struct Run {
        var first: UInt16
        var last: UInt16
        var scalar: UInt32
    }

    static func bytes(of codes: [UInt16], in table: CodeTable) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(
            """
            /CIDInit/ProcSet findresource begin
            12 dict begin
            begincmap
            /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def
            /CMapName/Adobe-Identity-UCS def
            /CMapType 2 def
            1 begincodespacerange
            <0000><FFFF>
            endcodespacerange

            """)
        let runs = runs(of: codes, in: table)
        for first in stride(from: 0, to: runs.count, by: 100) {
            let part = runs[first..<min(first + 100, runs.count)]
            bytes.append(decimal: part.count)
            bytes.append(" beginbfrange\n")
            for run in part {
                append(UInt32(run.first), to: &bytes)
                append(UInt32(run.last), to: &bytes)
                append(run.scalar, to: &bytes)
                bytes.append("\n")
            }
            bytes.append("endbfrange\n")
        }
        bytes.append("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n")
        return bytes
    }

    /// Codes in succession whose characters are so too; neither may pass a boundary of 256, which the last byte's
    /// counting could not.
    private static func runs(of codes: [UInt16], in table: CodeTable) -> [Run] {
        var runs: [Run] = []
        for code in codes {
            let scalar = table.scalars[Int(code)]
            if let last = runs.last, last.last &+ 1 == code, code & 0xFF != 0, scalar & 0xFF != 0,
                last.scalar + UInt32(code - last.first) == scalar
            {
                runs[runs.count - 1].last = code
            } else {
                runs.append(Run(first: code, last: code, scalar: scalar))
            }
        }
        return runs
    }

    private static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        bytes.append("<")
        let units: [UInt32] =
            scalar < 0x10000 ? [scalar] : [0xD800 + (scalar - 0x10000) >> 10, 0xDC00 + (scalar - 0x10000) & 0x3FF]
        for unit in units {
            bytes.append(hex: UInt8(unit >> 8))
            bytes.append(hex: UInt8(truncatingIfNeeded: unit))
        }
        bytes.append(">")
    }
}
