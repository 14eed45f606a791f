import Foundation
import MailroomLibraries

/// A server's certificate that no authority signed, and the file to trust it by, for as long as this lives.
final class TestTrust {
    let certificate: SelfSignedCertificate
    private let folder: URL

    /// The file with the certificate.
    var file: URL { folder.appending(path: "certificate.pem") }
    /// The file with its key.
    var keyFile: URL { folder.appending(path: "key.pem") }

    init(names: [String] = ["127.0.0.1", "localhost"]) throws {
        let now = Int64(Date().timeIntervalSince1970)
        certificate = try SelfSignedCertificate(
            .init(subject: "server.example", names: names, notBefore: now - 3600, notAfter: now + 86_400))
        folder = FileManager.default.temporaryDirectory.appending(path: "mailroom-trust-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(certificate.certificatePEM).write(to: file)
        try Data(certificate.keyPEM).write(to: keyFile)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What a server needs to show the certificate, and to ask for one that these trust, if any.
    func serverContext(asking clients: TestTrust? = nil) throws -> TLSContext {
        try TLSContext(
            server: TLSServerConfiguration(
                certificateFile: file.path, keyFile: keyFile.path, clientTrustFile: clients?.file.path))
    }
}
