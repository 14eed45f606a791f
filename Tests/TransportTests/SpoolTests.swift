import Foundation
import Mailroom
import MailroomFiles
import MailroomMIME
import TestSupport
import XCTest

@testable import MailroomSpool

final class SpoolTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    private func spool(_ format: SpoolFormat = .eml) -> SpoolTransport {
        .spool(folder.path + "/spool", format: format)
    }

    func testAnEmlFileIsTheEnvelopeAndTheBytesOfTheWire() async throws {
        let mail = try outletMail(to: ["b@example.org", "hidden@example.org"])
        let report = try await spool().deliver(mail)
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted, .accepted])
        XCTAssertEqual(report.outcomes.map(\.route), Array(repeating: "spool:\(folder.path)/spool", count: 2))
        let name = try XCTUnwrap(report.outcomes[0].remoteID)
        XCTAssertEqual(folder.names("spool"), [name, "tmp"])
        XCTAssertEqual(
            folder.text("spool/\(name)"),
            "Return-Path: <a@example.org>\r\nEnvelope-To: b@example.org\r\nEnvelope-To: hidden@example.org\r\n"
                + String(decoding: mail.bytes, as: UTF8.self))
        XCTAssertEqual(folder.names("spool/tmp"), [])
    }

    func testANameTellsTheTimeTheJobAndTheContent() async throws {
        let id = JobID(at: Date(timeIntervalSince1970: 1_700_000_000.123), random: SystemRandomSource())
        let report = try await spool().deliver(try outletMail(id: id))
        let name = try XCTUnwrap(report.outcomes[0].remoteID)
        XCTAssertNotNil(name.wholeMatch(of: /20231114T221320Z-([0-9a-z]{26})-[0-9a-f]{16}\.eml/), name)
        XCTAssertTrue(name.contains(id.description))
        let maildir = SpoolName(id, Fingerprint(rawValue: 0xAB), .maildir, host: "a/b:c").name
        XCTAssertEqual(maildir, "1700000000.M123000J\(id)D00000000000000ab.a\\057b\\072c")
        XCTAssertEqual(SpoolName(id, Fingerprint(rawValue: 0xAB), .maildir, host: "").name.suffix(10), ".localhost")
    }

    func testTheNullReversePathIsWrittenAsSuch() async throws {
        let report = try await spool().deliver(try outletMail(from: nil))
        let text = try XCTUnwrap(folder.text("spool/\(try XCTUnwrap(report.outcomes[0].remoteID))"))
        XCTAssertTrue(text.hasPrefix("Return-Path: <>\r\n"))
    }

    func testInternationalDomainsOfTheEnvelopeAreWrittenInASCII() async throws {
        let mail = try outletMail(to: ["b@bücher.example", "jürgen@bücher.example"], from: "a@bücher.example")
        let report = try await spool().deliver(mail)
        let text = try XCTUnwrap(folder.text("spool/\(try XCTUnwrap(report.outcomes[0].remoteID))"))
        let ascii = "xn--bcher-kva.example"
        XCTAssertTrue(
            text.hasPrefix(
                "Return-Path: <a@\(ascii)>\r\nEnvelope-To: b@\(ascii)\r\nEnvelope-To: jürgen@\(ascii)\r\n"), text)
    }

    func testFoldersAndFilesAreTheirOwnersAlone() async throws {
        for format in SpoolFormat.allCases {
            let path = "\(folder.path)/deep/\(format.rawValue)"
            let report = try await SpoolTransport.spool(path, format: format).deliver(try outletMail())
            let name = try XCTUnwrap(report.outcomes[0].remoteID)
            let place = format == .maildir ? path + "/new" : path
            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            XCTAssertEqual(try mode("\(place)/\(name)"), 0o600)
            for path in [folder.path + "/deep", path, path + "/tmp", place] { XCTAssertEqual(try mode(path), 0o700) }
        }
    }

    func testADeliveryMadeAgainFindsItsFile() async throws {
        for format in SpoolFormat.allCases {
            let path = "\(folder.path)/\(format.rawValue)"
            let mail = try outletMail()
            let first = try await SpoolTransport.spool(path, format: format).deliver(mail)
            let again = try outletMail(id: mail.id, attempt: 2)
            let second = try await SpoolTransport.spool(path, format: format).deliver(again)
            XCTAssertEqual(first, second)
            let place = format == .maildir ? "\(format.rawValue)/new" : format.rawValue
            XCTAssertEqual(folder.names(place).filter { $0 != "tmp" }.count, 1)
            XCTAssertEqual(folder.names("\(format.rawValue)/tmp"), [])
        }
    }

    func testADeliveryMadeAgainFindsAFileThatAReaderHasMoved() async throws {
        let mail = try outletMail()
        let first = try await spool(.maildir).deliver(mail)
        let name = try XCTUnwrap(first.outcomes[0].remoteID)
        let base = folder.path + "/spool"
        try FileManager.default.moveItem(atPath: "\(base)/new/\(name)", toPath: "\(base)/cur/\(name):2,S")
        let second = try await spool(.maildir).deliver(try outletMail(id: mail.id, attempt: 2))
        XCTAssertEqual(second.outcomes[0].remoteID, name + ":2,S")
        XCTAssertEqual(folder.names("spool/new"), [])
    }

    func testAnotherContentOrEnvelopeOfTheSameJobIsAnotherFile() async throws {
        let mail = try outletMail(to: ["b@example.org", "c@example.org"])
        let transport = spool()
        _ = try await transport.deliver(mail)
        _ = try await transport.deliver(mail.restricted(to: [.to("c@example.org")]))
        _ = try await transport.deliver(
            try outletMail(to: ["b@example.org", "c@example.org"], text: "Other.", id: mail.id))
        XCTAssertEqual(folder.names("spool").filter { $0.hasSuffix(".eml") }.count, 3)
    }

    func testAnAddressThatCannotStandInAFieldIsRefusedAlone() async throws {
        let report = try await spool().deliver(try outletMail(to: ["b@example.org", "x\r\nBcc: y@example.org", ""]))
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted, .refused, .refused])
        let text = try XCTUnwrap(folder.text("spool/\(try XCTUnwrap(report.outcomes[0].remoteID))"))
        XCTAssertFalse(text.contains("y@example.org"))
        let nobody = try await spool().deliver(try outletMail(to: [""]))
        XCTAssertEqual(nobody.outcomes.map(\.status), [.refused])
        XCTAssertEqual(folder.names("spool").count, 2)
    }

    func testAHundredDeliveriesAtOnceAreAHundredWholeFiles() async throws {
        for format in SpoolFormat.allCases {
            let transport: SpoolTransport = .spool("\(folder.path)/\(format.rawValue)", format: format)
            let mails = try (0..<100).map { try outletMail(attachment: 10_000 + $0) }
            let names = try await withThrowingTaskGroup(of: (Mail, String).self) { group in
                for mail in mails {
                    group.addTask { (mail, try await transport.deliver(mail).outcomes[0].remoteID ?? "") }
                }
                return try await group.reduce(into: [(Mail, String)]()) { $0.append($1) }
            }
            XCTAssertEqual(Set(names.map(\.1)).count, 100)
            let place = format == .maildir ? "maildir/new" : "eml"
            for (mail, name) in names {
                let text = try XCTUnwrap(folder.text("\(place)/\(name)"))
                let wire = String(decoding: mail.bytes, as: UTF8.self)
                XCTAssertTrue(text.hasSuffix(format == .maildir ? wire.replacing("\r\n", with: "\n") : wire))
            }
            XCTAssertEqual(folder.names("\(format.rawValue)/tmp"), [])
        }
    }

    func testPythonReadsTheMaildir() async throws {
        let python = try Programs.python(with: "mailbox")
        let transport = spool(.maildir)
        for index in 0..<3 {
            _ = try await transport.deliver(try outletMail(to: ["b\(index)@example.org", "c@example.org"]))
        }
        let script = """
            import mailbox, sys
            box = mailbox.Maildir(sys.argv[1], create=False)
            for key in box.keys():
                m = box[key]
                assert m.get_subdir() == 'new' and not m.defects, m.defects
                print(m['Return-Path'], m.get_all('Envelope-To'), m['Subject'], repr(m.get_payload(decode=True)))
                assert b'\\r' not in box.get_bytes(key)
            """
        let outcome = try Programs.run(python, ["-c", script, folder.path + "/spool"])
        XCTAssertEqual(outcome.errors, "")
        XCTAssertEqual(
            outcome.output.split(separator: "\n").sorted().map(String.init),
            (0..<3).map {
                "<a@example.org> ['b\($0)@example.org', 'c@example.org'] Hello "
                    + #"b'A text.\n.\n.A line that starts with a dot.\n'"#
            })
    }

    func testACarriageReturnWithoutALineFeedIsKept() throws {
        let path = folder.path + "/file"
        let text = "a\r\nb\rc\n\r\r\n" + String(repeating: "x", count: 65_535) + "\r\nend\r"
        var file = SpoolFile(try Disk.real.open(path, O_WRONLY | O_CREAT), convertsLines: true)
        try file.append(Array(text.utf8))
        try file.finish()
        XCTAssertEqual(folder.text("file"), text.replacing("\r\n", with: "\n"))
    }

    func testAURLNamesTheFolderAndTheFormat() throws {
        let schemes = AdapterSchemes(transports: [.spool])
        let maildir = try XCTUnwrap(schemes.transport("spool:///var/spool/app?format=maildir") as? SpoolTransport)
        XCTAssertEqual(maildir.folder, "/var/spool/app")
        XCTAssertEqual(maildir.format, .maildir)
        let eml = try XCTUnwrap(schemes.transport("spool:./outbox") as? SpoolTransport)
        XCTAssertEqual(eml.route, "spool:./outbox")
        XCTAssertEqual(eml.format, .eml)
        for url in ["spool:", "spool://host/folder", "spool:a?format=mbox", "spool:a?sync=no"] {
            XCTAssertThrowsError(try schemes.transport(url), url)
        }
    }

    func testTheCheckMakesNothing() async throws {
        let good = await spool(.maildir).checkConnection(until: .now + .seconds(10))
        XCTAssertNil(good[0].problem)
        XCTAssertEqual(folder.names(), [])
        XCTAssertTrue(FileManager.default.createFile(atPath: folder.path + "/spool", contents: nil))
        let bad = await spool().checkConnection(until: .now + .seconds(10))
        XCTAssertTrue(bad[0].problem?.contains("Name a folder") == true)
    }
}
