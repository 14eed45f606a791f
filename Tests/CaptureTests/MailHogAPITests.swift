import MailroomSockets
import XCTest

@testable import MailroomCapture

final class MailHogAPITests: XCTestCase {
    private let simple = "From: Ann <ann@x.example>\r\nTo: b@y.example\r\nSubject: Hello\r\n\r\nThe body."

    func testAMailHasMailHogsShape() throws {
        let server = try TestServer()
        try server.send([simple])
        let all = try XCTUnwrap(server.json("/api/v1/messages") as? [[String: Any]])
        let mail = try XCTUnwrap(all.first)
        XCTAssertEqual(Set(mail.keys), ["ID", "From", "To", "Content", "Created", "MIME", "Raw"])
        let id = try XCTUnwrap(mail["ID"] as? String)
        XCTAssertNotNil(id.range(of: "^[A-Za-z0-9_-]{43}=@mailroom.example$", options: .regularExpression), id)
        let from = try XCTUnwrap(mail["From"] as? [String: Any])
        XCTAssertEqual(from["Mailbox"] as? String, "a")
        XCTAssertEqual(from["Domain"] as? String, "x.example")
        XCTAssertEqual(from["Params"] as? String, "")
        XCTAssertTrue(from["Relays"] is NSNull)
        XCTAssertEqual((mail["To"] as? [[String: Any]])?.first?["Mailbox"] as? String, "b")
        let content = try XCTUnwrap(mail["Content"] as? [String: Any])
        XCTAssertEqual(content["Body"] as? String, "The body.")
        XCTAssertEqual(content["Size"] as? Int, simple.utf8.count)
        XCTAssertTrue(content["MIME"] is NSNull)
        let headers = try XCTUnwrap(content["Headers"] as? [String: [String]])
        XCTAssertEqual(headers["Subject"], ["Hello"])
        XCTAssertEqual(headers["Return-Path"], ["<a@x.example>"])
        XCTAssertEqual(headers["Message-ID"], [id])
        XCTAssertTrue(
            headers["Received"]?.first?.hasPrefix(
                "from tests.example by mailroom.example (MailHog)\r\n          id \(id); ") == true)
        XCTAssertTrue(mail["MIME"] is NSNull)
        let raw = try XCTUnwrap(mail["Raw"] as? [String: Any])
        XCTAssertEqual(raw["From"] as? String, "a@x.example")
        XCTAssertEqual(raw["To"] as? [String], ["b@y.example"])
        XCTAssertEqual(raw["Helo"] as? String, "tests.example")
        XCTAssertEqual(raw["Data"] as? String, simple)
        XCTAssertNotNil(
            (mail["Created"] as? String)?
                .range(of: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"#, options: .regularExpression))
    }

    func testListsAreNewestFirstAndPaged() throws {
        let server = try TestServer()
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages").text, "[]")
        try server.send((1...7).map { "Subject: number \($0)\r\n\r\nx" })
        func subjects(_ target: String) throws -> [String] {
            let answer = try XCTUnwrap(server.json(target) as? [String: Any])
            XCTAssertEqual(answer["total"] as? Int, 7)
            let items = try XCTUnwrap(answer["items"] as? [[String: Any]])
            XCTAssertEqual(answer["count"] as? Int, items.count)
            return items.compactMap {
                (($0["Content"] as? [String: Any])?["Headers"] as? [String: [String]])?["Subject"]?.first
            }
        }
        XCTAssertEqual(try subjects("/api/v2/messages?limit=2"), ["number 7", "number 6"])
        XCTAssertEqual(try subjects("/api/v2/messages?start=5&limit=50"), ["number 2", "number 1"])
        XCTAssertEqual(try subjects("/api/v2/messages?start=9"), [])
        XCTAssertEqual(try subjects("/api/v2/messages?start=-3&limit=0").count, 7)
        XCTAssertEqual(try subjects("/api/v2/messages?limit=x").count, 7)
        XCTAssertEqual(try server.ask("GET", "/api/v2/messages").field("Content-Type"), "text/json")
        XCTAssertEqual(try server.ask("OPTIONS", "/api/v2/messages").status, 200)
    }

    func testSearchLooksWhereItIsToldTo() throws {
        let server = try TestServer()
        try server.send([simple], from: "Envelope@x.example", to: ["Bcc@hidden.example"])
        try server.send(["Subject: other\r\nX-Word: Needle\r\n\r\nhay"])
        func total(_ query: String) throws -> Int? {
            (try server.json("/api/v2/search?\(query)") as? [String: Any])?["total"] as? Int
        }
        XCTAssertEqual(try total("kind=from&query=envelope@X"), 1)
        XCTAssertEqual(try total("kind=from&query=ann"), 1)
        XCTAssertEqual(try total("kind=to&query=HIDDEN"), 1)
        XCTAssertEqual(try total("kind=to&query=y.example"), 2)
        XCTAssertEqual(try total("kind=containing&query=needle"), 1)
        XCTAssertEqual(try total("kind=containing&query=THE+body"), 1)
        XCTAssertEqual(try total("kind=containing&query=absent"), 0)
        XCTAssertEqual(
            try server.ask("GET", "/api/v2/search?kind=to&query=x").field("Content-Type"), "application/json")
        for bad in ["", "?kind=to", "?kind=to&query=", "?kind=other&query=x"] {
            let answer = try server.ask("GET", "/api/v2/search\(bad)")
            XCTAssertEqual(answer.status, 400, bad)
            XCTAssertEqual(answer.body, [], bad)
        }
    }

    func testOneMailIsFetchedDownloadedAndDeleted() throws {
        let server = try TestServer()
        try server.send([simple, simple])
        let id = try XCTUnwrap(server.server.messages.first?.id)
        let encoded = id.replacingOccurrences(of: "=", with: "%3D").replacingOccurrences(of: "@", with: "%40")
        XCTAssertEqual((try server.json("/api/v1/messages/\(encoded)") as? [String: Any])?["ID"] as? String, id)
        let file = try server.ask("GET", "/api/v1/messages/\(id)/download")
        XCTAssertEqual(file.field("Content-Type"), "message/rfc822")
        XCTAssertEqual(file.field("Content-Disposition"), "attachment; filename=\"\(id).eml\"")
        XCTAssertTrue(file.text.hasSuffix(simple))
        XCTAssertTrue(file.text.hasPrefix("Return-Path: <a@x.example>\r\nReceived: from tests.example "))
        XCTAssertEqual(try server.ask("DELETE", "/api/v1/messages/\(encoded)").status, 200)
        XCTAssertEqual(try server.ask("DELETE", "/api/v1/messages/\(id)").status, 500)
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages/\(id)").text, "null")
        XCTAssertEqual(server.server.messages.count, 1)
        XCTAssertEqual(try server.ask("DELETE", "/api/v1/messages").status, 200)
        XCTAssertEqual(server.server.messages.count, 0)
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages/").field("Location"), "/api/v1/messages")
        let nothing = try server.ask("PUT", "/api/v1/messages")
        XCTAssertEqual(nothing.status, 404)
        XCTAssertEqual(nothing.text, "404 page not found\n")
    }

    func testMultipartsAreSplitAndTheirPartsDownloaded() throws {
        let server = try TestServer()
        let mail = """
            Content-Type: multipart/mixed; boundary="B 1"\r
            \r
            preamble\r
            --B 1\r
            Content-Type: multipart/alternative; boundary=inner\r
            \r
            --inner\r
            Content-Type: text/plain\r
            \r
            one\r
            --inner--\r
            --B 1\r
            Content-Type: application/pdf\r
            Content-Transfer-Encoding: Base64\r
            Content-Disposition: attachment; filename="a.pdf"\r
            Set-Cookie: evil=1\r
            \r
            JVBE\r
            Ri0=\r
            --B 1--\r
            epilogue
            """
        try server.send([mail])
        let id = try XCTUnwrap(server.server.messages.first?.id)
        let json = try XCTUnwrap(server.json("/api/v1/messages/\(id)") as? [String: Any])
        let parts = try XCTUnwrap((json["MIME"] as? [String: Any])?["Parts"] as? [[String: Any]])
        XCTAssertEqual(parts.map { $0["Body"] as? String ?? "" }.count, 4)
        XCTAssertEqual(parts[0]["Body"] as? String, "preamble")
        XCTAssertEqual((parts[0]["Headers"] as? [String: Any])?.count, 0)
        let inner = try XCTUnwrap((parts[1]["MIME"] as? [String: Any])?["Parts"] as? [[String: Any]])
        XCTAssertEqual(inner.map { $0["Body"] as? String }, ["one", "--"])
        XCTAssertEqual(parts[3]["Body"] as? String, "--\r\nepilogue")
        let part = try server.ask("GET", "/api/v1/messages/\(id)/mime/part/2/download")
        XCTAssertEqual(part.text, "%PDF-")
        XCTAssertEqual(part.field("Content-Disposition"), "attachment; filename=\"a.pdf\"")
        XCTAssertEqual(part.field("Content-Type"), "application/pdf")
        XCTAssertNil(part.field("Set-Cookie"))
        XCTAssertEqual(
            try server.ask("GET", "/api/v1/messages/\(id)/mime/part/0/download").field("Content-Disposition"),
            "attachment; filename=\"\(id)-part-0\"")
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages/\(id)/mime/part/9/download").status, 404)
    }

    func testEachMailIsAnEventOfIndentedJSON() throws {
        let server = try TestServer()
        let stream = try TCPStream.connect(host: "127.0.0.1", port: server.ports.web, timeout: .seconds(10))
        let request = "GET /api/v1/events HTTP/1.1\r\nHost: localhost:\(server.ports.web)\r\n\r\n"
        try stream.write(Array(request.utf8), deadline: .now + .seconds(10))
        var bytes: [UInt8] = []
        func read(until text: String) throws {
            while !String(decoding: bytes, as: UTF8.self).contains(text) {
                guard try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 else {
                    return XCTFail("The stream ended before \(text).")
                }
            }
        }
        try read(until: "\r\n\r\n")
        try server.send((1...20).map { "Subject: event \($0)\r\n\r\nx" })
        try read(until: "event 20")
        let text = String(decoding: bytes, as: UTF8.self)
        XCTAssertTrue(text.contains("Content-Type: text/event-stream\r\n"))
        XCTAssertTrue(text.contains("data: {\ndata:   \"ID\": \""))
        XCTAssertEqual(text.components(separatedBy: "data: {\n").count - 1, 20)
        server.server.stop()
        XCTAssertNoThrow(try { while try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 {} }())
    }

    func testJSONIsValidWhateverOctetsAMailHas() throws {
        var writer = JSONWriter()
        writer.string(Array("a\"\\\u{1}\n<&>é€😀\u{2028}".utf8)[...] + [0xFF, 0xC3, 0xED, 0xA0, 0x80, 0xF0, 0x9F])
        let text = String(decoding: writer.bytes, as: UTF8.self)
        XCTAssertEqual(
            text,
            #""a\"\\\u0001\n\u003c\u0026\u003eé€😀\u2028\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd""#)
        let back = try JSONSerialization.jsonObject(with: Data(writer.bytes), options: .fragmentsAllowed) as? String
        XCTAssertEqual(back, "a\"\\\u{1}\n<&>é€😀\u{2028}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
    }

    func testIndentingChangesNothingButBlanks() throws {
        let json = Array(#"{"a":[1,{"b":"x,{[\"y"}],"c":[],"d":{},"e":null}"#.utf8)
        XCTAssertEqual(
            String(decoding: JSONWriter.indented(json), as: UTF8.self),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,{[\\\"y\"\n    }\n  ],\n  \"c\": [],\n  \"d\": {},\n  \"e\": null\n}"
        )
    }
}
