import Foundation
import Mailroom
import TestSupport
import XCTest

@testable import MailroomSendmail

/// How programs are ended, and how mail waits for its turn.
final class SendmailEndingTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    /// Cancels a delivery once the script has written the file `here`.
    private func cancelled(_ script: String, attachment: Int = 0) async throws -> (outcome: String, late: Duration) {
        // An earlier script's files are no news of this one.
        for name in ["here", "pid"] { try? FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }
        let transport: SendmailTransport = .sendmail(try folder.program("echo $$ > $d/pid\n" + script))
        let mail = try outletMail(attachment: attachment)
        let task = Task { await transport.outcomeInWords(of: mail) }
        let isHere = await folder.reaches("here")
        XCTAssertTrue(isHere)
        let begin = ContinuousClock.now
        task.cancel()
        let outcome = await task.value
        let late = begin.duration(to: .now)
        let process = folder.process()
        XCTAssertGreaterThan(process, 0)
        XCTAssertFalse(exists(process), "it is ended and reaped")
        return (outcome, late)
    }

    func testAProgramThatIgnoresSIGTERMIsKilledWithinASecond() async throws {
        let (outcome, late) = try await cancelled(
            "trap '' TERM; cat > /dev/null; echo 1 > $d/here; sleep 600; sleep 600")
        XCTAssertEqual(outcome, "b unknown")
        XCTAssertLessThan(late, .seconds(1))
    }

    func testAProgramThatAnswersSoonAfterCancellationIsBelieved() async throws {
        let (outcome, _) = try await cancelled(
            "trap 'exit 0' TERM; cat > /dev/null; echo 1 > $d/here; sleep 600 & wait")
        XCTAssertEqual(outcome, "b accepted")
    }

    func testAMessageThatIsBrokenOffIsNeverCompleted() async throws {
        // When it is ended it tries to take what it has: that must not look like a whole message.
        let (outcome, late) = try await cancelled(
            "trap 'cat > $d/part; echo 1 > $d/queued' TERM; head -c 100 > /dev/null; echo 1 > $d/here; sleep 600 & wait",
            attachment: 1 << 20)
        XCTAssertEqual(outcome, "throws cancelled")
        XCTAssertLessThan(late, .seconds(1))
        XCTAssertNil(folder.text("queued"))
    }

    func testAProgramOfAScriptIsEndedWithIt() async throws {
        // Whoever holds the other end of the pipe is alive.
        XCTAssertEqual(mkfifo(folder.path + "/life", 0o600), 0)
        let life = open(folder.path + "/life", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(life) }
        for attachment in [0, 1 << 20] {
            let read = attachment == 0 ? "cat > /dev/null" : "true"
            let (outcome, _) = try await cancelled(
                "\(read); (exec 7> $d/life; echo 1 > $d/here; trap '' TERM; sleep 600; cat > /dev/null)",
                attachment: attachment)
            XCTAssertEqual(outcome, attachment == 0 ? "b unknown" : "throws cancelled")
            var polled = pollfd(fd: life, events: Int16(POLLIN), revents: 0)
            XCTAssertEqual(poll(&polled, 1, 10_000), 1, "the script's own child lives on")
            XCTAssertNotEqual(polled.revents & Int16(POLLHUP), 0)
        }
    }

    func testTheDeadlineEndsAProgramInTime() async throws {
        let program = try folder.program("echo $$ > $d/pid; cat > /dev/null; exec sleep 600")
        let mail = try outletMail(within: .milliseconds(1500))
        let outcome = await SendmailTransport.sendmail(program).outcomeInWords(of: mail)
        XCTAssertEqual(outcome, "b unknown")
        XCTAssertLessThan(mail.deadline.duration(to: .now), .milliseconds(500))
        XCTAssertFalse(exists(folder.process()))
    }

    func testATimeoutBeforeTheWholeMessageIsAnError() async throws {
        let program = try folder.program("exec sleep 600")
        let transport: SendmailTransport = .sendmail(program) { $0.timeout = .milliseconds(200) }
        let error = await transport.error(of: try outletMail(attachment: 1 << 20))
        XCTAssertEqual(error?.code, .timedOut)
        XCTAssertEqual(error?.isTransient, true)
    }

    func testAProgramThatNeverReadsASmallMessageHasNotTakenIt() async throws {
        try XCTSkipUnless(Self.pipesShrink, "this system's pipes do not tell when they were read")
        let program = try folder.program("exec sleep 600")
        let transport: SendmailTransport = .sendmail(program)
        let late = await transport.error(of: try outletMail(within: .milliseconds(300)))
        XCTAssertEqual(late?.code, .timedOut)
        let (outcome, _) = try await cancelled("echo 1 > $d/here; exec sleep 600")
        XCTAssertEqual(outcome, "throws cancelled")
        let killed = try folder.program("kill -9 $$", name: "killed")
        let lost = await SendmailTransport.sendmail(killed).outcomeInWords(of: try outletMail())
        XCTAssertEqual(lost, "throws connectionLost")
        let liar = try folder.program("exit 0", name: "liar")
        let claimed = await SendmailTransport.sendmail(liar).outcomeInWords(of: try outletMail())
        XCTAssertEqual(claimed, "b unknown", "it cannot have taken what it did not read")
    }

    private static var pipesShrink: Bool {
        #if os(Linux) || os(Android)
            true
        #else
            false
        #endif
    }

    func testAProgramKilledByOthersLeavesDoubtOnlyAfterTheWholeMessage() async throws {
        let after = try folder.program("cat > /dev/null; kill -9 $$", name: "after")
        let doubt = await SendmailTransport.sendmail(after).outcomeInWords(of: try outletMail())
        XCTAssertEqual(doubt, "b unknown")
        let before = try folder.program("kill -9 $$", name: "before")
        let lost = await SendmailTransport.sendmail(before).outcomeInWords(of: try outletMail(attachment: 1 << 20))
        XCTAssertEqual(lost, "throws connectionLost")
    }

    func testNeitherDescriptorsNorThreadsNorProcessesAreLeftBehind() async throws {
        guard FileManager.default.fileExists(atPath: "/proc/self/task") else { throw XCTSkip("there is no /proc") }
        let scripts = [
            "cat > /dev/null", "exit 75", "kill -9 $$", "exec >&- 2>&- <&-; exec sleep 600",
            "trap '' TERM; cat > /dev/null; sleep 600",
        ]
        let programs =
            ["/no/such/program"]
            + (try scripts.enumerated().map {
                try folder.program("echo $$ >> $d/pids; \($0.element)", name: "program\($0.offset)")
            })
        func deliverToAll() async throws {
            for program in programs {
                for attachment in [0, 1 << 20] {
                    let transport: SendmailTransport = .sendmail(program) { $0.timeout = .milliseconds(100) }
                    _ = await transport.outcomeInWords(of: try outletMail(attachment: attachment))
                }
            }
        }
        func names(_ kind: String) -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(kind)").count) ?? 0
        }
        try await deliverToAll()
        let (descriptors, threads) = (names("fd"), names("task"))
        for _ in 0..<2 { try await deliverToAll() }
        // The last threads end a moment after their answers; the runtime's own come and go.
        let limit = ContinuousClock.now + .seconds(10)
        while names("fd") > descriptors || names("task") > threads + 8, .now < limit { await Task.yield() }
        XCTAssertLessThanOrEqual(names("fd"), descriptors)
        XCTAssertLessThanOrEqual(names("task"), threads + 8, "48 threads were started")
        let processes = (folder.text("pids") ?? "").split(separator: "\n").compactMap { pid_t($0) }
        XCTAssertFalse(processes.isEmpty)
        XCTAssertEqual(processes.filter(exists), [])
    }

    func testWhoWasAcceptedBeforeACancellationStaysAccepted() async throws {
        let program = try folder.program(
            "for last; do :; done; case $last in b*) cat > /dev/null;; *) echo 1 > $d/here; exec sleep 600;; esac")
        let mail = try outletMail(to: ["b@example.org", "c@example.org", "d@example.org"], attachment: 1 << 20)
        let task = Task { await SendmailTransport.sendmail(program).outcomeInWords(of: mail) }
        let isHere = await folder.reaches("here")
        XCTAssertTrue(isHere)
        task.cancel()
        let outcome = await task.value
        XCTAssertEqual(outcome, "b accepted, c refusedForNow, d refusedForNow")
    }

    func testAnExitStatusThatTheProcessThrowsAwayLeavesDoubt() async throws {
        let before = signal(SIGCHLD, SIG_IGN)
        defer { signal(SIGCHLD, before) }
        let program = try folder.program("cat > /dev/null; exit 75")
        let outcome = await SendmailTransport.sendmail(program).outcomeInWords(of: try outletMail())
        XCTAssertEqual(outcome, "b unknown")
    }

    func testATaskCancelledBeforehandStartsNothing() async throws {
        let transport: SendmailTransport = .sendmail(try folder.program("echo 1 > $d/started; cat > /dev/null"))
        let mail = try outletMail()
        let outcome = await cancelledBeforehand { await transport.outcomeInWords(of: mail) }
        XCTAssertEqual(outcome, "throws cancelled")
        XCTAssertNil(folder.text("started"))
    }

    // MARK: The line

    func testOnlySoManyProgramsRunAtOnce() async throws {
        let program = try folder.program(
            "echo > $d/running.$$; set -- $d/running.*; echo $# >> $d/counts; cat > /dev/null; rm $d/running.$$")
        let transport: SendmailTransport = .sendmail(program) { $0.maximumProcesses = 3 }
        let mails = try (0..<30).map { _ in try outletMail() }
        let outcomes = await withTaskGroup(of: String.self) { group in
            for mail in mails { group.addTask { await transport.outcomeInWords(of: mail) } }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        XCTAssertEqual(outcomes, Array(repeating: "b accepted", count: 30))
        let counts = try XCTUnwrap(folder.text("counts")).split(separator: "\n").compactMap { Int($0) }
        XCTAssertEqual(counts.count, 30)
        XCTAssertLessThanOrEqual(counts.max() ?? 0, 3)
        XCTAssertEqual(transport.places.waiting, 0)
    }

    func testWhoWaitsInLineLeavesItByCancellationAndByTheDeadline() async throws {
        let program = try folder.program("echo 1 > $d/here; cat > /dev/null; exec sleep 600")
        let transport: SendmailTransport = .sendmail(program) { $0.maximumProcesses = 1 }
        let (first, second) = (try outletMail(), try outletMail())
        let running = Task { await transport.outcomeInWords(of: first) }
        let isHere = await folder.reaches("here")
        XCTAssertTrue(isHere)
        let waiting = Task { await transport.outcomeInWords(of: second) }
        while transport.places.waiting == 0 { await Task.yield() }
        waiting.cancel()
        let cancelled = await waiting.value
        XCTAssertEqual(cancelled, "throws cancelled")
        let late = await transport.outcomeInWords(of: try outletMail(within: .milliseconds(100)))
        XCTAssertEqual(late, "throws timedOut")
        running.cancel()
        _ = await running.value
        XCTAssertEqual(transport.places.waiting, 0)
    }
}
