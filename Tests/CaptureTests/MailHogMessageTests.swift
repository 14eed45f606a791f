import TestSupport
import XCTest

@testable import MailroomCapture
@testable import MailroomHTTP

/// What a mail looks like in MailHog's JSON.
final class MailHogMessageTests: XCTestCase {
    private func content(_ text: String) throws -> [String: Any] {
        let api = try APIServer()
        return try XCTUnwrap(try api.message(try api.capture(text))["Content"] as? [String: Any])
    }

    private func headers(_ text: String) throws -> [String: [String]] {
        var headers = try XCTUnwrap(try content(text)["Headers"] as? [String: [String]])
        for name in ["Received", "Return-Path", "Message-ID"] { headers[name] = nil }
        return headers
    }

    private func parts(_ text: String) throws -> [[String: Any]]? {
        let api = try APIServer()
        return (try api.message(try api.capture(text))["MIME"] as? [String: Any])?["Parts"] as? [[String: Any]]
    }

    func testAMessagesMembersStandInMailHogsOrder() throws {
        let api = try APIServer()
        let id = try api.capture("Subject: x\r\n\r\nbody", from: "a@x.example", to: ["b@y.example", "c"], helo: "h")
        let text = try api.ask("GET", "/api/v1/messages/\(id)").text
        let headers = try api.headers(id)
        let message = try api.message(id)
        let created = try XCTUnwrap(message["Created"] as? String)
        let received = try XCTUnwrap(headers["Received"]?.first).replacingOccurrences(of: "\r\n", with: "\\r\\n")
        XCTAssertEqual(
            text,
            "{\"ID\":\"\(id)\",\"From\":{\"Relays\":null,\"Mailbox\":\"a\",\"Domain\":\"x.example\",\"Params\":\"\"},"
                + "\"To\":[{\"Relays\":null,\"Mailbox\":\"b\",\"Domain\":\"y.example\",\"Params\":\"\"},"
                + "{\"Relays\":null,\"Mailbox\":\"c\",\"Domain\":\"\",\"Params\":\"\"}],"
                + "\"Content\":{\"Headers\":{\"Message-ID\":[\"\(id)\"],\"Received\":[\"\(received)\"],"
                + "\"Return-Path\":[\"\\u003ca@x.example\\u003e\"],\"Subject\":[\"x\"]},\"Body\":\"body\",\"Size\":18,"
                + "\"MIME\":null},\"Created\":\"\(created)\",\"MIME\":null,"
                + "\"Raw\":{\"From\":\"a@x.example\",\"To\":[\"b@y.example\",\"c\"],\"Data\":\"Subject: x\\r\\n\\r\\nbody\","
                + "\"Helo\":\"h\"}}")
    }

    func testToIsNullWithoutRecipients() throws {
        let api = try APIServer()
        let message = try api.message(try api.capture("x", to: []))
        XCTAssertTrue(message["To"] is NSNull)
        XCTAssertTrue((message["Raw"] as? [String: Any])?["To"] is NSNull)
    }

    func testTheNullReversePathIsAnEmptyMailbox() throws {
        let api = try APIServer()
        let id = try api.capture("x", from: nil)
        let message = try api.message(id)
        XCTAssertEqual((message["From"] as? [String: Any])?["Mailbox"] as? String, "")
        XCTAssertEqual((message["Raw"] as? [String: Any])?["From"] as? String, "")
        XCTAssertEqual(try api.headers(id)["Return-Path"], ["<>"])
    }

    func testAnAddressIsSplitAtItsFirstAtSignAndHasNoRelays() throws {
        let api = try APIServer()
        let message = try api.message(try api.capture("x", from: "u@h", to: ["\"a:b\"@c", "u@[IPv6:::1]"]))
        let from = try XCTUnwrap(message["From"] as? [String: Any])
        XCTAssertTrue(from["Relays"] is NSNull)
        XCTAssertEqual(from["Mailbox"] as? String, "u")
        XCTAssertEqual(from["Domain"] as? String, "h")
        let to = try XCTUnwrap(message["To"] as? [[String: Any]])
        XCTAssertTrue(to.allSatisfy { $0["Relays"] is NSNull })
        XCTAssertEqual(to.map { $0["Domain"] as? String }, ["c", "[IPv6:::1]"])
    }

    func testTheIDIs44CharactersOfBase64URLAndTheHostname() throws {
        let id = try APIServer().capture("x")
        XCTAssertNotNil(id.range(of: "^[A-Za-z0-9_-]{43}=@mail\\.x\\.example$", options: .regularExpression), id)
    }

    func testCreatedIsRFC3339WithTheNanosecondsNeeded() throws {
        let api = try APIServer()
        let created = try XCTUnwrap(try api.message(try api.capture("x"))["Created"] as? String)
        XCTAssertNotNil(
            created.range(
                of: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-]\d\d:\d\d)$"#, options: .regularExpression),
            created)
        let text = WallClock.rfc3339(.seconds(1_700_000_000) + .milliseconds(120))
        XCTAssertTrue(text.contains(".12") && !text.contains(".120"), text)
        XCTAssertFalse(WallClock.rfc3339(.seconds(1_700_000_000)).contains("."))
    }

    func testRawDataAndSizeAreWithoutTheLastLineBreak() throws {
        let api = try APIServer()
        let message = try api.message(try api.capture("A: b\r\n\r\n.dot\r\n"))
        XCTAssertEqual((message["Raw"] as? [String: Any])?["Data"] as? String, "A: b\r\n\r\n.dot\r\n")
        XCTAssertEqual((message["Content"] as? [String: Any])?["Size"] as? Int, 14)
    }

    func testOctetsThatAreNoUTF8AreReplaced() throws {
        let api = try APIServer()
        let id = try api.capture(Array("X-\u{C9}: a".utf8) + [0xE4] + Array("\r\n\r\n".utf8) + [0xFF, 65, 0xC3])
        let message = try api.message(id)
        XCTAssertEqual((message["Content"] as? [String: Any])?["Body"] as? String, "\u{FFFD}A\u{FFFD}")
        XCTAssertEqual(try api.headers(id)["X-\u{C9}"], ["a\u{FFFD}"])
    }

    func testJSONEscapesAsGoDoes() throws {
        let api = try APIServer()
        let id = try api.capture("S: <&>\u{2028}\t\u{1}\u{7F}\"\\/é\r\n\r\n")
        XCTAssertTrue(
            try api.ask("GET", "/api/v1/messages/\(id)").text.contains(
                "\"S\":[\"\\u003c\\u0026\\u003e\\u2028\\t\\u0001\u{7F}\\\"\\\\/é\"]"))
    }

    // MARK: Header

    func testFieldsKeepTheirCaseAndOfRepeatedOnesTheLastStays() throws {
        XCTAssertEqual(
            try headers("x-A: 1\r\nX-a: 2\r\nx-A: 3\r\nB: 4\r\nx-A: 5\r\n\r\n"),
            ["x-A": ["5"], "X-a": ["2"], "B": ["4"]])
    }

    func testReceivedAndReturnPathAreAppended() throws {
        let api = try APIServer()
        let id = try api.capture("Received: one\r\nreceived: low\r\nReceived: two\r\nReturn-Path: <z>\r\n\r\n")
        let headers = try api.headers(id)
        XCTAssertEqual(headers["Return-Path"], ["<z>", "<a@x.example>"])
        let all = (headers["Received"] ?? []) + (headers["received"] ?? [])
        XCTAssertEqual(all.filter { $0 == "two" || $0 == "low" }.count, 2)
        XCTAssertEqual(all.filter { $0.contains("(MailHog)") }.count, 1)
        XCTAssertFalse(all.contains("one"))
    }

    func testReceivedSaysWhoSentWhatToWhomAndWhen() throws {
        let api = try APIServer()
        let id = try api.capture("x", helo: "client.example")
        let received = try XCTUnwrap(try api.headers(id)["Received"]?.first)
        let pattern =
            "^from client\\.example by mail\\.x\\.example \\(MailHog\\)\r\n          id "
            + NSRegularExpression.escapedPattern(for: id)
            + "; (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}$"
        XCTAssertNotNil(received.range(of: pattern, options: .regularExpression), received)
    }

    func testAMessageIDIsAddedWithoutBracketsWhereItIsMissing() throws {
        let api = try APIServer()
        let id = try api.capture("A: b\r\n\r\n")
        XCTAssertEqual(try api.headers(id)["Message-ID"], [id])
        let other = try api.headers(try api.capture("message-Id: <own>\r\n\r\n"))
        XCTAssertEqual(other["message-Id"], ["<own>"])
        XCTAssertNil(other["Message-ID"])
    }

    func testFoldingIsJoinedWithoutItsLineBreak() throws {
        XCTAssertEqual(
            try headers("A: one\r\n two\r\n\tthree\r\nB: x\r\nA2: y\r\n  z\r\n\r\n"),
            ["A": ["one two\tthree"], "B": ["x"], "A2": ["y  z"]])
    }

    func testAFieldWithoutABlankBehindItsColonIsDropped() throws {
        XCTAssertEqual(try headers("A:b\r\nno field\r\nC: d: e\r\nE: \r\n\r\n"), ["C": ["d: e"], "E": [""]])
    }

    func testWithoutAnEmptyLineEverythingIsBody() throws {
        let content = try content("Subject: x\r\nTo: y")
        XCTAssertEqual(content["Body"] as? String, "Subject: x\r\nTo: y")
        let headers = try XCTUnwrap(content["Headers"] as? [String: [String]])
        XCTAssertEqual(Set(headers.keys), ["Received", "Return-Path", "Message-ID"])
    }

    // MARK: Parts

    func testOnlyMultipartsOfAnExactContentTypeHaveParts() throws {
        for type in [
            "content-type: multipart/mixed; boundary=B", "Content-Type: text/plain; boundary=B",
            "Content-Type: Multipart/mixed; boundary=B",
        ] {
            XCTAssertNil(try parts("\(type)\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n"), type)
        }
        XCTAssertEqual(try parts("Content-Type: multipart/x; boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n")?.count, 2)
    }

    func testTheBoundaryIsFoundHoweverItIsWritten() throws {
        for parameters in [
            "boundary=B", "boundary=\"B\"", "charset=x; boundary=B", "BOUNDARY = \"B\" ; a=b",
            "a=\"; boundary=C\"; boundary=B",
            "boundary=\"\\B\"", "boundary=B;",
        ] {
            XCTAssertEqual(
                try parts("Content-Type: multipart/mixed; \(parameters)\r\n\r\n--B\r\n\r\nx\r\n--B--")?.count, 2,
                parameters)
        }
    }

    func testWithoutABoundaryPartsAreNull() throws {
        let api = try APIServer()
        for type in ["multipart/mixed", "multipart/mixed; boundary=", "multipart/mixed; x=boundary"] {
            let message = try api.message(try api.capture("Content-Type: \(type)\r\n\r\n--B\r\n"))
            XCTAssertTrue((message["MIME"] as? [String: Any])?["Parts"] is NSNull, type)
        }
    }

    func testThePreambleIsTheFirstPartAndTheRestBehindTheEndTheLast() throws {
        let type = "Content-Type: multipart/mixed; boundary=B\r\n\r\n"
        let withPreamble = try XCTUnwrap(parts(type + "preamble\r\n--B\r\nA: b\r\n\r\none\r\n--B--\r\nepilogue\r\n"))
        XCTAssertEqual(withPreamble.map { $0["Body"] as? String }, ["preamble", "one", "--\r\nepilogue"])
        XCTAssertEqual((withPreamble[0]["Headers"] as? [String: Any])?.count, 0)
        XCTAssertEqual(withPreamble[1]["Headers"] as? [String: [String]], ["A": ["b"]])
        let bare = try XCTUnwrap(parts(type + "--B\r\n\r\none\r\n--B--"))
        XCTAssertEqual(bare.last?["Body"] as? String, "--")
        XCTAssertEqual(bare.count, 2)
        XCTAssertEqual(bare.map { $0["Size"] as? Int }, [3, 2])
    }

    func testNestedMultipartsSitInTheirPart() throws {
        let parts = try XCTUnwrap(
            parts(
                "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n"
                    + "Content-Type: multipart/alternative; boundary=C\r\n\r\n--C\r\nX: 1\r\n\r\nin\r\n--C--\r\n--B--"))
        let inner = try XCTUnwrap((parts[0]["MIME"] as? [String: Any])?["Parts"] as? [[String: Any]])
        XCTAssertEqual(inner.map { $0["Body"] as? String }, ["in", "--"])
        XCTAssertTrue(inner[0]["MIME"] is NSNull)
    }

    func testDeeplyNestedMultipartsDoNotEndTheProgram() throws {
        let depth = 2000
        var mail = ""
        for level in 0..<depth { mail += "Content-Type: multipart/mixed; boundary=b\(level)_\r\n\r\n--b\(level)_\r\n" }
        let api = try APIServer()
        let id = try api.capture(mail)
        XCTAssertEqual(try api.ask("GET", "/api/v1/messages/\(id)").status, 200)
    }

    func testMailsMadeToFillTheMemoryDoNot() throws {
        var mail = Array("Content-Type: multipart/x; boundary=B\r\n\r\n".utf8)
        for _ in 0..<100_000 { mail += Array("--Bx".utf8) }
        XCTAssertEqual(MailHogContent(mail[...]).parts?.count, MailHogContent.maximumParts)
        var header: [UInt8] = []
        for number in 0..<50_000 { header += Array("a\(number): b\r\n".utf8) }
        XCTAssertEqual(MailHogContent((header + [13, 10])[...]).fields.count, MailHogContent.maximumFields)
    }

    func testNoOctetsEndTheProgram() throws {
        var generator = SeededGenerator(7)
        let seeds =
            [
                try Samples.letter(),
                "Content-Type: multipart/x; boundary=\"B\"\r\n\r\np\r\n--B\r\nA: b\r\n c\r\n\r\nx\r\n--B--\r\n",
                "{\"Host\":\"h\",\"Port\":[1,2.5e3,\"\\ud83d\\ude00\"],\"Save\":true}",
                "POST /a?b=%41 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            ].map { Array($0.utf8) } + [
                WebSocketClient.text("text") + WebSocketClient.frame(0x89, [1]) + WebSocketClient.close(1000)
            ]
        for round in 0..<3000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            var json = JSONWriter()
            let message = CapturedMessage(
                id: "i", receivedAt: .zero,
                envelope: .init(helo: "h", remoteAddress: "", reversePath: nil, recipients: []),
                content: MailContent(bytes))
            MailHogMessage(message, hostname: "h").write(to: &json)
            XCTAssertNoThrow(try JSONReader.value(of: json.bytes))
            XCTAssertNoThrow(try JSONReader.value(of: JSONWriter.indented(json.bytes)))
            _ = try? JSONReader.value(of: bytes)
            var parser = HTTPRequestParser(limits: HTTPLimits())
            bytes.withUnsafeBytes { parser.append($0) }
            while let request = try? parser.next() { XCTAssertFalse(request.method.isEmpty) }
            var reader = WebSocketReader(maximumMessageBytes: 100)
            bytes.withUnsafeBytes { reader.append($0) }
            var events = 0
            while let _ = try? reader.next() { events += 1 }
            XCTAssertLessThanOrEqual(events, bytes.count)
        }
    }
}
