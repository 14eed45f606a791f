extension DKIMCanonicalization.Form {
    /// Appends a field as it is signed (RFC 6376 §3.4.1 and §3.4.2), its line ending included.
    func append(field: some Collection<UInt8>, to output: inout [UInt8]) {
        switch self {
        case .simple:
            output += field
            if output.last != 10 { output += [13, 10] }
        case .relaxed: Self.appendRelaxed(field, to: &output)
        }
    }

    /// The name in lower case, line endings gone, each run of blanks one space, none around the value.
    private static func appendRelaxed(_ field: some Collection<UInt8>, to output: inout [UInt8]) {
        var isName = true
        var isEmpty = true
        var owesSpace = false
        for byte in field where byte != 13 && byte != 10 {
            if isBlank(byte) {
                owesSpace = !isEmpty
            } else if isName, byte == 58 {
                output.append(byte)
                isName = false
                isEmpty = true
                owesSpace = false
            } else {
                if owesSpace { output.append(32) }
                owesSpace = false
                isEmpty = false
                output.append(isName && 65...90 ~= byte ? byte | 0x20 : byte)
            }
        }
        output += [13, 10]
    }
}
