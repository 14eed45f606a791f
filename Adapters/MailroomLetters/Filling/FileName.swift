/// Makes a name that every system can save a file under.
enum FileName {
    /// The name with separators, reserved characters and controls replaced by hyphens, and no dots at its beginning.
    static func safe(_ name: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            let isReserved = "/\\:*?\"<>|".unicodeScalars.contains(scalar)
            scalars.append(isReserved || scalar.properties.generalCategory == .control ? "-" : scalar)
        }
        let safe = String(scalars).drop { $0 == "." || $0 == " " }
        return safe.isEmpty ? "letter.pdf" : String(safe)
    }
}
