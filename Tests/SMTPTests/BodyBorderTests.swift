import Mailroom
import MailroomMIME
import XCTest

@testable import MailroomSMTP

/// Bodies around the sizes at which they are divided, with dots where the divisions fall.
final class BodyBorderTests: XCTestCase {
    /// A mail of exactly so many octets, lines of `unit` before the rest.
    private func mail(_ size: Int, of unit: String, number: Int) throws -> Mail {
        let mail = try makeMail("border", to: ["m\(number)@example.org"], within: .seconds(60))
        let room = size - mail.bytes.count
        let start = Array("X-Room: \r\n".utf8)
        let unit = Array(unit.utf8)
        var header = start
        while header.count + unit.count <= room - 2 { header += unit }
        // The last line takes what is left.
        header.removeLast(2)
        header += [UInt8](repeating: 120, count: room - header.count - 2) + [13, 10]
        return mail.prefixed(by: header)
    }

    func testNothingIsLostOrAddedAroundTheBorders() async throws {
        for chunks in [false, true] {
            let server = try ModelServer(seed: nil, extensions: ["PIPELINING", "CHUNKING", "SIZE"])
            let transport = SMTPTransport.smtp("127.0.0.1", port: server.port) {
                $0.clientName = "client.example"
                $0.chunks = chunks
                $0.maximumConnections = 2
            }
            var mails: [Mail] = []
            let sizes: [Int] = [16, 64, 80, 272, 1024, 1040].map { $0 * 1024 }
            let around: [Int] = sizes.flatMap { (size: Int) -> [Int] in [size - 1, size, size + 1] }
            for size in around {
                // Of one and of three octets, so that each border meets the dot, the CR and the LF.
                for unit in [".\r\n", "..\r\n"] {
                    mails.append(try mail(size, of: unit, number: mails.count))
                    XCTAssertEqual(mails.last?.bytes.count, size)
                }
            }
            let outcomes = await withTaskGroup(of: String.self) { group in
                for mail in mails { group.addTask { await transport.outcome(of: mail) } }
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
            XCTAssertEqual(outcomes, ["m accepted"])
            await transport.shutdown()
            let books = await server.closedBooks()
            XCTAssertEqual(books.problems, [])
            for (number, mail) in mails.enumerated() {
                XCTAssertTrue(
                    books.bodies["m\(number)@example.org"] == mail.bytes,
                    "\(mail.bytes.count) octets arrived changed, \(chunks ? "by BDAT" : "by DATA")")
                XCTAssertEqual(books.accepted["m\(number)@example.org"], 1)
            }
        }
    }

    func testAnEmptyMessageIsItsEndAlone() throws {
        for (chunks, sent) in [(false, ".\r\n"), (true, "BDAT 0 LAST\r\n")] {
            var harness = SessionHarness { $0.chunks = chunks }
            harness.body = ""
            harness.open(["PIPELINING", "CHUNKING"])
            harness.begin(size: 0)
            _ = harness.takeSent()
            harness.receive(chunks ? "250 ok\r\n250 ok\r\n" : "250 ok\r\n250 ok\r\n354 go\r\n")
            XCTAssertEqual(harness.takeSent(), sent)
            harness.receive("250 queued\r\n")
            XCTAssertEqual(harness.takeLog().last, "accepted 250 queued")
            XCTAssertTrue(try SMTPBody([]).endsLine)
        }
    }
}
