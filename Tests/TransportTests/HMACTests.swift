import Foundation
import MailroomLibraries
import XCTest

final class HMACTests: XCTestCase {
    private func digest(_ key: [UInt8], _ message: [UInt8]) throws -> String {
        try hmacMD5(key: key, message: message).map { String(format: "%02x", $0) }.joined()
    }

    func testMatchesTheTestCasesOfRFC2202() throws {
        let long = [UInt8](repeating: 0xAA, count: 80)
        let cases: [(key: [UInt8], message: [UInt8], digest: String)] = [
            ([UInt8](repeating: 0x0B, count: 16), Array("Hi There".utf8), "9294727a3638bb1c13f48ef8158bfc9d"),
            (Array("Jefe".utf8), Array("what do ya want for nothing?".utf8), "750c783e6ab0b503eaa86e310a5db738"),
            (
                [UInt8](repeating: 0xAA, count: 16), [UInt8](repeating: 0xDD, count: 50),
                "56be34521d144c88dbb8c733f0e8b3f6"
            ),
            (Array(1...25), [UInt8](repeating: 0xCD, count: 50), "697eaf0aca3a3aea3a75164746ffaa79"),
            (
                [UInt8](repeating: 0x0C, count: 16), Array("Test With Truncation".utf8),
                "56461ef2342edc00f9bab995690efd4c"
            ),
            (
                long, Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"
            ),
            (
                long, Array("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".utf8),
                "6f630fad67cda0ee1fb1f562db3aa53e"
            ),
        ]
        for (key, message, expected) in cases { XCTAssertEqual(try digest(key, message), expected) }
    }

    func testMatchesTheExampleOfRFC2195() throws {
        let challenge = Array("<1896.697170952@postoffice.reston.mci.net>".utf8)
        XCTAssertEqual(try digest(Array("tanstaaftanstaaf".utf8), challenge), "b913a602c7eda7a495b4e6e7334d3890")
    }

    func testTakesAnEmptyKeyAndAnEmptyMessage() throws {
        XCTAssertEqual(try digest([], []), "74e6f7298a9c2d168935f58c001bad88")
        XCTAssertEqual(try digest(Array("key".utf8), []), "63530468a04e386459855da0063b6596")
    }
}
