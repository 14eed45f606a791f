import Dispatch
import Foundation
import Mailroom
import MailroomTesting
import TestSupport
import XCTest

@testable import MailroomDKIM
@testable import MailroomSpool

/// Disks that do not answer: nobody waits for them longer than asked.
final class HangingDiskTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    /// Holds a queue up for the length of the test.
    private func holdUp(_ queue: DispatchQueue) {
        let opening = DispatchSemaphore(value: 0)
        queue.async { opening.wait() }
        addTeardownBlock { opening.signal() }
    }

    func testTheCheckOfASpoolEndsByItsDeadline() async {
        let transport = SpoolTransport(folder: folder.path + "/spool")
        holdUp(transport.queue)
        let checks = await transport.checkConnection(until: .now + .milliseconds(100))
        XCTAssertEqual(checks.map(\.subject), [transport.route])
        XCTAssertTrue(checks[0].problem?.contains("does not answer") == true, "\(checks)")
    }

    func testAMailWaitsForItsKeyNoLongerThanItHasTime() async throws {
        let signer = DKIMSigner(domain: "example.org", selector: "s1", key: .file("/no/such/key.pem"))
        holdUp(signer.key.source.queue)
        let capture = CaptureTransport()
        let error = await capture.signed(by: signer).error(of: try outletMail(within: .milliseconds(100)))
        XCTAssertEqual(error?.code, .signingFailed)
        XCTAssertEqual(error?.isTransient, true)
        XCTAssertTrue(error?.reason.contains("/no/such/key.pem") == true, "\(String(describing: error))")
        XCTAssertEqual(capture.mails.count, 0)
    }

    func testTheCheckOfASignerEndsByItsDeadline() async {
        let signer = DKIMSigner(domain: "example.org", selector: "s1", key: .file("/no/such/key.pem"))
        holdUp(signer.key.source.queue)
        let checks = await CaptureTransport().signed(by: signer).checkConnection(until: .now + .milliseconds(100))
        XCTAssertTrue(checks[0].problem?.contains("/no/such/key.pem") == true, "\(checks)")
    }
}
