import Foundation
import Mailroom
import MailroomCommands
import MailroomDKIM
import MailroomMemoryBroker
import MailroomSMTP
import MailroomSpool
import XCTest

@testable import MailroomTool

/// Where an app keeps its access tokens.
private struct TokenStore {
    func current() async throws -> String { "token" }
}

/// The compositions of the article on transports; nothing is opened.
final class DocumentationTransports: XCTestCase {
    func testTransportsAreComposed() throws {
        let (password, tokens) = ("p@ss", TokenStore())
        // snippet: Transports
        let submission = SMTPTransport.smtp("mail.example.org", port: 587, security: .required) {
            $0.credentials = .password(password, of: "club@example.org")
        }
        // end of snippet
        // snippet: Transports
        let office = SMTPTransport.smtp("smtp.example.com", port: 587, security: .required) {
            $0.credentials = .token(of: "club@example.org") { try await tokens.current() }
        }
        // end of snippet
        // snippet: Transports
        let signed = submission.signed(
            by: DKIMSigner(domain: "example.org", selector: "2026a", key: .file("/etc/club/dkim.pem")))
        // end of snippet
        let (primary, secondary) = (signed, office)
        // snippet: Transports
        let transport = TransportGroup.failover(
            primary.throttled(to: 500, per: .seconds(60)).circuitBreaker(after: 5),
            secondary,
            SpoolTransport(folder: "/var/spool/club"))
        // end of snippet
        XCTAssertNoThrow(try PipelineBuilder().broker(.memory()).transport(transport).build())
    }

    func testTheURLsOfTheArticleAreUnderstood() throws {
        let schemes = try Tool.commands().schemes
        let lines = try article("Transports").text.split(separator: "\n")
        let urls = lines.filter { $0.hasPrefix("    ") }.map { $0.drop { $0 == " " } }.filter {
            $0.contains(":") && !$0.contains(" ")
        }
        XCTAssertGreaterThan(urls.count, 4)
        for url in urls { XCTAssertNoThrow(try schemes.transport(String(url)), String(url)) }
    }
}
