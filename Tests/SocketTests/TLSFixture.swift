import Foundation
import MailroomLibraries
import MailroomSockets
import TestSupport
import XCTest

/// Certificates in files, for one test case's lifetime.
final class TLSFixture {
    let authority: SelfSignedCertificate
    private let folder = TestFolder()

    init() throws {
        authority = try SelfSignedCertificate(Self.request("Test Authority", isAuthority: true))
    }

    /// A request valid from an hour ago for a day, unless moved by seconds.
    static func request(
        _ subject: String, names: [String] = [], from: Int64 = -3600, to: Int64 = 86_400,
        key: SelfSignedCertificate.Key = .p256, isAuthority: Bool = false
    ) -> SelfSignedCertificate.Request {
        let now = Int64(Date().timeIntervalSince1970)
        return .init(
            subject: subject, names: names, notBefore: now + from, notAfter: now + to, key: key,
            isAuthority: isAuthority)
    }

    /// A certificate that the authority signed, for the names that most tests use unless others are given.
    func signed(
        names: [String] = ["mail.example.org", "localhost", "127.0.0.1"], from: Int64 = -3600, to: Int64 = 86_400,
        key: SelfSignedCertificate.Key = .p256
    ) throws -> SelfSignedCertificate {
        try SelfSignedCertificate(
            Self.request(names.first ?? "nobody", names: names, from: from, to: to, key: key), signedBy: authority)
    }

    /// The path of a file with this in it.
    func file(_ octets: [UInt8]) throws -> String {
        try folder.file("\(UUID().uuidString).pem", octets)
    }

    func trustFile() throws -> String { try file(authority.certificatePEM) }

    /// A client that trusts the authority.
    func client(_ change: (inout TLSConfiguration) throws -> Void = { _ in }) throws -> TLSContext {
        var configuration = TLSConfiguration(trustFile: try trustFile())
        try change(&configuration)
        return try TLSContext(configuration)
    }

    /// A server with a certificate, signed by the authority unless given.
    func server(
        _ certificate: SelfSignedCertificate? = nil, _ change: (inout TLSServerConfiguration) throws -> Void = { _ in }
    ) throws -> TLSContext {
        var configuration = TLSServerConfiguration(pem: try (certificate ?? signed()).pem)
        try change(&configuration)
        return try TLSContext(server: configuration)
    }
}
