import MailroomSockets
import XCTest

@testable import MailroomCapture
@testable import MailroomHTTP

/// Mails and lists that are larger than one answer may be.
final class MailHogLargeTests: XCTestCase {
    private func entries(_ mails: [[UInt8]], to: [String] = []) -> [MessageStore.Entry] {
        mails.enumerated().map { number, bytes in
            MessageStore.Entry(
                number: number,
                message: CapturedMessage(
                    id: "\(number)", receivedAt: .zero,
                    envelope: .init(helo: "h", remoteAddress: "", reversePath: nil, recipients: to),
                    content: MailContent(bytes + [13, 10])))
        }
    }

    private func mail(_ octet: UInt8, _ count: Int) -> [UInt8] {
        Array("Subject: s\r\n\r\n".utf8) + [UInt8](repeating: octet, count: count)
    }

    private func bodies(_ list: MailHogList) throws -> [Int] {
        let items = try XCTUnwrap(try JSONSerialization.jsonObject(with: Data(list.json.bytes)) as? [[String: Any]])
        XCTAssertEqual(items.count, list.count)
        return try items.map { item in
            let content = try XCTUnwrap(item["Content"] as? [String: Any])
            XCTAssertEqual((content["Headers"] as? [String: [String]])?["Subject"], ["s"])
            return try XCTUnwrap(content["Body"] as? String).unicodeScalars.count
        }
    }

    func testAListEndsByWhatItsJSONHasAndNotByWhatTheMailsHave() throws {
        // An octet that is no UTF-8 is written as six, twice.
        let plain = entries((0..<10).map { _ in mail(65, 10_000) })
        let escaped = entries((0..<10).map { _ in mail(0x80, 10_000) })
        XCTAssertEqual(try bodies(MailHogList(plain, hostname: "h", budget: 150_000)).count, 7)
        XCTAssertEqual(try bodies(MailHogList(escaped, hostname: "h", budget: 150_000)).count, 1)
        XCTAssertLessThanOrEqual(MailHogList(plain, hostname: "h", budget: 150_000).json.bytes.count, 150_001)
    }

    func testAListCountsEnvelopesToo() throws {
        let recipients = (0..<1000).map { "recipient-\($0)@y.example" }
        let many = entries((0..<10).map { _ in mail(65, 1) }, to: recipients)
        let count = try bodies(MailHogList(many, hostname: "h", budget: 300_000)).count
        XCTAssertGreaterThan(count, 0)
        XCTAssertLessThan(count, 4)
    }

    func testAMailThatIsTooLargeStandsInAListWithoutItsBodyAndHidesNoOther() throws {
        for large in [mail(0x80, 60_000), mail(65, 200_000)] {
            for place in 0..<3 {
                var mails = [mail(65, 10), mail(65, 10)]
                mails.insert(large, at: place)
                let list = MailHogList(entries(mails), hostname: "h", budget: 150_000)
                var expected = [10, 10]
                expected.insert(0, at: place)
                XCTAssertEqual(try bodies(list), expected)
            }
        }
        let json = MailHogList.json(of: entries([mail(65, 200_000)])[0].message, hostname: "h", budget: 150_000)
        let message = try XCTUnwrap(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        XCTAssertEqual((message["Content"] as? [String: Any])?["Size"] as? Int, 200_014)
        XCTAssertEqual((message["Raw"] as? [String: Any])?["Data"] as? String, "")
        XCTAssertTrue(message["MIME"] is NSNull)
    }

    func testMailsThatAreTooLargeAreNotTriedForEver() throws {
        let list = MailHogList(
            entries((0..<100).map { _ in mail(0x80, 60_000) }), hostname: "h", budget: 150_000)
        XCTAssertGreaterThan(list.count, 0)
        XCTAssertLessThan(list.count, 10)
    }

    func testAListIsNotMadeForAClientThatIsGone() {
        var asked = 0
        let list = MailHogList(entries((0..<100).map { _ in mail(65, 10) }), hostname: "h") {
            asked += 1
            return asked < 10
        }
        XCTAssertEqual(list.count, 9)
    }

    func testAMailTooLargeForJSONIsAnsweredWithAStatusAndWords() throws {
        let api = try APIServer(answerBytes: 1 << 20)
        try api.capture("Subject: small\r\n\r\nx")
        let id = try api.capture(mail(0x80, 200_000))
        let one = try api.ask("GET", "/api/v1/messages/\(id)")
        XCTAssertEqual(one.status, 500)
        XCTAssertTrue(one.text.contains("1 MiB") && one.text.contains("/download"), one.text)
        XCTAssertEqual(try api.ask("GET", "/api/v1/messages/\(id)/download").status, 200)
        for path in ["/api/v1/messages", "/api/v2/messages", "/api/v2/search?kind=to&query=b"] {
            let answer = try api.ask("GET", path)
            XCTAssertEqual(answer.status, 200, path)
            XCTAssertTrue(answer.text.contains("\"Subject\":[\"small\"]"), path)
            XCTAssertTrue(answer.text.contains("\"ID\":\"\(id)\""), path)
        }
    }

    func testALargeMailThatIsNestedDeepIsAnsweredWithFewerLevels() throws {
        var text = ""
        for level in 0..<16 { text += "Content-Type: multipart/mixed; boundary=b\(level)_\r\n\r\n--b\(level)_\r\n" }
        let bytes = Array((text + "\r\n").utf8) + [UInt8](repeating: 65, count: 5 << 20)
        var content = MailHogContent(bytes[...])
        var levels = 0
        while let inner = content.parts?.first {
            levels += 1
            content = inner
        }
        XCTAssertEqual(levels, 4)
        let api = try APIServer()
        let answer = try api.ask("GET", "/api/v1/messages/\(try api.capture(bytes))")
        XCTAssertEqual(answer.status, 200)
        XCTAssertLessThan(answer.body.count, 40 << 20)
    }

    func testAHeaderIsReadWithoutTheRest() throws {
        for (bytes, header) in [
            (Array("A: b\r\n\r\nbody\r\n".utf8), "A: b\r\n\r\n"), (Array("A: b\r\n\r\n".utf8), ""),
            (Array("no header\r\n".utf8), ""), ([], ""),
            (Array("A: \(String(repeating: "x", count: 100_000))\r\n\r\nb\r\n".utf8), nil),
            (Array("A: \(String(repeating: "x", count: MailHead.maximumBytes * 5))\r\n\r\nb\r\n".utf8), ""),
        ] as [([UInt8], String?)] {
            let found = MailHead.octets(of: Samples.captured(MailContent(bytes)))
            XCTAssertEqual(
                String(decoding: found, as: UTF8.self), header ?? String(decoding: bytes.dropLast(3), as: UTF8.self))
        }
    }

    // MARK: Searches

    func testOthersAreServedWhileASearchTakesItsTime() throws {
        let queue = AnswerQueue("test")
        var routes = HTTPRoutes()
        let goes = DispatchSemaphore(value: 0)
        let begun = DispatchSemaphore(value: 0)
        let wanted = Shared<Bool?>(nil)
        routes.on("GET", "/slow") { _ in
            queue.answer { isWanted in
                begun.signal()
                goes.wait()
                wanted.change { $0 = isWanted() }
                return HTTPResponse(200, text: "slow")
            }
        }
        routes.on("GET", "/quick") { _ in HTTPResponse(200, text: "quick") }
        let slow = PureConnection(routes)
        slow.give("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        begun.wait()
        let quick = PureConnection(routes)
        quick.give("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        XCTAssertTrue(quick.written.hasSuffix("quick"))
        let unwanted = PureConnection(routes)
        unwanted.give("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        unwanted.connection.end()
        slow.connection.end()
        goes.signal()
        // The second is not even begun: its client had gone before.
        let last = PureConnection(routes)
        last.give("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        begun.wait()
        XCTAssertEqual(wanted.current, false)
        goes.signal()
        while !last.written.hasSuffix("slow") {
            sched_yield()
            last.answerWakes()
        }
        XCTAssertEqual(wanted.current, true)
    }

    func testAMailsBodyIsNotReadToSearchItsSender() throws {
        let search = try XCTUnwrap(MailHogSearch(kind: "from", query: "ann", hostname: "h"))
        XCTAssertTrue(search.matches(Samples.captured(MailContent(Array("From: Ann\r\n\r\nx\r\n".utf8)))))
        XCTAssertFalse(search.matches(Samples.captured(MailContent(Array("From: Bob\r\n\r\nann\r\n".utf8)))))
        XCTAssertFalse(search.matches(Samples.captured(MailContent(Array("From: Ann\r\nno empty line\r\n".utf8)))))
    }
}
