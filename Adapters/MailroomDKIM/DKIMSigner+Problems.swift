import Mailroom
import MailroomLibraries
import MailroomMIME

extension DKIMSigner {
    /// The domain as it is written: A-labels in lower case; `nil` where it is no domain.
    var asciiDomain: String? {
        guard !domain.contains("["), let address = try? EmailAddress("a@\(domain)"), address.domain == domain else {
            return nil
        }
        let ascii = address.asciiDomain.lowercased()
        return ascii.contains(".") ? ascii : nil
    }

    /// Where the public key is published.
    var recordName: String { "\(selector.lowercased())._domainkey.\(asciiDomain ?? domain)" }

    /// What stands before a problem.
    var subject: String { "dkim \(domain)" }

    /// What can be known to be wrong without touching a file.
    func problems() -> [ConfigurationProblem] {
        var reasons: [(String, String)] = []
        func require(_ holds: Bool, _ setting: String, _ reason: String) {
            if !holds { reasons.append((setting, reason)) }
        }
        require(asciiDomain != nil, "domain", "\"\(domain)\" is no domain: write one like example.org")
        require(
            Self.isSelector(selector), "selector",
            "\"\(selector)\" is no selector: use letters, digits and hyphens, such as 2026a")
        require(
            recordName.utf8.count <= 253, "selector", "\(recordName) is too long for a name in the DNS: shorten it")
        if let identity, asciiDomain != nil {
            require(
                writtenIdentity != nil, "identity",
                "\"\(identity)\" is not name@ or @ with \(domain) or a domain below it: write that")
        }
        for field in signedFields + oversignedFields {
            if Self.unsignable.contains(field.lowercased()) {
                require(false, "fields", "\(field) changes on the way or is taken away: do not sign it")
            } else {
                require(Self.isFieldName(field), "fields", "\"\(field)\" is no name of a field")
            }
        }
        if let lifetime {
            require(
                lifetime.components.seconds > 0, "lifetime", "\(lifetime) is less than a second: give days, or none")
        }
        if !key.source.isFile, (try? SigningKey.prepare()) != nil {
            do throws(LibraryError) { _ = try key.source.read() } catch { require(false, "key", error.description) }
        }
        return reasons.map { ConfigurationProblem("\(subject) \($0)", $1) }
    }

    /// The identity as dkim-quoted-printable (RFC 6376 §2.11), its domain in A-labels; `nil` where there is none that
    /// the domain may speak for.
    var writtenIdentity: String? {
        guard let identity, let asciiDomain else { return nil }
        guard let address = try? EmailAddress(identity.hasPrefix("@") ? "a\(identity)" : identity) else { return nil }
        let ascii = address.asciiDomain.lowercased()
        guard ascii == asciiDomain || ascii.hasSuffix("." + asciiDomain) else { return nil }
        let local = identity.hasPrefix("@") ? "" : address.localPart
        return local.utf8.reduce(into: "") { text, byte in
            if (33...126).contains(byte), byte != UInt8(ascii: ";"), byte != UInt8(ascii: "=") {
                text.append(Character(Unicode.Scalar(byte)))
            } else {
                text += "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        } + "@" + ascii
    }

    /// A trace field comes on top of others of its name, Bcc goes, and a signature cannot sign itself
    /// (RFC 6376 §5.4).
    private static let unsignable: Set = [
        "return-path", "received", "bcc", "resent-bcc", "dkim-signature", "authentication-results",
    ]

    /// One or more labels of letters, digits and inner hyphens (`selector`, RFC 6376 §3.1).
    private static func isSelector(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard (1...63).contains(label.count), label.first != 45, label.last != 45 else { return false }
            return label.allSatisfy { 48...57 ~= $0 || 65...90 ~= $0 || 97...122 ~= $0 || $0 == 45 }
        }
    }

    /// A field name that can stand in the tag `h`: neither colon nor semicolon.
    private static func isFieldName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 76 && name.utf8.allSatisfy { 33...126 ~= $0 && $0 != 58 && $0 != 59 }
    }
}
