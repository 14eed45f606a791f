import Mailroom
import MailroomDKIM
import MailroomFileBroker
import MailroomMemoryBroker
import MailroomSMTP
import MailroomSendmail
import MailroomSpool
import MailroomTesting
import XCTest

/// Passwords that somebody forgot to percent-encode, in the URLs of our own adapters.
final class AdapterURLSecretTests: XCTestCase {
    private let schemes = AdapterSchemes(
        transports: [.smtp, .smtps, .sendmail, .spool, .dkim], brokers: [.file, .memory])
    private let context = PipelineContext(limits: PipelineLimits())

    func testNoErrorOfOurAdaptersRepeatsAPassword() {
        let random = SeededRandom(seed: 23)
        func one<Element>(of elements: [Element]) -> Element { elements[Int(random.next() % UInt64(elements.count))] }
        let separators = [",", "(", ")", "?", "&", "=", "/", ":", "//", "%", " ", "#", "&tls=", "?key=", "\u{301}", ""]
        let ends = ["", "?tls=of", "?domain=example&selector=-&key=k", "?format=xml", "/path", ":x", "?timeout=5", ")"]
        var refused = 0
        for _ in 0..<10_000 {
            var password = "Zq0"
            for index in 1...3 { password += one(of: separators) + "Zq\(index)" }
            let scheme = one(of: ["smtp", "smtps", "sendmail", "spool", "file", "memory", "smtq"])
            let wrapping = one(of: [("", ""), ("", ""), ("dkim(", ")?domain=example.org"), ("failover(spool:x,", ")")])
            let text = wrapping.0 + "\(scheme)://user:\(password)@host" + one(of: ends) + wrapping.1
            do {
                let transport = try schemes.transport(text)
                for problem in transport.configurationProblems(in: context) {
                    XCTAssertFalse("\(problem)".contains("Zq"), "\(text): \(problem)")
                }
            } catch {
                refused += 1
                XCTAssertFalse("\(error)".contains("Zq"), "\(text): \(error)")
            }
            do {
                _ = try schemes.broker(text)
            } catch {
                XCTAssertFalse("\(error)".contains("Zq"), "\(text): \(error)")
            }
        }
        XCTAssertGreaterThan(refused, 1000)
        XCTAssertLessThan(refused, 10_000)
    }
}
