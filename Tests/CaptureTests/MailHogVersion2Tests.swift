import XCTest

@testable import MailroomCapture

/// The routes of version 2, line by line of MailHog's API.
final class MailHogVersion2Tests: XCTestCase {
    private func page(_ api: APIServer, _ target: String) throws -> (
        total: Int?, count: Int?, start: Int?, subjects: [String]
    ) {
        let answer = try XCTUnwrap(api.json(target) as? [String: Any])
        XCTAssertEqual(Set(answer.keys), ["total", "count", "start", "items"])
        let items = try XCTUnwrap(answer["items"] as? [[String: Any]])
        let subjects = items.compactMap {
            (($0["Content"] as? [String: Any])?["Headers"] as? [String: [String]])?["Subject"]?.first
        }
        return (answer["total"] as? Int, answer["count"] as? Int, answer["start"] as? Int, subjects)
    }

    // MARK: GET messages

    func testMessagesAreAnObjectWithTotalCountStartAndItemsNewestFirst() throws {
        let api = try APIServer()
        for number in 1...3 { try api.capture("Subject: \(number)\r\n\r\n") }
        let answer = try api.ask("GET", "/api/v2/messages")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.field("Content-Type"), "text/json")
        XCTAssertTrue(answer.text.hasPrefix("{\"total\":3,\"count\":3,\"start\":0,\"items\":[{\"ID\":"), answer.text)
        XCTAssertEqual(try page(api, "/api/v2/messages").subjects, ["3", "2", "1"])
        XCTAssertEqual(try page(api, "/api/v2/messages?start=1&limit=1").subjects, ["2"])
    }

    func testTheLimitIs50UnlessGivenAnd250AtMost() throws {
        let api = try APIServer()
        for number in 1...300 { try api.capture("Subject: \(number)\r\n\r\n") }
        for (query, count) in [
            ("", 50), ("?limit=250", 250), ("?limit=251", 250), ("?limit=99999", 250), ("?limit=7", 7),
            ("?start=290", 10),
        ] {
            let page = try page(api, "/api/v2/messages\(query)")
            XCTAssertEqual(page.count, count, query)
            XCTAssertEqual(page.subjects.count, count, query)
            XCTAssertEqual(page.total, 300, query)
        }
    }

    func testWhatIsNoNumberZeroOrNegativeCountsAsTheDefault() throws {
        let api = try APIServer()
        for number in 1...60 { try api.capture("Subject: \(number)\r\n\r\n") }
        for query in [
            "limit=x", "limit=0", "limit=-1", "limit=", "limit=1.5", "limit=99999999999999999999", "start=x",
            "start=-1",
            "start=0", "start=%zz",
        ] {
            let page = try page(api, "/api/v2/messages?\(query)")
            XCTAssertEqual(page.count, 50, query)
            XCTAssertEqual(page.start, 0, query)
        }
    }

    func testAStartPastTheEndHasCount0AndNoItems() throws {
        let api = try APIServer()
        try api.capture("x")
        XCTAssertEqual(
            try api.ask("GET", "/api/v2/messages?start=9").text, "{\"total\":1,\"count\":0,\"start\":9,\"items\":[]}")
        XCTAssertEqual(
            try APIServer().ask("GET", "/api/v2/messages").text, "{\"total\":0,\"count\":0,\"start\":0,\"items\":[]}")
    }

    // MARK: GET search

    func testASearchAnswersTheSameObjectAsApplicationJSONAndTotalIsWhatMatches() throws {
        let api = try APIServer()
        for number in 1...5 { try api.capture("Subject: \(number)\r\n\r\n\(number % 2 == 0 ? "even" : "odd")") }
        let answer = try api.ask("GET", "/api/v2/search?kind=containing&query=odd&start=1&limit=1")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.field("Content-Type"), "application/json")
        let page = try page(api, "/api/v2/search?kind=containing&query=odd&start=1&limit=1")
        XCTAssertEqual([page.total, page.count, page.start], [3, 1, 1])
        XCTAssertEqual(page.subjects, ["3"])
        XCTAssertEqual(
            try api.ask("GET", "/api/v2/search?kind=to&query=nobody").text,
            "{\"total\":0,\"count\":0,\"start\":0,\"items\":[]}")
    }

    func testASearchWithoutKindOrQueryIs400Empty() throws {
        let api = try APIServer()
        for query in [
            "", "?kind=to", "?kind=to&query=", "?query=x", "?kind=other&query=x", "?kind=From&query=x",
            "?kind=to&query=%",
        ] {
            let answer = try api.ask("GET", "/api/v2/search\(query)")
            XCTAssertEqual(answer.status, 400, query)
            XCTAssertEqual(answer.body, [], query)
        }
    }

    func testFromAndToLookAtTheEnvelopeThenAtTheFieldWhoseNameIsExact() throws {
        let api = try APIServer()
        try api.capture(
            "From: Ann <ann@w.example>\r\nTo: Bob@W.example\r\n\r\n", from: "Env@x.example", to: ["One@y.example"])
        try api.capture("from: Eve\r\nto: Zoe\r\n\r\n", from: nil, to: ["two@y.example", "three@y.example"])
        func total(_ kind: String, _ query: String) throws -> Int? {
            try page(api, "/api/v2/search?kind=\(kind)&query=\(query)").total
        }
        XCTAssertEqual(try total("from", "env@X"), 1)
        XCTAssertEqual(try total("from", "ANN+%3C"), 1)
        XCTAssertEqual(try total("from", "eve"), 0)
        XCTAssertEqual(try total("to", "Y.EXAMPLE"), 2)
        XCTAssertEqual(try total("to", "three"), 1)
        XCTAssertEqual(try total("to", "bob@w"), 1)
        XCTAssertEqual(try total("to", "zoe"), 0)
        XCTAssertEqual(try total("to", "ann"), 0)
        XCTAssertEqual(try total("from", "%40"), 2)
        XCTAssertEqual(try page(api, "/api/v2/search?kind=to&query=y.example&start=2").total, 2)
        XCTAssertEqual(try page(api, "/api/v2/search?kind=to&query=y.example&start=3").total, 0)
    }

    func testContainingLooksAtTheRawBodyAndAtEveryFieldsValueUndecoded() throws {
        let api = try APIServer()
        let id = try api.capture(
            "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Word: outdated\r\nX-Word: Needle one\r\n\ttwo\r\nX-Bad:glued\r\n\r\nH=C3=A4y Stack"
        )
        try api.capture("Other: x\r\n\r\nGRÜN", from: "q@z.example", helo: "special.helo")
        try api.capture("no empty line: everything")
        func total(_ query: String) throws -> Int? {
            try page(api, "/api/v2/search?kind=containing&query=\(query)").total
        }
        for (query, count) in [
            ("h%3Dc3%3DA4y+sTACK", 1), ("häy", 0), ("%3D%3Futf-8%3Fq%3Fgr", 1), ("needle+one%09TWO", 1),
            ("outdated", 0),
            ("glued", 0), ("x-word", 0), ("gr%C3%BCn", 1), ("everything", 1), ("special.helo", 1), ("q@z.example", 1),
            ("mailhog", 3), (String(id.prefix(43)), 1), ("stack%00", 0),
        ] {
            XCTAssertEqual(try total(query), count, query)
        }
    }

    func testCaselessSearchFindsWhatASlowSearchFinds() {
        var state: UInt64 = 42
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let alphabet = Array("aAbB@`[{ \u{0}".utf8)
        var found = 0
        for _ in 0..<4000 {
            let bytes = (0..<random(40)).map { _ in alphabet[random(alphabet.count)] }
            let needle = String(
                decoding: (0..<(1 + random(4))).map { _ in alphabet[random(alphabet.count)] }, as: UTF8.self)
            let slow = String(decoding: bytes, as: UTF8.self).lowercased().utf8.map { $0 }
            let wanted = Array(needle.lowercased().utf8)
            let expected =
                slow.count >= wanted.count
                && (0...(slow.count - wanted.count)).contains { slow[$0...].starts(with: wanted) }
            XCTAssertEqual(CaselessSearch(needle).isFound(in: bytes[...]), expected, "\(needle) in \(bytes)")
            found += expected ? 1 : 0
        }
        XCTAssertGreaterThan(found, 100)
    }

    // MARK: Jim

    func testJimIsNotFoundUntilHeIsInvited() throws {
        let api = try APIServer()
        for method in ["GET", "PUT", "DELETE"] {
            let answer = try api.ask(method, "/api/v2/jim", method == "PUT" ? "{}" : nil)
            XCTAssertEqual(answer.status, 404, method)
            XCTAssertEqual(answer.body, [], method)
        }
        XCTAssertNil(api.rules.jim)
    }

    func testInvitingJimIs201EmptyWithTheDefaultsAndGetShowsEightNumbers() throws {
        let api = try APIServer()
        let invited = try api.ask("POST", "/api/v2/jim")
        XCTAssertEqual(invited.status, 201)
        XCTAssertEqual(invited.body, [])
        XCTAssertEqual(api.rules.jim, .defaults)
        let shown = try api.ask("GET", "/api/v2/jim")
        XCTAssertEqual(shown.status, 200)
        XCTAssertEqual(shown.field("Content-Type"), "application/json")
        XCTAssertEqual(
            shown.text,
            "{\"DisconnectChance\":0.005,\"AcceptChance\":0.99,\"LinkSpeedAffect\":0.1,\"LinkSpeedMin\":1024,"
                + "\"LinkSpeedMax\":10240,\"RejectSenderChance\":0.05,\"RejectRecipientChance\":0.05,"
                + "\"RejectAuthChance\":0.05}")
    }

    func testJimCannotBeInvitedTwice() throws {
        let api = try APIServer()
        XCTAssertEqual(try api.ask("POST", "/api/v2/jim", "{\"acceptchance\":1,\"RejectAuthChance\":0.5}").status, 201)
        XCTAssertEqual(api.rules.jim?.rejectAuthChance, 0.5)
        XCTAssertEqual(api.rules.jim?.acceptChance, 1)
        XCTAssertEqual(api.rules.jim?.rejectSenderChance, 0)
        let again = try api.ask("POST", "/api/v2/jim")
        XCTAssertEqual(again.status, 400)
        XCTAssertEqual(again.body, [])
        XCTAssertEqual(api.rules.jim?.rejectAuthChance, 0.5)
    }

    func testABadBodyIsOverlookedWhenJimIsInvited() throws {
        for body in [
            "", "{", "[]", "{\"AcceptChance\":\"1\"}", "{\"AcceptChance\":1e999}",
            String(repeating: "[", count: 90_000),
        ] {
            let api = try APIServer()
            XCTAssertEqual(try api.ask("POST", "/api/v2/jim", body).status, 201)
            XCTAssertEqual(api.rules.jim, .defaults)
        }
    }

    func testChangingJimIs200EmptyAndWhatIsLeftOutBecomes0() throws {
        let api = try APIServer()
        _ = try api.ask("POST", "/api/v2/jim")
        let changed = try api.ask(
            "PUT", "/api/v2/jim", "{\"RejectSenderChance\":1,\"Unknown\":[{}],\"AcceptChance\":null}")
        XCTAssertEqual(changed.status, 200)
        XCTAssertEqual(changed.body, [])
        XCTAssertEqual(
            api.rules.jim,
            Jim(
                disconnectChance: 0, acceptChance: 0, linkSpeedAffect: 0, linkSpeedMin: 0, linkSpeedMax: 0,
                rejectSenderChance: 1, rejectRecipientChance: 0, rejectAuthChance: 0))
        XCTAssertEqual(try api.ask("PUT", "/api/v2/jim", "{\"AcceptChance\":0.25} and more").status, 200)
        XCTAssertEqual(api.rules.jim?.acceptChance, 0.25)
    }

    func testChangingJimByBadJSONIs400AndChangesNothing() throws {
        let api = try APIServer()
        _ = try api.ask("POST", "/api/v2/jim")
        for body in [
            "", "{", "nil", "[1]", "{\"AcceptChance\":\"1\"}", "{\"AcceptChance\":1e400}", "{\"a\":01}", "{a:1}",
        ] {
            XCTAssertEqual(try api.ask("PUT", "/api/v2/jim", body).status, 400, body)
        }
        XCTAssertEqual(api.rules.jim, .defaults)
    }

    func testSendingJimHomeIs200Empty() throws {
        let api = try APIServer()
        _ = try api.ask("POST", "/api/v2/jim")
        let answer = try api.ask("DELETE", "/api/v2/jim")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.body, [])
        XCTAssertNil(api.rules.jim)
    }

    func testJimComesBackAsHeWasToldToBe() throws {
        let api = try APIServer()
        for (method, body) in [("POST", ""), ("PUT", "{\"AcceptChance\":0.5}"), ("DELETE", ""), ("POST", "bad")] {
            _ = try api.ask(method, "/api/v2/jim", body)
        }
        XCTAssertEqual(api.rules.jim?.acceptChance, 0.5)
        XCTAssertEqual(api.rules.jim?.rejectSenderChance, 0)
    }

    // MARK: Outgoing servers

    func testOutgoingServersAreAMapOfNamesToObjectsWithReadablePasswords() throws {
        let none = try APIServer().ask("GET", "/api/v2/outgoing-smtp")
        XCTAssertEqual(none.status, 200)
        XCTAssertEqual(none.field("Content-Type"), "application/json")
        XCTAssertEqual(none.text, "{}")
        var server = OutgoingServer()
        server.name = "b"
        server.host = "h<>"
        server.port = "25"
        server.password = "secret"
        let api = try APIServer(outgoing: ["b": server, "a": OutgoingServer()])
        let empty =
            "{\"Name\":\"\",\"Save\":false,\"Email\":\"\",\"Host\":\"\",\"Port\":\"\",\"Username\":\"\",\"Password\":\"\",\"Mechanism\":\"\"}"
        XCTAssertEqual(
            try api.ask("GET", "/api/v2/outgoing-smtp").text,
            "{\"a\":\(empty),\"b\":{\"Name\":\"b\",\"Save\":false,\"Email\":\"\",\"Host\":\"h\\u003c\\u003e\",\"Port\":\"25\","
                + "\"Username\":\"\",\"Password\":\"secret\",\"Mechanism\":\"\"}}")
    }

    func testOptionsOnEachRouteButTheWebSocketIs200Empty() throws {
        let api = try APIServer()
        for path in ["messages", "search", "jim", "outgoing-smtp"] {
            let answer = try api.ask("OPTIONS", "/api/v2/\(path)")
            XCTAssertEqual(answer.status, 200, path)
            XCTAssertEqual(answer.body, [], path)
        }
        XCTAssertEqual(try api.ask("OPTIONS", "/api/v2/websocket").status, 404)
    }
}
