import Foundation
import Mailroom
import MailroomLibraries
import MailroomMIME
import XCTest

@testable import MailroomDKIM

final class DKIMSignatureTests: XCTestCase {
    private func sign(
        _ message: String, _ change: (inout DKIMSigner) -> Void = { _ in }, date: Int64 = 1_763_714_096
    ) throws -> [UInt8] {
        var signer = DKIMSigner(domain: "example.org", selector: "s1", key: .pem(try SigningSamples.ed25519Key()))
        change(&signer)
        XCTAssertEqual(signer.problems(), [])
        return try SigningSamples.signed(Array(message.utf8), by: [signer], date: date)
    }

    private let plain = "From: a@example.org\r\nTo: b@example.org\r\nSubject: S\r\n\r\nbody\r\n"

    func testGivesTheSignatureOfRFC8463() throws {
        let key = try RFC8463.key().source.read()
        XCTAssertEqual(Base64.text(key.publicKey), RFC8463.publicKey)
        let message = Array(RFC8463.message.utf8)
        var signer = DKIMSigner(domain: "football.example.com", selector: "brisbane", key: try RFC8463.key())
        let ours = try SigningSamples.signed(message, by: [signer], date: 1_528_637_909)
        XCTAssertEqual(SigningSamples.tag("bh", of: ours), RFC8463.bodyDigest)

        // The example's own words of the field, with our choice of fields, canonical form, digest and signature.
        signer.signedFields = ["From", "To", "Subject", "Date", "Message-ID"]
        signer.oversignedFields = []
        let section = message.withUnsafeBytes { HeaderSection($0) }
        let selection = FieldSelection(section.fields, signer)
        var signed: [UInt8] = []
        for range in selection.ranges { signer.canonicalization.header.append(field: message[range], to: &signed) }
        signer.canonicalization.header.append(field: Array(RFC8463.field.utf8), to: &signed)
        signed.removeLast(2)
        var digest = try SHA256Stream()
        signed.withUnsafeBytes { digest.update($0) }
        let signature = try key.signature(of: try digest.finish())
        XCTAssertEqual(Base64.text(signature), RFC8463.signature)
    }

    func testWritesTheTagsAtTheirPlaces() throws {
        let key = try RFC8463.key()
        let signer = DKIMSigner(domain: "football.example.com", selector: "brisbane", key: key)
        let signed = try SigningSamples.signed(Array(RFC8463.message.utf8), by: [signer], date: 1_528_637_909)
        XCTAssertEqual(
            String(decoding: signed.prefix(signed.count - RFC8463.message.utf8.count), as: UTF8.self),
            """
            DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r
             d=football.example.com; s=brisbane; t=1528637909; h=From:From:Reply-To:To:To:\r
             Cc:Subject:Subject:Date:Date:Message-ID:Message-ID:MIME-Version:Content-Type:\r
             Content-Transfer-Encoding; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
             b=6KDaOhjmtItb0hfc2ErpVzC6+zzbvty59lGhIqWe9vbD+K/KrY69Ns7aVAo/H3mZ+YGJRZA+44t\r
             EqNpc6hKyDw==\r\n
            """)
    }

    func testFoldsEveryLineAt78Columns() throws {
        let fields = (0..<60).map { "X-Field-Number-\($0): \($0)\r\n" }.joined()
        let signed = try sign(fields + plain) {
            $0.signedFields += (0..<60).map { "X-Field-Number-\($0)" }
            $0.identity = "@a.very.long.name.of.a.sub.domain.example.org"
            $0.key = .pem((try? SigningSamples.rsaKey()) ?? "")
        }
        let header = String(decoding: signed, as: UTF8.self).components(separatedBy: "\r\nX-Field")[0]
        for line in header.components(separatedBy: "\r\n") {
            XCTAssertTrue(1...78 ~= line.utf8.count, line)
            XCTAssertFalse(line.allSatisfy(\.isWhitespace))
        }
    }

    func testListsARepeatedFieldAsOftenAsItIsThere() throws {
        let message = "X-A: top\r\nX-A: bottom\r\n" + plain
        let signed = try sign(message) {
            $0.signedFields = ["x-a", "Subject", "X-None", "SUBJECT"]
            $0.oversignedFields = ["Reply-To", "x-a"]
        }
        XCTAssertEqual(SigningSamples.tag("h", of: signed), "From:x-a:x-a:x-a:Subject:Reply-To")
        let bytes = Array(message.utf8)
        let section = bytes.withUnsafeBytes { HeaderSection($0) }
        var signer = DKIMSigner(domain: "example.org", selector: "s", key: .pem(""))
        signer.signedFields = ["X-A"]
        signer.oversignedFields = []
        let ranges = FieldSelection(section.fields, signer).ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
        XCTAssertEqual(ranges, ["From: a@example.org\r\n", "X-A: bottom\r\n", "X-A: top\r\n"])
    }

    func testSignsTheAuthorWhateverIsConfigured() throws {
        let signed = try sign(plain) {
            $0.signedFields = []
            $0.oversignedFields = []
        }
        XCTAssertEqual(SigningSamples.tag("h", of: signed), "From")
    }

    func testIsDatedWithTheSubmission() throws {
        XCTAssertEqual(SigningSamples.tag("t", of: try sign(plain)), "1763714096")
        XCTAssertNil(SigningSamples.tag("x", of: try sign(plain)))
        let expiring = try sign(plain) { $0.lifetime = .seconds(864_000) }
        XCTAssertEqual(SigningSamples.tag("x", of: expiring), "1764578096")
        XCTAssertNil(SigningSamples.tag("t", of: try sign(plain, { $0.lifetime = .seconds(9) }, date: -1)))
        XCTAssertNil(SigningSamples.tag("t", of: try sign(plain, { $0.lifetime = .seconds(9) }, date: .max)))
        let late = try sign(plain, { $0.lifetime = .seconds(Int64.max) })
        XCTAssertNotNil(SigningSamples.tag("t", of: late))
        XCTAssertNil(SigningSamples.tag("x", of: late), "what is beyond twelve digits is for ever")
        XCTAssertNil(SigningSamples.tag("l", of: expiring))
    }

    func testWritesDomainAndIdentityInASCII() throws {
        let signed = try sign(plain) {
            $0.domain = "Bücher.Example"
            $0.identity = "\"a;b=c é\"@post.bücher.example"
        }
        XCTAssertEqual(SigningSamples.tag("d", of: signed), "xn--bcher-kva.example")
        XCTAssertEqual(
            SigningSamples.tag("i", of: signed), "\"a=3Bb=3Dc=20=C3=A9\"@post.xn--bcher-kva.example")
    }

    func testGivesTheSameBytesEveryTime() throws {
        let signers = try SigningSamples.signers()
        let bytes = try SigningSamples.message().encoded()
        let first = try SigningSamples.signed(bytes, by: signers)
        for _ in 0..<5 { XCTAssertEqual(try SigningSamples.signed(bytes, by: signers), first) }
        XCTAssertEqual(try SigningSamples.signed(bytes, by: try SigningSamples.signers()), first)
    }

    func testFindsWhatIsWrongWithASigner() throws {
        func reasons(_ change: (inout DKIMSigner) -> Void) throws -> String {
            var signer = DKIMSigner(domain: "example.org", selector: "s", key: .pem(try SigningSamples.ed25519Key()))
            change(&signer)
            return signer.problems().map(\.description).joined(separator: "\n")
        }
        XCTAssertEqual(try reasons { $0.selector = "2026.a-b" }, "")
        XCTAssertEqual(try reasons { $0.identity = "@example.org" }, "")
        for domain in ["", "org", "exa mple.org", "example.org.", ".example.org", "[192.0.2.1]", "a@b.org", "x;y.org"] {
            XCTAssertTrue(try reasons { $0.domain = domain }.contains("is no domain"), domain)
        }
        for selector in ["", "a_b", ".a", "a..b", "-a", "a-", "é", "a;b", "a b", String(repeating: "a", count: 64)] {
            XCTAssertTrue(try reasons { $0.selector = selector }.contains("is no selector"), selector)
        }
        let long = Array(repeating: String(repeating: "a", count: 60), count: 4).joined(separator: ".")
        XCTAssertTrue(try reasons { $0.selector = long }.contains("too long"))
        for identity in ["", "a", "@", "a@example.com", "a@notexample.org", "@org"] {
            XCTAssertTrue(try reasons { $0.identity = identity }.contains("is not name@"), identity)
        }
        for field in ["", "a b", "a:b", "a;b", "é"] {
            XCTAssertTrue(try reasons { $0.signedFields = [field] }.contains("no name of a field"), field)
        }
        for field in ["Received", "return-path", "BCC", "DKIM-Signature"] {
            XCTAssertTrue(try reasons { $0.oversignedFields = [field] }.contains("changes on the way"), field)
        }
        XCTAssertTrue(try reasons { $0.lifetime = .milliseconds(999) }.contains("less than a second"))
        XCTAssertTrue(try reasons { $0.key = .pem("nonsense") }.contains("no PEM"))
        XCTAssertEqual(try reasons { $0.key = .file("/nowhere/at/all") }, "")
    }
}
