import Dispatch
import MailroomFiles
import TestSupport
import XCTest

@testable import MailroomCapture

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A Maildir that others use as well, and the store over it.
final class StoreMaildirTests: XCTestCase {
    private func maildir(_ folder: TestFolder, now: Duration = WallClock.now) throws -> Maildir {
        try Maildir(path: folder.path, hostname: "h.example", now: now)
    }

    private func store(
        _ folder: TestFolder, _ change: (inout MessageStore.Limits) -> Void = { _ in }
    ) throws -> MessageStore {
        var limits = MessageStore.Limits()
        change(&limits)
        let store = MessageStore(limits: limits)
        try store.open(maildir(folder))
        return store
    }

    private func message(_ number: Int) -> CapturedMessage {
        CapturedMessage(
            id: "id\(number)", receivedAt: .seconds(1_800_000_000 + number),
            envelope: .init(helo: "c", remoteAddress: "r", reversePath: "a@x.example", recipients: ["b@y.example"]),
            content: MailContent(Array("Subject: \(number)\r\n\r\nbody \(number)\r\n".utf8)))
    }

    func testMailsThatAnotherReaderMovedAreReadMarkedAndDeleted() throws {
        let folder = TestFolder()
        let store = try store(folder)
        for number in 0..<5 { try store.add(message(number)) }
        let script = """
            import mailbox, os
            box = mailbox.Maildir("\(folder.path)", create=False)
            for key, mail in box.items():
                number = int(mail["Subject"])
                if number == 4: continue
                flags = {0: "", 1: "F", 2: "S", 3: "RT"}[number]
                os.rename("\(folder.path)/new/" + key, "\(folder.path)/cur/" + key + ":2," + flags)
            box = mailbox.Maildir("\(folder.path)", create=False)
            assert sorted(m.get_flags() for m in box) == ["", "", "F", "RT", "S"]
            """
        let outcome = try Programs.run("python3", ["-c", script])
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        XCTAssertEqual(folder.names("cur").count, 4)
        XCTAssertTrue(store.entries.allSatisfy { !$0.message.bytes.isEmpty })
        for entry in store.entries { store.markAsRead(entry) }
        XCTAssertEqual(
            folder.names("cur").map { $0.components(separatedBy: ":2,").last }, ["S", "FS", "S", "RST", "S"])
        XCTAssertEqual(folder.names("new"), [])
        let again = try self.store(folder)
        XCTAssertEqual(again.unreadCount, 0)
        XCTAssertEqual(again.entries.map(\.message.id), store.entries.map(\.message.id))
        // A mail that is moved back, under the nose of who knows where it was.
        let name = try XCTUnwrap(folder.names("cur").first)
        let stem = MaildirName(name).stem
        XCTAssertEqual(rename("\(folder.path)/cur/\(name)", "\(folder.path)/new/\(stem)"), 0)
        XCTAssertTrue(again.entries.first?.message.text.hasSuffix("body 0\r\n") == true)
        XCTAssertEqual(rename("\(folder.path)/new/\(stem)", "\(folder.path)/cur/\(stem):2,DF"), 0)
        XCTAssertTrue(again.remove("id0"))
        XCTAssertFalse(again.remove("id0"))
        XCTAssertTrue(store.removeAll())
        XCTAssertEqual(folder.names("cur"), [])
        XCTAssertEqual(try self.store(folder).count, 0)
    }

    func testALongEnvelopeIsThereAgain() throws {
        let folder = TestFolder()
        var envelope = CapturedMessage.Envelope(
            helo: "c", remoteAddress: "r", reversePath: nil,
            recipients: (0..<1000).map { "\($0)" + String(repeating: "r", count: 240) + "@y.example" })
        envelope.recipientParameters = envelope.recipients.map {
            ["NOTIFY=SUCCESS,FAILURE,DELAY", "ORCPT=rfc822;" + $0 + String(repeating: "+20", count: 80)]
        }
        let message = CapturedMessage(
            id: "id", receivedAt: .seconds(1_800_000_000), envelope: envelope,
            content: MailContent(Array("Subject: x\r\n\r\nDelivered-To: x\r\n".utf8)))
        _ = try maildir(folder).keep(message)
        let file = try XCTUnwrap(folder.names("new").first)
        XCTAssertGreaterThan(folder.bytes("new/\(file)").count, 800_000)
        let found = try XCTUnwrap(try maildir(folder).load().first).message
        XCTAssertEqual(found.envelope, envelope)
        XCTAssertEqual(found.bytes, message.bytes)
        XCTAssertEqual(found.id, "id")
    }

    func testAHeadThatIsNotWholeIsAMailOfSomebodyElse() throws {
        let folder = TestFolder()
        let maildir = try maildir(folder)
        _ = try maildir.keep(message(1))
        let bytes = folder.bytes("new/\(try XCTUnwrap(folder.names("new").first))")
        let length = try XCTUnwrap(MaildirHead.length(in: bytes))
        for cut in stride(from: 0, to: length, by: 7) {
            _ = try folder.file("new/cut", bytes[..<cut])
            let found = try maildir.load()
            XCTAssertEqual(found.count, 2)
            XCTAssertEqual(found.first { $0.message.id == "cut" }?.message.bytes, Array(bytes[..<cut]))
        }
    }

    func testWhatIsNoFileDoesNotStopTheStart() throws {
        let folder = TestFolder()
        _ = try maildir(folder).keep(message(1))
        let pipe = "\(folder.path)/new/1.pipe"
        XCTAssertEqual(mkfifo(pipe, 0o600), 0)
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/cur/1.folder", withIntermediateDirectories: true)
        symlink("/dev/zero", "\(folder.path)/cur/1.link")
        let maildir = try maildir(folder)
        let loaded = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            XCTAssertEqual(try? maildir.load().map(\.message.id), ["id1"])
            loaded.signal()
        }
        XCTAssertEqual(loaded.wait(timeout: .now() + 20), .success)
        // Who waits for a writer goes on.
        let writer = open(pipe, O_WRONLY | O_NONBLOCK)
        if writer >= 0 { close(writer) }
    }

    func testALargeMailIsCopiedInPieces() throws {
        let disk = SimulatedDisk()
        let process = Disk(disk.process())
        let bytes = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 4) }
        let writer = ContentWriter(spill: SpillFile(in: "/", disk: process), threshold: 64 << 10)
        bytes.withUnsafeBytes { writer.append($0) }
        let maildir = try Maildir(path: "/mail", hostname: "h", disk: process)
        let before = disk.calls.count
        let kept = try maildir.keep(Samples.captured(try writer.finish()))
        let largest = disk.calls[before...].map(\.count).max()
        XCTAssertLessThanOrEqual(largest ?? 0, 256 << 10)
        XCTAssertEqual(try kept.content.read(), bytes)
        XCTAssertEqual(try kept.content.read(300_000..<300_010), Array(bytes[300_000..<300_010]))
    }

    func testLoadedMailsAreIndexedTheNewestFirst() throws {
        let disk = SimulatedDisk()
        let maildir = try Maildir(path: "/mail", hostname: "h.example", disk: Disk(disk.process()))
        for number in 0..<10 { _ = try maildir.keep(message(number)) }
        let queue = DispatchQueue(label: "test")
        queue.suspend()
        let indexing = Indexing(queue: queue)
        let store = MessageStore(indexing: indexing)
        try store.open(maildir)
        let before = disk.calls.count
        queue.resume()
        indexing.finish()
        XCTAssertEqual(store.entries.count, 10)
        XCTAssertTrue(store.entries.allSatisfy(\.isIndexed))
        let opened = disk.calls[before...].filter { $0.kind == .open }.map(\.path)
        XCTAssertEqual(opened.count, 10)
        XCTAssertEqual(opened, opened.sorted(by: >))
    }

    func testDeletingAllTakesFilesThatWereTooManyToBeListed() throws {
        let folder = TestFolder()
        let maildir = try maildir(folder)
        for number in 0..<10 { _ = try maildir.keep(message(number)) }
        let theirs = try folder.file("new/1.theirs", "Subject: theirs\r\n\r\n")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: theirs)
        let store = try store(folder) { $0.count = 3 }
        XCTAssertEqual(store.entries.map(\.message.id), ["id7", "id8", "id9"])
        XCTAssertEqual(folder.names("new").count, 11)
        XCTAssertTrue(store.removeAll())
        XCTAssertEqual(folder.names("new"), ["1.theirs"])
    }

    func testAMailWhoseFileCannotBeRemovedStays() throws {
        let folder = TestFolder()
        let store = try store(folder) { $0.count = 2 }
        try store.add(message(1))
        let file = "\(folder.path)/new/\(try XCTUnwrap(folder.names("new").first))"
        try store.add(message(2))
        // No more can a folder be removed like a file than one in a folder without the right to.
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        XCTAssertFalse(store.remove("id1"))
        XCTAssertEqual(store.entries.map(\.message.id), ["id1", "id2"])
        XCTAssertFalse(store.removeAll())
        XCTAssertEqual(store.entries.map(\.message.id), ["id1"])
        try store.add(message(3))
        try store.add(message(4))
        XCTAssertEqual(store.entries.map(\.message.id), ["id3", "id4"])
        XCTAssertFalse(store.removeAll())
        XCTAssertEqual(folder.names("new").count, 1)
        // Once it can be, it is.
        try FileManager.default.removeItem(atPath: file)
        try Data().write(to: URL(filePath: file))
        XCTAssertTrue(store.removeAll())
        XCTAssertEqual(folder.names("new"), [])
    }

    func testWhatWasLeftHalfWrittenLongAgoIsRemoved() throws {
        let folder = TestFolder()
        _ = try maildir(folder)
        let own = MaildirName.unique(at: .seconds(1_800_000_000), process: 1, number: 2, host: "h.example")
        let others = [
            MaildirName.unique(at: .seconds(1_800_000_000), process: 1, number: 2, host: "g.h.example"),
            "1800000000.12.h.example", "h.example", "draft",
        ]
        for name in [own] + others { _ = try folder.file("tmp/\(name)", "x") }
        let written = WallClock.now
        _ = try maildir(folder, now: written + .seconds(35 * 3600))
        XCTAssertEqual(folder.names("tmp"), ([own] + others).sorted())
        _ = try maildir(folder, now: written + .seconds(37 * 3600))
        XCTAssertEqual(folder.names("tmp"), others.sorted())
    }
}
