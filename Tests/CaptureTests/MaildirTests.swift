import MailroomFiles
import TestSupport
import XCTest

@testable import MailroomCapture

/// Mails kept as files that other programs read as well.
final class MaildirTests: XCTestCase {
    private func server(_ folder: TestFolder, _ change: (inout CaptureServer.Configuration) -> Void = { _ in }) throws
        -> TestServer
    {
        try TestServer {
            $0.maildir = folder.path + "/mail"
            change(&$0)
        }
    }

    func testMailsOutliveTheServerWithTheirEnvelopes() throws {
        let folder = TestFolder()
        let before: [CapturedMessage]
        do {
            let server = try server(folder)
            try server.send(
                ["Subject: one\r\n\r\nDelivered-To: body", ".", ""], from: "", to: ["b@y.example", "c@y.example"])
            before = server.server.messages
            XCTAssertEqual(folder.names("mail/new").count, 3)
            XCTAssertEqual(folder.names("mail/tmp"), [])
        }
        let after = try server(folder).server.messages
        XCTAssertEqual(after.map(\.id), before.map(\.id))
        XCTAssertEqual(after.map(\.receivedAt), before.map(\.receivedAt))
        XCTAssertEqual(after.map(\.envelope), before.map(\.envelope))
        XCTAssertEqual(after.map(\.bytes), before.map(\.bytes))
        XCTAssertEqual(after.first?.text, "Subject: one\r\n\r\nDelivered-To: body\r\n")
    }

    func testEverythingThatIsKnownOfAnEnvelopeIsThereAgain() throws {
        let folder = TestFolder()
        var envelope = CapturedMessage.Envelope(
            helo: "[IPv6:::1]", remoteAddress: "[::1]:25", reversePath: "\"a; b\"@x.example",
            recipients: ["ö@y.example", "c@y.example"])
        envelope.senderParameters = ["SIZE=10", "ENVID=a+2Bb;c"]
        envelope.recipientParameters = [["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;c@y"], []]
        envelope.userName = "user; name=%41\r\nX: y"
        envelope.isEncrypted = true
        let maildir = try Maildir(path: folder.path, hostname: "a/b c")
        let message = CapturedMessage(
            id: "id", receivedAt: .seconds(1_800_000_000) + .nanoseconds(5), envelope: envelope,
            content: MailContent(Array("Delivered-To: x\r\n\r\n".utf8)))
        _ = try maildir.keep(message)
        let found = try XCTUnwrap(try maildir.load().first).message
        XCTAssertEqual(found.envelope, envelope)
        XCTAssertEqual(found.receivedAt, message.receivedAt)
        XCTAssertEqual(found.bytes, message.bytes)
    }

    func testPythonReadsItAndWhatPythonAddsIsShown() throws {
        let folder = TestFolder()
        let first = try server(folder)
        try first.send([try Samples.letter()])
        let script = """
            import mailbox
            box = mailbox.Maildir("\(folder.path)/mail", create=False)
            (key, mail), = box.items()
            assert mail["Delivered-To"] == "b@y.example", mail.items()
            assert mail["Return-Path"] == "<a@x.example>"
            assert "Volunteers" in str(mail["Subject"]) or "=?" in str(mail["Subject"])
            added = mailbox.MaildirMessage(b"Subject: added\\r\\nTo: d@y.example\\r\\n\\r\\nby Python\\r\\n")
            added.set_subdir("cur"); added.add_flag("S")
            box.add(added)
            """
        let outcome = try Programs.run("python3", ["-c", script])
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        let second = try server(folder)
        XCTAssertEqual(second.server.messages.count, 2)
        let added = try XCTUnwrap(second.server.messages(matching: "subject:added is:read").first)
        XCTAssertTrue(added.text.contains("by Python"))
        XCTAssertEqual(added.recipients, [])
    }

    func testReadingMovesAMailToCurAndDeletingTakesItsFile() throws {
        let folder = TestFolder()
        let server = try server(folder)
        try server.send(["Subject: one\r\n\r\n1", "Subject: two\r\n\r\n2"])
        let id = try XCTUnwrap(server.server.messages.first?.id)
        XCTAssertEqual(try server.ask("GET", "/mail/\(Samples.encoded(id))").status, 200)
        XCTAssertEqual(folder.names("mail/new").count, 1)
        XCTAssertTrue(folder.names("mail/cur").first?.hasSuffix(":2,S") == true)
        XCTAssertTrue(try server.ask("GET", "/mail/\(Samples.encoded(id))/source").text.contains("Subject: one"))
        XCTAssertEqual(
            try self.server(folder).server.messages(matching: "is:unread").map(\.text), ["Subject: two\r\n\r\n2\r\n"])
        XCTAssertEqual(try server.ask("DELETE", "/api/v1/messages/\(Samples.encoded(id))").status, 200)
        XCTAssertEqual(folder.names("mail/cur"), [])
        XCTAssertEqual(try server.ask("DELETE", "/api/v1/messages").status, 200)
        XCTAssertEqual(folder.names("mail/new"), [])
    }

    func testAFileThatAnotherProgramTookAwayHarmsNothing() throws {
        let folder = TestFolder()
        let server = try server(folder)
        try server.send(["Subject: one\r\n\r\n1"])
        let id = Samples.encoded(try XCTUnwrap(server.server.messages.first?.id))
        for name in folder.names("mail/new") {
            try FileManager.default.removeItem(atPath: "\(folder.path)/mail/new/\(name)")
        }
        XCTAssertEqual(server.server.messages.map(\.bytes), [[]])
        XCTAssertEqual(try server.ask("GET", "/mail/\(id)").status, 200)
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages/\(id)").status, 200)
        XCTAssertEqual(try server.ask("DELETE", "/api/v1/messages/\(id)").status, 200)
    }

    func testRoomIsMadeOfMailroomsOwnFilesOnly() throws {
        let folder = TestFolder()
        let foreign = "\(folder.path)/mail/new"
        try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: true)
        try Data("Subject: theirs\r\n\r\nx\r\n".utf8).write(to: URL(filePath: "\(foreign)/1.theirs"))
        let server = try server(folder) { $0.maximumCount = 2 }
        try server.send((1...4).map { "Subject: \($0)\r\n\r\nx" })
        XCTAssertEqual(server.server.messages.count, 2)
        XCTAssertEqual(folder.names("mail/new").count, 3)
        XCTAssertTrue(folder.names("mail/new").contains("1.theirs"))
    }

    func testAFolderThatCannotBeUsedIsSaidSoAndNothingListens() throws {
        let folder = TestFolder()
        try Data().write(to: URL(filePath: folder.path + "/mail"))
        XCTAssertThrowsError(try server(folder)) { error in
            XCTAssertEqual((error as? CaptureError)?.code, .cannotStore)
            XCTAssertTrue("\(error)".contains("\(folder.path)/mail"), "\(error)")
        }
    }

    /// Whatever call fails: the mail is whole or refused, and never half in a folder that others read.
    func testAFailingDiskKeepsAMailWhollyOrNotAtAll() async throws {
        let bytes = Array("Subject: x\r\n\r\nbody\r\n".utf8)
        for fault in [Fault.fail(ENOSPC), .fail(EIO), .fail(EINTR), .short, .kill(.during)] {
            await sweep(fault) { disk in
                let process = Disk(disk.process())
                var isKept = false
                do {
                    let maildir = try Maildir(path: "/mail", hostname: "h.example", disk: process)
                    let kept = try maildir.keep(Samples.captured(MailContent(bytes)))
                    isKept = (try? kept.content.read()) == bytes
                } catch is FileError {}
                disk.mend()
                let after = Disk(disk.process())
                guard let again = try? Maildir(path: "/mail", hostname: "h.example", disk: after) else { return }
                let found = try again.load()
                XCTAssertTrue(found.allSatisfy { (try? $0.message.content.read()) == bytes })
                if isKept { XCTAssertEqual(found.count, 1) }
                XCTAssertLessThanOrEqual(found.count, 1)
            }
        }
    }
}
