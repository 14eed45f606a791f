import Mailroom
import MailroomMIME
import XCTest

final class PrefixedMailTests: XCTestCase {
    private let header = Array("X-Signed: yes\r\n".utf8)

    private func address(_ mail: Mail) -> UInt { mail.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }

    func testPutsFieldsBeforeTheBytesAndChangesNothingElse() throws {
        let mail = try SigningSamples.mail(try SigningSamples.message(), attempt: 3)
        let expected = header + mail.message.encoded()
        let prefixed = mail.prefixed(by: header)
        XCTAssertEqual(prefixed.bytes, expected)
        XCTAssertEqual(mail.bytes, mail.message.encoded(), "the mail itself is what it was")
        XCTAssertEqual(prefixed.attempt, 3)
        XCTAssertEqual(prefixed.deadline, mail.deadline)
        XCTAssertEqual(prefixed.message, mail.message)
        XCTAssertEqual(prefixed.restricted(to: []).bytes, expected)
        XCTAssertEqual(mail.prefixed(by: []).bytes, mail.bytes)
    }

    func testMayBePrefixedAgain() throws {
        let mail = try SigningSamples.mail(try SigningSamples.message())
        let once = mail.prefixed(by: header)
        let twice = once.prefixed(by: Array("X-More: yes\r\n".utf8))
        XCTAssertEqual(twice.bytes, Array("X-More: yes\r\n".utf8) + header + mail.message.encoded())
        XCTAssertEqual(once.bytes, header + mail.message.encoded())
    }

    func testTakesTheEncodedBytesOverWithoutCopyingThem() throws {
        let mail = try SigningSamples.mail(
            try SigningSamples.message { $0.attachments = [MIMEPart(bytes: [UInt8](repeating: 7, count: 1_000_000))] })
        let before = address(mail)
        let prefixed = mail.prefixed(by: header)
        XCTAssertEqual(address(prefixed), before)
        XCTAssertNotEqual(address(mail), before, "encoded again, since it was asked again")
        XCTAssertEqual(address(prefixed.restricted(to: [])), before)
    }

    func testLeavesBytesThatSomebodyHolds() throws {
        let mail = try SigningSamples.mail(try SigningSamples.message())
        let held = mail.bytes
        XCTAssertEqual(mail.prefixed(by: header).bytes, header + held)
        XCTAssertEqual(held, mail.message.encoded())
    }
}
