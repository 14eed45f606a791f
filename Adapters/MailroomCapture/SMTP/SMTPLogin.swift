import Foundation
import MailroomMIME

/// An exchange of AUTH that lets everybody in (RFC 4954): what is sent is checked for its form, and only the user's name
/// is kept.
struct SMTPLogin {
    /// The mechanisms that EHLO names. EXTERNAL is understood, too, but would tempt clients that have no certificate.
    static let offered = ["PLAIN", "LOGIN", "CRAM-MD5"]

    private let mechanism: String
    private var challenges: [String]
    private var userName: String?

    /// nil for another mechanism.
    init?(mechanism: String, hostname: String) {
        self.mechanism = mechanism
        switch mechanism {
        case "PLAIN", "EXTERNAL": challenges = [""]
        case "LOGIN": challenges = ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"]
        // What is answered is not verified, so the challenge need not differ.
        case "CRAM-MD5": challenges = [Base64.text(Array("<1.0@\(hostname)>".utf8))]
        default: return nil
        }
    }

    /// What the client is asked now.
    var challenge: String { challenges.first ?? "" }

    /// Takes one answer of the client.
    func answer(_ line: ArraySlice<UInt8>) -> SMTPSession.Answer {
        if line.elementsEqual("*".utf8) { return .init("501 5.7.0 Given up") }
        guard let octets = Self.decode(line) else { return .init("501 5.5.2 That is no base64") }
        var next = self
        next.userName = userName ?? name(in: octets)
        next.challenges.removeFirst()
        if next.challenges.isEmpty { return .init("235 2.7.0 Everybody is welcome", .authenticate(next.userName)) }
        return .init("334 \(next.challenge)", .ask(next))
    }

    /// The user's name, where the answer has it; never the password.
    private func name(in octets: [UInt8]) -> String? {
        let name: ArraySlice<UInt8>?
        switch mechanism {
        case "PLAIN":
            let parts = octets.split(separator: 0, omittingEmptySubsequences: false)
            name = parts.count == 3 ? parts[1] : nil
        case "CRAM-MD5": name = octets.lastIndex(of: 32).map { octets[..<$0] }
        default: name = challenges.count == 1 && mechanism == "LOGIN" ? nil : octets[...]
        }
        guard let name, !name.isEmpty else { return nil }
        return String(decoding: name.prefix(1000), as: UTF8.self)
    }

    /// Decodes base64 without blanks; a single equals sign stands for an empty answer (RFC 4954, 4).
    static func decode(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        if line.isEmpty || line.elementsEqual("=".utf8) { return [] }
        // Foundation takes any padding.
        guard !line.suffix(3).elementsEqual("===".utf8) else { return nil }
        return Data(base64Encoded: Data(line)).map { [UInt8]($0) }
    }
}
