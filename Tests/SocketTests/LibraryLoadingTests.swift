import Foundation
import XCTest

@testable import MailroomLibraries

final class LibraryLoadingTests: XCTestCase {
    /// A folder for one test.
    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mailroom-library-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
        return folder
    }

    /// The file that this process has libcrypto from, as Linux tells it.
    private func libcrypto() throws -> String {
        _ = try OpenSSL.libcrypto()
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else {
            throw XCTSkip("This system does not tell where its libraries are.")
        }
        let line = maps.split(separator: "\n").first { $0.contains("/libcrypto.so") }
        return try String(XCTUnwrap(line?.split(separator: " ").last))
    }

    func testALibraryInstalledLaterMendsARunningProcess() throws {
        let file = try folder().appending(path: "libcrypto.so").path
        let kept = Kept<CryptoFunctions>()
        func load() throws(LibraryError) -> CryptoFunctions {
            try kept.get { () throws(LibraryError) in try CryptoFunctions(SharedLibrary([file], package: "any")) }
        }
        XCTAssertThrowsError(try load())
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: libcrypto())
        XCTAssertNoThrow(try load())
        try FileManager.default.removeItem(atPath: file)
        XCTAssertNoThrow(try load(), "what has been loaded is kept")
    }

    func testThreadsThatMakeAValueAtTheSameTimeGetTheSame() throws {
        let kept = Kept<Int>()
        let first = try kept.get { () throws(LibraryError) in
            // Another one comes first while this one is being made.
            XCTAssertEqual(try kept.get { 2 }, 2)
            return 1
        }
        XCTAssertEqual(first, 2)
    }
}
