import Foundation
import MailroomLibraries

/// A server's certificate that no authority signed, in files, for as long as this lives.
final class BenchTrust: Sendable {
    let certificateFile: String
    private let keyFile: String
    private let folder: BenchFolder

    init() throws {
        let now = Int64(Date().timeIntervalSince1970)
        let certificate = try SelfSignedCertificate(
            .init(subject: "hop.example", names: ["127.0.0.1"], notBefore: now - 3600, notAfter: now + 86_400))
        folder = try BenchFolder()
        certificateFile = folder.path + "/certificate.pem"
        keyFile = folder.path + "/key.pem"
        try Data(certificate.certificatePEM).write(to: URL(filePath: certificateFile))
        try Data(certificate.keyPEM).write(to: URL(filePath: keyFile))
    }

    func serverContext() throws -> TLSContext {
        try TLSContext(server: TLSServerConfiguration(certificateFile: certificateFile, keyFile: keyFile))
    }
}

/// A folder for as long as this lives.
final class BenchFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "mailroom-bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The files and folders in one of its folders, in the order of their names.
    func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
    }

    func bytes(_ name: String) -> [UInt8] {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { [UInt8]($0) } ?? []
    }

    /// Returns once there is something of this name, or after ten seconds.
    func reaches(_ name: String) async {
        let limit = ContinuousClock.now + .seconds(10)
        while !FileManager.default.fileExists(atPath: "\(path)/\(name)"), .now < limit { await Task.yield() }
    }
}
