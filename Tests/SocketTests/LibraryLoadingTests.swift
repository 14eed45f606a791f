import Foundation
import TestSupport
import XCTest

@testable import MailroomLibraries

final class LibraryLoadingTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    /// The file that this process has libcrypto from, as Linux tells it.
    private func libcrypto() throws -> String {
        _ = try OpenSSL.libcrypto()
        guard let maps = FileHandle(forReadingAtPath: "/proc/self/maps") else {
            throw lacking("this system does not tell where its libraries are")
        }
        // A file of /proc has no size: it is read to its end, however long that is.
        let lines = String(decoding: try XCTUnwrap(maps.readToEnd()), as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.contains("/libcrypto.so") }
        return try String(XCTUnwrap(line?.split(separator: " ").last))
    }

    func testALibraryInstalledLaterMendsARunningProcess() throws {
        let file = folder.path + "/libcrypto.so"
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
