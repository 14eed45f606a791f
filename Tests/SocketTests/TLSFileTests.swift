import Foundation
import XCTest

@testable import MailroomLibraries

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

final class TLSFileTests: XCTestCase {
    private func problem(_ make: () throws -> Void) -> String {
        do {
            try make()
            return "none"
        } catch { return "\(error)" }
    }

    func testAPipeInTheirPlaceIsRefusedAtOnce() throws {
        let fixture = try TLSFixture()
        let pipe = try fixture.file([])
        try FileManager.default.removeItem(atPath: pipe)
        XCTAssertEqual(mkfifo(pipe, 0o600), 0)
        let certificate = try fixture.file(fixture.signed().certificatePEM)
        let configurations = [
            "the trust file": TLSConfiguration(trustFile: pipe),
            "the certificate file": TLSConfiguration(certificateFile: pipe),
            "the key file": TLSConfiguration(certificateFile: certificate, keyFile: pipe),
        ]
        for (purpose, configuration) in configurations {
            XCTAssertEqual(
                problem { _ = try TLSContext(configuration) },
                "Could not read \(purpose) \(pipe). It must be a file of PEM text.")
        }
        XCTAssertEqual(
            problem { _ = try TLSContext(server: TLSServerConfiguration(certificateFile: pipe)) },
            "Could not read the certificate file \(pipe). It must be a file of PEM text.")
    }

    func testANameWithANULIsNoOtherFile() throws {
        let fixture = try TLSFixture()
        let path = try fixture.trustFile() + "\0.pem"
        XCTAssertTrue(problem { _ = try PEM(file: path, purpose: "the trust file") }.contains("No such file"))
    }

    func testAFileIsReadUpToTheLimitAndNotBeyond() throws {
        let fixture = try TLSFixture()
        let octets = (0..<100).map { UInt8($0) }
        let file = try fixture.file(octets)
        XCTAssertEqual(try RegularFile.contents(of: file, limit: 100), octets)
        XCTAssertEqual(try RegularFile.contents(of: fixture.file([]), limit: 100), [])
        XCTAssertThrowsError(try RegularFile.contents(of: file, limit: 99)) {
            XCTAssertEqual($0 as? RegularFile.Problem, .tooLarge)
        }
        XCTAssertThrowsError(try RegularFile.contents(of: "/nowhere/key.pem", limit: 99)) {
            XCTAssertEqual($0 as? RegularFile.Problem, .system(ENOENT))
        }
    }
}
