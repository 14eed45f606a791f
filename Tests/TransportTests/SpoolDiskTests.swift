import Foundation
import Mailroom
import Synchronization
import TestSupport
import XCTest

@testable import MailroomSpool

/// Disks that refuse, and what is there in between.
final class SpoolDiskTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    func testAFileInTheFoldersPlaceIsAnErrorForNow() async throws {
        XCTAssertTrue(FileManager.default.createFile(atPath: folder.path + "/file", contents: nil))
        for path in ["/file", "/file/spool"] {
            let error = await SpoolTransport.spool(folder.path + path).error(of: try outletMail())
            XCTAssertEqual(error?.code, .notWritten)
            XCTAssertEqual(error?.isTransient, true)
            XCTAssertTrue(error?.reason.contains("move away the file") == true, "\(String(describing: error))")
        }
    }

    func testAFolderWithoutPermissionIsAnErrorForNow() async throws {
        guard geteuid() != 0 else { throw XCTSkip("root may write everywhere") }
        try FileManager.default.createDirectory(
            atPath: folder.path + "/spool", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
        let error = await SpoolTransport.spool(folder.path + "/spool").error(of: try outletMail())
        XCTAssertEqual(error?.isTransient, true)
        XCTAssertTrue(error?.reason.contains("user that runs") == true)
    }

    func testAFullDiskIsAnErrorForNowAndLeavesNothing() async throws {
        guard geteuid() == 0 else { throw XCTSkip("Only root can mount: other machines cannot be asked for that.") }
        let mount = try Programs.path(of: "mount")
        let disk = folder.path + "/disk"
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
        guard try Programs.run(mount, ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]).status == 0 else {
            throw XCTSkip("Nothing can be mounted here: the containers of CI forbid that even to root.")
        }
        defer { _ = try? Programs.run("umount", [disk]) }
        let transport: SpoolTransport = .spool(disk + "/spool", format: .maildir)
        _ = try await transport.deliver(try outletMail())
        let error = await transport.error(of: try outletMail(attachment: 1 << 20))
        XCTAssertEqual(error?.isTransient, true)
        XCTAssertTrue(error?.reason.contains("Free space") == true, "\(String(describing: error))")
        XCTAssertEqual(folder.names("disk/spool/tmp"), [])
        let outcome = await transport.outcomeInWords(of: try outletMail())
        XCTAssertEqual(outcome, "b accepted", "there is room again")
        XCTAssertEqual(folder.names("disk/spool/new").count, 2)
    }

    func testAFileBeyondTheProcesssLimitIsAnErrorNotItsEnd() async throws {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        #else
            let resource = RLIMIT_FSIZE
        #endif
        let handler = signal(SIGXFSZ, SIG_DFL)
        defer { signal(SIGXFSZ, handler) }
        var before = rlimit()
        getrlimit(resource, &before)
        var small = before
        small.rlim_cur = 512 << 10
        let transport: SpoolTransport = .spool(folder.path + "/spool")
        let mail = try outletMail(attachment: 1 << 20)
        setrlimit(resource, &small)
        let error = await transport.error(of: mail)
        setrlimit(resource, &before)
        XCTAssertTrue(error?.reason.contains("ulimit -f") == true, "\(String(describing: error))")
        XCTAssertEqual(folder.names("spool"), ["tmp"])
        XCTAssertEqual(folder.names("spool/tmp"), [])
    }

    func testAFolderThatWasTakenAwayIsMadeAgain() async throws {
        for format in SpoolFormat.allCases {
            let path = folder.path + "/" + format.rawValue
            let transport: SpoolTransport = .spool(path, format: format)
            for gone in [path, path + "/tmp", format == .maildir ? path + "/new" : path] {
                _ = try await transport.deliver(try outletMail())
                try FileManager.default.removeItem(atPath: gone)
                let outcome = await transport.outcomeInWords(of: try outletMail())
                XCTAssertEqual(outcome, "b accepted", gone)
            }
        }
    }

    func testOnlyOldLeftoversOfOurOwnAreRemoved() async throws {
        let path = folder.path + "/spool"
        let files = FileManager.default
        try files.createDirectory(atPath: path + "/tmp", withIntermediateDirectories: true)
        for (name, age) in [("old.mailroom-draft", 37.0), ("young.mailroom-draft", 35.0), ("thesis.txt", 9999)] {
            XCTAssertTrue(files.createFile(atPath: "\(path)/tmp/\(name)", contents: Data("x".utf8)))
            try files.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -age * 3600)], ofItemAtPath: "\(path)/tmp/\(name)")
        }
        _ = try await SpoolTransport.spool(path).deliver(try outletMail())
        XCTAssertEqual(folder.names("spool/tmp"), ["thesis.txt", "young.mailroom-draft"])
    }

    func testAFileGetsItsNameAfterItsBytesAreOnTheDiskAndTheFolderAfterThat() async throws {
        let transport: SpoolTransport = .spool(folder.path + "/spool", format: .maildir)
        _ = try await transport.deliver(try outletMail())
        let trace = folder.path + "/trace"
        let tracer = try SystemCallTrace(of: "fdatasync,link,linkat", into: trace)
        let report = try await transport.deliver(try outletMail())
        let name = try XCTUnwrap(report.outcomes[0].remoteID)
        let deadline = ContinuousClock.now + .seconds(20)
        var calls: [String] = []
        while calls.last != "folder", .now < deadline {
            await Task.yield()
            calls = (folder.text("trace") ?? "").split(separator: "\n").compactMap { line in
                if line.contains("fdatasync("), line.contains("/tmp/\(name)") { return "file" }
                if line.contains("link("), line.contains("/new/\(name)\"") { return "link" }
                if line.contains("fdatasync("), line.contains("/spool/new>") { return "folder" }
                return nil
            }
        }
        tracer.stop()
        XCTAssertEqual(calls, ["file", "link", "folder"])
    }

    func testATornFileIsNeverSeen() async throws {
        let transport: SpoolTransport = .spool(folder.path + "/spool", format: .maildir)
        let size = try outletMail(attachment: 300_000).bytes.filter { $0 != 13 }.count
        let (folder, path) = (folder, folder.path + "/spool/new")
        let seen = Mutex((looks: 0, torn: 0, isOver: false))
        // Looks into the folder all the while it is written to, as a reader does that never waits.
        Thread.detachNewThread {
            while !seen.withLock({ $0.isOver }) {
                for name in folder.names("spool/new") {
                    var status = stat()
                    guard stat("\(path)/\(name)", &status) == 0 else { continue }
                    seen.withLock { seen in
                        seen.looks += 1
                        if status.st_size < size { seen.torn += 1 }
                    }
                }
            }
        }
        defer { seen.withLock { $0.isOver = true } }
        // It may come late to its first look: writing goes on until it has had a hundred.
        for _ in 1...50 where seen.withLock({ $0.looks }) < 100 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    let mail = try outletMail(attachment: 300_000)
                    group.addTask { _ = try await transport.deliver(mail) }
                }
                try await group.waitForAll()
            }
        }
        XCTAssertGreaterThanOrEqual(seen.withLock { $0.looks }, 100)
        XCTAssertEqual(seen.withLock { $0.torn }, 0)
    }

    // MARK: Giving up

    func testACancelledDeliveryLeavesNothing() async throws {
        let transport: SpoolTransport = .spool(folder.path + "/spool")
        let mail = try outletMail()
        let outcome = await cancelledBeforehand { await transport.outcomeInWords(of: mail) }
        XCTAssertEqual(outcome, "throws cancelled")
        XCTAssertEqual(folder.names("spool").filter { $0 != "tmp" }, [])
        let late = await transport.outcomeInWords(of: try outletMail(within: .zero))
        XCTAssertEqual(late, "throws timedOut")
    }

    func testADeliveryGivenUpBeforeItsFileIsInPlaceIsAnErrorAndAfterItInDoubt() async throws {
        let mail = try outletMail()
        for isCommitted in [false, true] {
            let delivery = SpoolDelivery(mail, route: "spool:x")
            let result = await withCheckedContinuation { continuation in
                XCTAssertTrue(delivery.begin(continuation))
                XCTAssertTrue(delivery.start())
                if isCommitted { XCTAssertTrue(delivery.commit()) }
                delivery.expire()
                if !isCommitted { XCTAssertFalse(delivery.commit(), "its file must not appear any more") }
            }
            switch result {
            case .failure(let error):
                XCTAssertFalse(isCommitted)
                XCTAssertEqual(error.code, .timedOut)
            case .success(let report):
                XCTAssertTrue(isCommitted)
                XCTAssertEqual(report.outcomes.map(\.status), [.unknown])
            }
        }
    }

    func testADiskThatDoesNotAnswerIsNotWaitedForAfterCancellation() async throws {
        let delivery = SpoolDelivery(try outletMail(), route: "spool:x")
        let begin = ContinuousClock.now
        let result = await withCheckedContinuation { continuation in
            XCTAssertTrue(delivery.begin(continuation))
            XCTAssertTrue(delivery.start())
            XCTAssertTrue(delivery.commit())
            delivery.cancel()
        }
        XCTAssertLessThan(begin.duration(to: .now), .seconds(1))
        XCTAssertEqual(try result.get().outcomes.map(\.status), [.unknown])
    }
}
