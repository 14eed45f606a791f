/// Why a certificate was not accepted.
struct TLSCertificateProblem {
    /// OpenSSL's number for it.
    let code: Int
    /// The one of the chain that it is about.
    let certificate: TLSCertificate?
    /// Whether that is the peer's own and not one of those that lead to its authority.
    let isOwn: Bool

    enum Kind {
        case notYetValid, expired, selfSigned, unknownAuthority, otherName, other
    }

    var kind: Kind {
        switch code {
        case 9: .notYetValid
        case 10: .expired
        case 18: .selfSigned
        case 2, 19, 20, 21, 27: .unknownAuthority
        case 62, 64: .otherName
        default: .other
        }
    }
}
