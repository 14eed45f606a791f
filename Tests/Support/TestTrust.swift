package import Foundation
package import MailroomLibraries

/// A server's certificate that no authority signed, in files, for as long as this lives.
package final class TestTrust: Sendable {
    package let certificate: SelfSignedCertificate
    /// The file with the certificate: to show it, or to trust it by.
    package let file: URL
    /// The file with its key.
    package let keyFile: URL
    private let folder = TestFolder()

    /// `seconds` are counted from now.
    package init(
        names: [String] = ["127.0.0.1", "localhost"], validFor seconds: Range<Int64> = -3600..<86_400
    ) throws {
        let now = Int64(Date().timeIntervalSince1970)
        certificate = try SelfSignedCertificate(
            .init(
                subject: "server.example", names: names, notBefore: now + seconds.lowerBound,
                notAfter: now + seconds.upperBound))
        file = URL(filePath: try folder.file("certificate.pem", certificate.certificatePEM))
        keyFile = URL(filePath: try folder.file("key.pem", certificate.keyPEM))
    }

    /// What a server needs to show the certificate, and to ask for one that these trust, if any.
    package func serverContext(asking clients: TestTrust? = nil) throws -> TLSContext {
        try TLSContext(
            server: TLSServerConfiguration(
                certificateFile: file.path, keyFile: keyFile.path, clientTrustFile: clients?.file.path))
    }
}
