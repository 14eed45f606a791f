import MailroomHTTP
import TestSupport
import XCTest

@testable import MailroomCapture

final class RuleTextTests: XCTestCase {
    func testATextSaysConditionsAndActions() throws {
        let rule = try CaptureRule(
            parsing:
                "rcpt from=a@x.example to=*@full.example domain=full.example skip=1 every=3 limit=2 chance=0.5 "
                + "reply='452 4.2.2 Mailbox full' delay=1.5s drip=20ms hangup=after reset")
        var expected = CaptureRule(.rcpt)
        expected.sender = "a@x.example"
        expected.recipient = "*@full.example"
        expected.domain = "full.example"
        expected.skipping = 1
        expected.every = 3
        expected.limit = 2
        expected.chance = 0.5
        expected.reply = CaptureRule.Reply(452, "4.2.2 Mailbox full")
        expected.delay = .milliseconds(1500)
        expected.dripInterval = .milliseconds(20)
        expected.hangUp = .after
        expected.resets = true
        XCTAssertEqual(rule, expected)
    }

    func testWordsHaveTheirDefaults() throws {
        XCTAssertEqual(try CaptureRule(parsing: "content drop").keeping, .drop)
        XCTAssertEqual(try CaptureRule(parsing: "content reply=451 store").keeping, .store)
        XCTAssertEqual(try CaptureRule(parsing: "any drip").dripInterval, .zero)
        XCTAssertEqual(try CaptureRule(parsing: "quit reset").hangUp, .before)
        XCTAssertEqual(try CaptureRule(parsing: "noop delay=0.25").delay, .milliseconds(250))
        XCTAssertEqual(try CaptureRule(parsing: "noop delay=2m").delay, .seconds(120))
        XCTAssertEqual(try CaptureRule(parsing: "HELO hide=starttls,size").hiddenExtensions, ["STARTTLS", "SIZE"])
        XCTAssertEqual(
            try CaptureRule(parsing: "rcpt to=good@x pass"),
            {
                var rule = CaptureRule(.rcpt)
                rule.recipient = "good@x"
                return rule
            }())
        XCTAssertEqual(try CaptureRule(parsing: #"helo reply="250 mx\nSIZE 1""#).reply?.lines, "250-mx\r\n250 SIZE 1")
        XCTAssertEqual(try CaptureRule(parsing: "any reply=421").reply?.lines, "421 ")
    }

    func testAnErrorNamesTheWordAndOffersWhatIsPossible() {
        let cases: [(String, String)] = [
            ("", "A rule begins with a stage: connect, helo,"), ("recipient to=x", "“recipient” is no stage."),
            ("rcpt", "A rule needs something to do: reply="), ("rcpt to=x", "A rule needs something to do"),
            ("content when=now drop", "“when” is no word of a rule. Conditions: from="),
            ("content to drop", "“to” needs a value"),
            ("rcpt drop=1", "“drop” takes no value"), ("content drop drop", "“drop” stands twice"),
            ("bdat drop store", "either dropped or stored"), ("rcpt reply=full", "does not begin with a code"),
            ("rcpt reply='199 x'", "does not begin with a code"), ("rcpt reply='452x'", "does not begin with a code"),
            ("rcpt reply='452 x", "lacks its closing '"), ("rcpt reply='452 x'y", "A blank must follow"),
            ("rcpt delay=soon", "delay=soon is not a time"), ("rcpt delay=-1s", "is not a time"),
            ("rcpt delay=nan", "is not a time"), ("rcpt chance=2 drop", "is not a number from 0 to 1"),
            ("rcpt limit=-1 drop", "is not a whole number from 0"), ("rcpt every=0 drop", "whole number from 1"),
            ("rcpt hangup=later", "one of: before, after"), ("rcpt hide=SIZE", "at the stage helo only"),
            ("any pass drop", "“pass” stands alone"),
            ("rcpt drop", "“drop” works at the stages content, bdat and any only"),
            ("quit reply=221 store", "“store” works at the stages content, bdat and any only"),
        ]
        for (text, message) in cases {
            XCTAssertThrowsError(try CaptureRule(parsing: text), text) {
                XCTAssertTrue("\($0)".contains(message), "\(text): \($0)")
            }
        }
    }

    func testEveryRuleSurvivesTextAndJSON() throws {
        var generator = SeededGenerator(11)
        for _ in 0..<500 {
            let rule = Self.random(&generator)
            XCTAssertEqual(try CaptureRule(parsing: rule.description), rule, rule.description)
            let json = try JSONEncoder().encode([RuleJSON(rule)])
            XCTAssertEqual(try RuleRequest(Array(json)).rules, [rule], String(decoding: json, as: UTF8.self))
        }
    }

    private static func random(_ generator: inout SeededGenerator) -> CaptureRule {
        var rule = CaptureRule(CaptureRule.Stage.allCases.randomElement(using: &generator) ?? .any)
        func flip() -> Bool { Bool.random(using: &generator) }
        let words = [
            "a@x", "", "*", "with blank", "it's", "\"q\"", #"back\slash"#, "ü\u{301}", "\u{301}x", "two\nlines", "a=b",
        ]
        func word() -> String { words.randomElement(using: &generator) ?? "" }
        if flip() { rule.sender = word() }
        if flip() { rule.recipient = word() }
        if flip() { rule.domain = word() }
        if flip() { rule.skipping = Int.random(in: 0...5, using: &generator) }
        if flip() { rule.every = Int.random(in: 1...5, using: &generator) }
        if flip() { rule.limit = Int.random(in: 0...5, using: &generator) }
        if flip() { rule.chance = Double.random(in: 0...1, using: &generator) }
        if flip() { rule.reply = CaptureRule.Reply(Int.random(in: 200...599, using: &generator), word()) }
        if flip() { rule.delay = .microseconds(Int.random(in: 0...3, using: &generator) * 123_450) }
        if flip() { rule.dripInterval = .milliseconds(Int.random(in: 0...3, using: &generator) * 500) }
        if flip() { rule.hangUp = flip() ? .before : .after }
        if flip(), rule.hangUp != nil { rule.resets = true }
        if [.content, .bdat, .any].contains(rule.stage), flip() { rule.keeping = flip() ? .drop : .store }
        if rule.stage == .helo, flip() { rule.hiddenExtensions = ["SIZE", "*"] }
        return rule
    }

    func testJSONTakesRulesAsObjectsAndAsTexts() throws {
        let body = """
            {"seed": 7, "rules": [
              {"stage": "rcpt", "to": "*@full.example", "reply": "452 4.2.2 Mailbox full", "limit": 2, "drip": true},
              "content chance=0.5 drop",
              {"stage": "helo", "hide": ["STARTTLS", "SIZE"], "delay": 0.5, "reset": false},
              {"stage": "mail", "chance": 1, "reply": 550}
            ]}
            """
        let request = try RuleRequest(Array(body.utf8))
        XCTAssertEqual(request.seed, 7)
        XCTAssertEqual(
            request.rules.map(\.description),
            [
                "rcpt to=*@full.example limit=2 reply='452 4.2.2 Mailbox full' drip", "content chance=0.5 drop",
                "helo delay=500ms hide=STARTTLS,SIZE", "mail reply=550",
            ])
        XCTAssertEqual(
            try RuleRequest(Array("# a comment\n\nbdat drop\r\n  quit delay=1s\n".utf8)).rules.map(\.description),
            ["bdat drop", "quit delay=1s"])
        XCTAssertEqual(try RuleRequest(Array("\"any drop\"".utf8)).rules.count, 1)
        XCTAssertEqual(try RuleRequest([]).rules.count, 0)
        for (body, message) in [
            ("[1]", "A rule is a text"), ("[\"rcpt\"]", "needs something to do"), ("{", "begins like JSON"),
            ("{\"stage\":\"x\"}", "needs a “stage”"), ("{\"stage\":\"rcpt\",\"x\":1}", "“x” is no word"),
            ("{\"rules\":[],\"seed\":-1}", "a whole number “seed”"), ("{\"rules\":3}", "object with “rules”"),
            ("{\"stage\":\"rcpt\",\"to\":null}", "A rule is a text"),
        ] {
            XCTAssertThrowsError(try RuleRequest(Array(body.utf8)), body) {
                XCTAssertTrue("\($0)".contains(message), "\(body): \($0)")
            }
        }
    }

    func testThePatternOfAnAddress() {
        let cases: [(String, String, Bool)] = [
            ("a@x", "A@X", true), ("a@x", "b@x", false), ("*@x.example", "any.one@X.EXAMPLE", true),
            ("*@x.example", "a@y.example", false), ("*", "", true), ("", "", true), ("", "a", false),
            ("a*b*c", "a--b--b-c", true), ("a*b*c", "a--c--b", false), ("**", "x", true), ("*ü", "müü", true),
            (String(repeating: "*a", count: 30), String(repeating: "a", count: 2000) + "b", false),
        ]
        for (pattern, text, matches) in cases {
            XCTAssertEqual(RulePattern.matches(pattern, text), matches, "\(pattern) \(text.prefix(20))")
        }
    }

    // MARK: HTTP

    private func ask(
        _ routes: HTTPRoutes, _ method: String, _ target: String, _ body: String = ""
    ) throws -> (status: Int, body: String) {
        let request = try XCTUnwrap(HTTPRequest(method: method, target: target, body: Array(body.utf8)))
        let response = routes.answer(to: request)
        guard case .bytes(let bytes) = response.body else { return (response.status, "") }
        return (response.status, String(decoding: bytes, as: UTF8.self))
    }

    func testTheRulesAreReadAndChangedOverHTTP() throws {
        let book = RuleBook(seed: 5)
        var routes = HTTPRoutes()
        RuleRoutes(book: book, prefix: "/mail").add(to: &routes)
        let path = "/mail/api/rules"
        XCTAssertEqual(try ask(routes, "PUT", path + "?seed=9", "bdat drop\ncontent limit=1 reply=451").status, 200)
        XCTAssertEqual(book.seed, 9)
        XCTAssertEqual(try ask(routes, "POST", path, "{\"stage\":\"quit\",\"delay\":\"1s\"}").status, 201)
        XCTAssertEqual(book.rules.map(\.description), ["bdat drop", "content limit=1 reply=451", "quit delay=1s"])
        _ = book.decision(for: RuleEvent(stage: .content))
        _ = book.decision(for: RuleEvent(stage: .content))
        let listed = try ask(routes, "GET", path)
        let json = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(listed.body.utf8)) as? [String: Any])
        XCTAssertEqual(json["seed"] as? Int, 9)
        let rules = try XCTUnwrap(json["rules"] as? [[String: Any]])
        XCTAssertEqual(rules.map { $0["hits"] as? Int }, [0, 1, 0])
        XCTAssertEqual(rules.map { $0["met"] as? Int }, [0, 2, 0])
        XCTAssertEqual(rules.map { $0["text"] as? String }, book.rules.map(\.description))
        XCTAssertEqual((rules[1]["rule"] as? [String: Any])?["reply"] as? String, "451")
        XCTAssertEqual(try ask(routes, "DELETE", path + "/2").status, 200)
        XCTAssertEqual(book.rules.map(\.stage), [.bdat, .quit])
        XCTAssertEqual(try ask(routes, "DELETE", path + "/3").status, 404)
        XCTAssertEqual(try ask(routes, "DELETE", path + "/x").status, 404)
        for (method, body) in [
            ("PUT", "nonsense"), ("POST", ""), ("POST", "{\"rules\":[\"bdat drop\"],\"seed\":1}"), ("POST", "[1]"),
        ] {
            XCTAssertEqual(try ask(routes, method, path, body).status, 400, body)
        }
        XCTAssertEqual(try ask(routes, "PUT", path + "?seed=x", "").status, 400)
        XCTAssertEqual(book.rules.count, 2)
        XCTAssertEqual(try ask(routes, "DELETE", path).status, 200)
        XCTAssertEqual(book.rules.count, 0)
        XCTAssertEqual(book.seed, 9)
    }
}
