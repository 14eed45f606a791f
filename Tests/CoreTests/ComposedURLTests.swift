import Mailroom
import MailroomTesting
import XCTest

final class ComposedURLTests: XCTestCase {
    /// A scheme that keeps what it was given as its route.
    private static let probe = TransportScheme("probe", options: ["name"]) { url throws(ConfigurationError) in
        guard url.host != "bad" else { throw ConfigurationError([ConfigurationProblem("probe URL", "\(url) is bad")]) }
        return Known("\(url.user ?? "")|\(url.password ?? "")|\(url.host)|\(url.path)|\(url["name"] ?? "")")
    }

    /// A stranger's scheme that takes parts.
    private static let pair = TransportScheme("pair", parts: 2...2, options: ["mode"]) {
        _, parts throws(ConfigurationError) in TransportGroup.roundRobin(parts)
    }

    private let schemes = AdapterSchemes(transports: [probe, pair])

    func testPartsAreMadeAndNest() async throws {
        let transport = try schemes.transport(
            "failover(throttled(probe://u:p@a?name=x)?rate=5/s&burst=2, breaker(pair(probe:b,probe:./c))?after=2,probe:d)"
        )
        let checks = await (transport as? any ConnectionChecking)?.checkConnection(until: .now + .seconds(1))
        XCTAssertEqual(checks?.map(\.subject), ["u|p|a||x", "|||b|", "|||./c|", "|||d|"])
        let outcome = await transport.outcome(of: .sample(to: "a@example.org"))
        XCTAssertEqual(outcome, "a accepted by u|p|a||x")
        XCTAssertEqual(problems(of: transport), [])
    }

    func testWhatSeparatesCanBeWrittenInsideAPart() throws {
        let transport = try schemes.transport("failover(probe://u%2Cs:p%28%29%2C%40+%2B@a/x%2Cy(1)?name=%29)")
        let known = try XCTUnwrap(transport as? TransportGroup)
        XCTAssertEqual(known.owns("u,s|p(),@++|a|/x,y(1)|)"), true)
    }

    func testItsDescriptionShowsNoCredentials() throws {
        let url = try AdapterURL("failover(throttled(smtp://u:secret@a:25)?rate=1/s,spool:/var/out)?x=secret")
        XCTAssertEqual(url.description, "failover(throttled(smtp://a:25),spool:/var/out)")
        XCTAssertEqual(url.parts[0].parts[0].password, "secret")
        XCTAssertEqual(try AdapterURL("failover()").parts.count, 0)
    }

    func testEveryProblemSaysWhereItIsAndAllAreSaidAtOnce() {
        XCTAssertEqual(
            refusal("failover(prob:x,throttled(probe:y)?rat=5/s&burst=0,pair(probe:a),probe://bad)"),
            """
            transport, part 1 of failover: there is no scheme "prob:" for it; known are probe:, pair(), failover(), \
            roundrobin(), throttled(), breaker(); did you mean probe?
            throttled URL, part 2 of failover: there is no option "rat": it has rate, burst, count, patience; \
            did you mean rate?
            pair URL, part 3 of failover: it takes 2 parts, not 1; write a comma that separates nothing as %2C
            probe URL, part 4 of failover: probe://bad is bad
            """)
        XCTAssertEqual(
            refusal("failover(probe:a,pair(probe:b,%zz))"),
            "URL, part 2 of pair, part 2 of failover: it has no scheme: write it as scheme:path, scheme://host:port or "
                + "scheme(part,part)")
    }

    func testWhatIsWrongWithParenthesesAndOptionsIsSaid() {
        let cases = [
            ("failover(probe:a", "not closed"), ("failover((probe:a)", "not closed"),
            ("failover(probe:a))", "closed that was not opened"),
            ("failover(probe:a)x", "only ?option=value may follow"),
            ("failover(probe:a,)", "part 2 of failover: it is empty"), ("failover()", "takes at least 1 part, not 0"),
            ("failover:probe", "write failover(…)"), ("probe(probe:a)", "it has no parts in parentheses"),
            ("throttled(probe:a,probe:b)?rate=1/s", "takes 1 part, not 2"), ("throttled(probe:a)", "needs a rate"),
            ("throttled(probe:a)?rate=1/s&rate=2/s", "the option rate is given more than once"),
            ("probe:a?name=1&name=1", "the option name is given more than once"),
            ("throttled(probe:a)?rate=10", "rate is a number and a time"),
            ("throttled(probe:a)?rate=0/s", "rate is"), ("throttled(probe:a)?rate=1/0s", "rate is"),
            ("throttled(probe:a)?rate=1/x", "rate is"), ("throttled(probe:a)?rate=+1/s", "rate is"),
            ("throttled(probe:a)?rate=99999999999999999999/s", "rate is"),
            ("throttled(probe:a)?rate=1/s&burst=-1", "burst is a whole number"),
            ("throttled(probe:a)?rate=1/s&count=all", "count is mails or recipients"),
            ("throttled(probe:a)?rate=1/s&patience=5", "patience is a time"),
            ("breaker(probe:a)?cooldown=soon", "cooldown is a time"),
            ("breaker(probe:a)?aftr=5", "did you mean after?"),
            (String(repeating: "failover(", count: 100) + String(repeating: ")", count: 100), "deeper than 16"),
        ]
        for (text, words) in cases {
            let refusal = refusal(text)
            XCTAssertTrue(refusal?.contains(words) == true, "\(text): \(refusal ?? "accepted")")
        }
        for text in [
            "throttled(probe:a)?rate=500/15m&burst=20&count=recipients&patience=0s", "breaker(probe:a)?cooldown=1h",
            "throttled(probe:a)?rate=1/500ms", "breaker(probe:a)?after=1&cooldown=1s&longest=1d",
        ] { XCTAssertNil(refusal(text), text) }
    }

    func testAnOwnSchemeTakesTheNamesPlace() throws {
        let own = TransportScheme("failover") { _ throws(ConfigurationError) in Known("own") }
        XCTAssertTrue(try AdapterSchemes(transports: [own]).transport("failover:x") is Known)
    }

    func testBrokersTakePartsTooAndAreAsDurableAsTheirParts() throws {
        let (kept, lost) = (
            BrokerScheme("kept") { _ throws(ConfigurationError) in UnsettlingBroker(time: ManualClock()) },
            BrokerScheme("lost", isDurable: false) { _ throws(ConfigurationError) in
                UnsettlingBroker(time: ManualClock())
            }
        )
        let mirror = BrokerScheme("mirror", parts: 1...2) { _, parts throws(ConfigurationError) in parts[0] }
        let schemes = AdapterSchemes(brokers: [kept, lost, mirror])
        XCTAssertTrue(try schemes.broker("mirror(kept:a,kept:b)").isDurable)
        XCTAssertFalse(try schemes.broker("mirror(kept:a,lost:b)").isDurable)
    }

    func testRandomTextNeverEchoesAPassword() {
        let random = SeededRandom(seed: 11)
        func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
        let pieces = [
            "probe", "failover", "pair", "throttled", "(", ")", ",", "?", "&", "=", ":", "/", "//", "@", "%", "%2",
            "%C3",
            "[", "]", "::1", "rate=1/s", "name", "25", " ", "é", "\u{301}", "\r\n", "\0", "probe:x", "failover(",
            "probe",
            "(((((((((((((((((",
        ]
        let separators = [",", "(", ")", "?", "&", "=", "/", ":", "@", "%", " ", "(,", ":?", "\u{301}", ""]
        var accepted = 0
        for _ in 0..<20_000 {
            var text = below(2) == 0 ? "failover(" : ""
            for _ in 0..<below(4) { text += pieces[below(pieces.count)] }
            var password = "Zq0"
            for index in 1...(1 + below(3)) { password += separators[below(separators.count)] + "Zq\(index)" }
            text += "probe://user:\(password)@host"
            for _ in 0..<below(5) { text += pieces[below(pieces.count)] }
            if below(2) == 0 { text += ")" }
            do {
                let url = try AdapterURL(text)
                XCTAssertFalse(url.description.lowercased().contains("zq"), "\(text): \(url)")
                _ = try schemes.transport(text)
                accepted += 1
            } catch {
                XCTAssertFalse("\(error)".lowercased().contains("zq"), "\(text): \(error)")
            }
        }
        XCTAssertGreaterThan(accepted, 100)
    }

    private func refusal(_ text: String) -> String? {
        do throws(ConfigurationError) {
            _ = try schemes.transport(text)
            return nil
        } catch {
            return error.description
        }
    }
}
