/// Which Unicode scalars may stand in an address.
enum ScalarRules {
    /// Controls, format characters (bidirectional, zero-width), separators other than the blank, and what has no meaning.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return true
        default:
            return scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// C0 and C1 controls and the separators of lines: what could end a line.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 32 || (127...159).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// Compatibility forms that look like ASCII, such as `＠` and `．`.
    static func imitatesASCII(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xFF00...0xFF5E, 0xFE50...0xFE6F, 0x2024, 0x3002, 0xFF61, 0x2215, 0x2044: true
        default: false
        }
    }

    /// Letters, marks and digits stable under case folding, as IDNA 2008 (RFC 5892) derives them, plus capitals.
    static func isAllowedInDomain(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber:
            if scalar == "ß" || scalar == "ς" { return true }
            return !properties.changesWhenNFKCCaseFolded && !properties.isDefaultIgnorableCodePoint
        case .uppercaseLetter:
            return !imitatesASCII(scalar)
                && properties.lowercaseMapping.unicodeScalars.allSatisfy {
                    $0 != scalar && !$0.properties.changesWhenNFKCCaseFolded
                }
        default:
            return scalar == "·" || scalar == "・" || scalar == "׳" || scalar == "״"
        }
    }

    private enum Script { case latin, cyrillic, greek }

    private static func script(of scalar: Unicode.Scalar) -> Script? {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F, 0x1E00...0x1EFF: .latin
        case 0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF: .cyrillic
        case 0x370...0x3FF, 0x1F00...0x1FFF: .greek
        default: nil
        }
    }

    /// Whether Latin, Cyrillic and Greek letters, which look alike, stand in one label.
    static func mixesLookAlikes(_ label: Substring.UnicodeScalarView) -> Bool {
        var seen: Script?
        for scalar in label {
            guard let script = script(of: scalar) else { continue }
            if let seen, seen != script { return true }
            seen = script
        }
        return false
    }
}
