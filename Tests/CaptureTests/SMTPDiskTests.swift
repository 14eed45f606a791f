import Foundation
import MailroomFiles
import MailroomSockets
import Synchronization
import TestSupport
import XCTest

@testable import MailroomCapture

/// A destination whose disk takes nothing.
private final class FullDisk: MailDestination {
    private let store: MessageStore
    let isFull = Mutex(true)

    init() {
        var limits = MessageStore.Limits()
        limits.spillThreshold = 4096
        limits.spillFolder = "/nowhere/at/all"
        store = MessageStore(limits: limits)
    }

    func writer(expecting count: Int) -> ContentWriter { store.writer(expecting: count) }

    func accept(_ envelope: CapturedMessage.Envelope, _ content: MailContent) throws(FileError) -> String {
        if isFull.withLock({ $0 }) { throw FileError("write a mail", code: ENOSPC) }
        return "id"
    }
}

final class SMTPDiskTests: XCTestCase {
    func testAMailThatTheDiskDoesNotTakeIsRefusedForNow() {
        let destination = FullDisk()
        var session = SMTPSession(
            SMTPSettings(hostname: "mx.example"), remoteAddress: "192.0.2.1:1", destination: destination)
        var output = ConnectionOutput()
        let large = String(repeating: "x", count: 20_000)
        func say(_ text: String) {
            Array(text.utf8).withUnsafeBytes { session.receive($0, &output) }
        }
        func last() -> String {
            String(decoding: output.bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast().last ?? ""
        }
        let envelope = "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n"
        say("EHLO c\r\n" + envelope + "DATA\r\n" + large + "\r\n.\r\n")
        XCTAssertTrue(last().hasPrefix("452 4.3.1 "), last())
        say(envelope + "BDAT 20000\r\n" + large)
        XCTAssertTrue(last().hasPrefix("452 4.3.1 "), last())
        say(envelope + "BDAT 20000 LAST\r\n" + large)
        XCTAssertTrue(last().hasPrefix("452 4.3.1 "), last())
        say(envelope + "DATA\r\nsmall\r\n.\r\n")
        XCTAssertTrue(last().hasPrefix("452 4.3.1 "), last())
        destination.isFull.withLock { $0 = false }
        say(envelope + "DATA\r\nsmall\r\n.\r\n")
        XCTAssertEqual(last(), "250 2.0.0 Ok: queued as id")
        XCTAssertFalse(session.isOver)
    }
}
