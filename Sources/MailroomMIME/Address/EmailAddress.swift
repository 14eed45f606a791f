/// An address of one mailbox, `local@domain` (addr-spec of RFC 5322 §3.4.1 within the limits of RFC 5321 §4.5.3.1).
///
/// Two addresses are equal when their local parts are and their domains differ in ASCII case at most.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// What stands before the `@`, as written: with its quotes where it is quoted.
    public let localPart: String
    /// What stands after the `@`, as written: a name, in any script, or an address literal with its brackets.
    public let domain: String

    /// Reads an address without display name or angle brackets.
    ///
    /// International local parts and domains (RFC 6531) are accepted; characters that cannot be seen or that imitate
    /// `@` and `.` are refused, as are labels that mix Latin with Cyrillic or Greek letters.
    public init(_ text: String) throws(AddressError) {
        do throws(AddressSyntax.Problem) {
            (localPart, domain) = try AddressSyntax.split(text)
        } catch {
            throw AddressError(text: text, reason: error.reason)
        }
    }

    /// `local@domain`, which reads back as the same address.
    public var description: String { "\(localPart)@\(domain)" }

    /// Whether it can be carried only by servers with SMTPUTF8 as written: some octet is not ASCII.
    ///
    /// An international domain alone does not need it when it is sent as ``asciiDomain``.
    public var needsSMTPUTF8: Bool {
        !localPart.utf8.allSatisfy { $0 < 128 } || !domain.utf8.allSatisfy { $0 < 128 }
    }

    /// The domain in ASCII: international labels as A-labels (`xn--…`, RFC 5890 §2.3.2.1).
    public var asciiDomain: String { Punycode.asciiDomain(domain) ?? domain }

    /// Whether no SMTP server can carry it without SMTPUTF8: the local part has no ASCII form.
    package var hasInternationalLocalPart: Bool { !localPart.utf8.allSatisfy { $0 < 128 } }

    /// Compares local parts exactly and domains without regard to ASCII case.
    public static func == (a: EmailAddress, b: EmailAddress) -> Bool {
        a.localPart == b.localPart && (a.domain == b.domain || ASCII.equalIgnoringCase(a.domain, b.domain))
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(localPart)
        hasher.combine(ASCII.lowercased(domain))
    }
}
