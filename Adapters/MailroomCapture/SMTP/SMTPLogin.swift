/// An exchange of AUTH PLAIN or LOGIN that lets everybody in; what is sent is checked for its form and forgotten.
struct SMTPLogin {
    private var challenges: [String]

    /// nil for another mechanism.
    init?(mechanism: String) {
        switch mechanism {
        case "PLAIN": challenges = [""]
        case "LOGIN": challenges = ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"]
        default: return nil
        }
    }

    /// What the client is asked now.
    var challenge: String { "334 \(challenges.first ?? "")" }

    /// Takes one answer of the client.
    mutating func answer(_ line: ArraySlice<UInt8>) -> (reply: String, isFinal: Bool, succeeds: Bool) {
        if line.elementsEqual("*".utf8) { return ("501 5.7.0 Given up", true, false) }
        guard Self.isBase64(line) else { return ("501 5.5.2 That is no base64", true, false) }
        challenges.removeFirst()
        if challenges.isEmpty { return ("235 2.7.0 Everybody is welcome", true, true) }
        return (challenge, false, false)
    }

    private static func isBase64(_ line: ArraySlice<UInt8>) -> Bool {
        let digits = line.prefix { byte in
            switch byte {
            case 43, 47...57, 65...90, 97...122: true
            default: false
            }
        }
        let padding = line.dropFirst(digits.count)
        // A single equals sign stands for an empty answer (RFC 4954, 4).
        if digits.isEmpty { return padding.isEmpty || padding.elementsEqual("=".utf8) }
        return line.count % 4 == 0 && padding.count <= 2 && padding.allSatisfy { $0 == UInt8(ascii: "=") }
    }
}
