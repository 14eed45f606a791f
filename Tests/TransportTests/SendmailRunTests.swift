import Foundation
import Mailroom
import TestSupport
import XCTest

@testable import MailroomSendmail

/// Children of all sorts, as shell scripts.
final class SendmailRunTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    private func transport(
        _ script: String, _ adjust: (inout SendmailConfiguration) -> Void = { _ in }
    ) throws -> SendmailTransport {
        .sendmail(try folder.program(script), adjust)
    }

    func testTheProgramGetsTheEnvelopeAsArgumentsAndTheMessageWithLF() async throws {
        let transport = try transport(#"printf '%s\n' "$@" > $d/arguments; cat > $d/input; echo queued as 42"#) {
            $0.arguments = ["--account=a; touch $d/x"]
        }
        let mail = try outletMail(to: ["-t@example.org"])
        let report = try await transport.deliver(mail)
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted])
        XCTAssertEqual(report.outcomes.map(\.route), ["sendmail:\(folder.path)/sendmail"])
        XCTAssertEqual(report.outcomes[0].reply?.text, "queued as 42")
        XCTAssertEqual(folder.text("arguments"), "-i\n-f\na@example.org\n--account=a; touch $d/x\n--\n-t@example.org\n")
        let wire = String(decoding: mail.bytes, as: UTF8.self)
        XCTAssertEqual(folder.text("input"), wire.replacing("\r\n", with: "\n"))
    }

    func testALargeMessageArrivesWhole() async throws {
        let transport = try transport("cat > $d/input")
        let mail = try outletMail(attachment: 5 << 20)
        let outcome = await transport.outcomeInWords(of: mail)
        XCTAssertEqual(outcome, "b accepted")
        let expected = mail.bytes.filter { $0 != 13 }
        XCTAssertTrue(FileManager.default.contents(atPath: folder.path + "/input") == Data(expected))
    }

    func testEachRecipientHasTheStatusOfItsOwnRun() async throws {
        let transport = try transport(
            """
            cat > /dev/null
            for last; do :; done
            case $last in b*) exit 0;; c*) echo "no $last" >&2; exit 67;; d*) exit 75;; esac
            """)
        let mail = try outletMail(to: ["b@example.org", "c@example.org", "d@example.org", "\"e\"@example.org"])
        let report = try await transport.deliver(mail)
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted, .refused, .refusedForNow, .refused])
        XCTAssertEqual(report.outcomes[1].reply?.enhancedStatus, "5.1.1")
        XCTAssertEqual(report.outcomes[1].reply?.text, "exit status 67 (EX_NOUSER)\nno c@example.org")
        XCTAssertEqual(report.outcomes[3].reply?.enhancedStatus, "5.1.3")
    }

    func testAMistakeOfTheDeploymentIsAnErrorForNowThatSaysWhatToDo() async throws {
        let transport = try transport("cat > /dev/null; echo run >> $d/runs; exit 78")
        let error = await transport.error(of: try outletMail(to: ["b@example.org", "c@example.org"]))
        XCTAssertEqual(error?.isTransient, true)
        XCTAssertTrue(error?.description.contains("configuration is wrong; correct it") == true)
        XCTAssertEqual(folder.text("runs"), "run\n", "no further run")
    }

    func testAProgramThatCannotBeStartedIsAnErrorForNow() async throws {
        let script = try folder.program("exit 0", name: "plain")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: script)
        for path in ["/no/such/program", script, folder.path] {
            let error = await SendmailTransport.sendmail(path).error(of: try outletMail())
            XCTAssertEqual(error?.code, .connectionFailed, path)
            XCTAssertEqual(error?.isTransient, true)
            XCTAssertTrue(error?.reason.contains(path) == true)
        }
    }

    func testAProgramThatDoesNotReadItsInputIsJudgedByItsStatus() async throws {
        // As a program has it that does not ignore this signal: writing would end it.
        let before = signal(SIGPIPE, SIG_DFL)
        defer { signal(SIGPIPE, before) }
        let large = try outletMail(attachment: 3 << 20)
        let later = await (try transport("exec <&-; echo busy >&2; exit 75")).error(of: large)
        XCTAssertEqual(later?.code, .refused)
        XCTAssertEqual(later?.reply?.text, "exit status 75 (EX_TEMPFAIL)\nbusy")
        let refused = await (try transport("exit 67")).outcomeInWords(of: large)
        XCTAssertEqual(refused, "b refused")
        let claimed = await (try transport("exit 0")).outcomeInWords(of: large)
        XCTAssertEqual(claimed, "b unknown", "it cannot have taken what it did not read")
    }

    func testAFloodOfWordsIsReadAndCutShort() async throws {
        let transport = try transport("cat > /dev/null; head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 67")
        let report = try await transport.deliver(try outletMail())
        let text = try XCTUnwrap(report.outcomes[0].reply?.text)
        XCTAssertEqual(text.utf8.count, 8192 + "exit status 67 (EX_NOUSER)\n".utf8.count)
    }

    func testControlCharactersInWordsAreReplaced() async throws {
        let transport = try transport(
            #"cat > /dev/null; printf 'a\033[31mb\r\nc\000d\377\342\200\256e\n' >&2; exit 67"#)
        let report = try await transport.deliver(try outletMail())
        XCTAssertEqual(report.outcomes[0].reply?.text, "exit status 67 (EX_NOUSER)\na?[31mb\nc?d\u{FFFD}?e")
    }

    func testAGrandchildThatKeepsTheOutputOpenHoldsNothingUp() async throws {
        let transport = try transport("cat > /dev/null; sleep 600 & echo $! > $d/pid; exit 0")
        let begin = ContinuousClock.now
        let outcome = await transport.outcomeInWords(of: try outletMail())
        XCTAssertEqual(outcome, "b accepted")
        XCTAssertLessThan(begin.duration(to: .now), .seconds(10))
        let grandchild = folder.process()
        XCTAssertTrue(exists(grandchild), "what a program leaves behind to deliver the mail goes on")
        kill(grandchild, SIGKILL)
    }

    // MARK: What a child has of this process

    func testNoDescriptorReachesTheChild() async throws {
        guard FileManager.default.fileExists(atPath: "/proc/self/fd") else { throw XCTSkip("there is no /proc") }
        let leaking = dup2(1, 300)
        XCTAssertEqual(fcntl(leaking, F_GETFD) & FD_CLOEXEC, 0)
        defer { close(leaking) }
        let transport = try transport("cat > /dev/null; exec ls /proc/self/fd > $d/fds")
        _ = try await transport.deliver(try outletMail())
        let descriptors = Set(try XCTUnwrap(folder.text("fds")).split(separator: "\n").compactMap { Int($0) })
        XCTAssertEqual(descriptors, [0, 1, 2, 3], "the last is the folder that is being listed")
    }

    func testTheChildHasDefaultSignalsAndBlocksNone() async throws {
        guard FileManager.default.fileExists(atPath: "/proc/self/status") else { throw XCTSkip("there is no /proc") }
        let before = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, before) }
        let transport = try transport("cat > /dev/null; grep -E 'SigBlk|SigIgn' /proc/self/status > $d/signals")
        _ = try await transport.deliver(try outletMail())
        let lines = try XCTUnwrap(folder.text("signals")).split(separator: "\n")
        XCTAssertEqual(lines.count, 2)
        for line in lines {
            let signals = UInt64(line.split(separator: "\t").last ?? "", radix: 16)
            // Two real-time signals belong to the C library.
            XCTAssertEqual(signals.map { $0 & 0x7FFF_FFFF }, 0, String(line))
        }
    }

    func testTheChildDoesNotInheritTheEnvironment() async throws {
        setenv("MAILROOM_TEST_SECRET", "hush", 1)
        defer { unsetenv("MAILROOM_TEST_SECRET") }
        let transport = try transport("cat > /dev/null; env > $d/env") { $0.environment = ["ACCOUNT": "letters"] }
        _ = try await transport.deliver(try outletMail())
        let environment = try XCTUnwrap(folder.text("env"))
        XCTAssertFalse(environment.contains("hush"))
        XCTAssertTrue(environment.contains("ACCOUNT=letters\n"))
        XCTAssertTrue(environment.contains("LC_ALL=C\n"))
        XCTAssertTrue(environment.contains("PATH="))
    }

    // MARK: The check

    func testTheCheckSaysWhetherTheProgramIsThere() async throws {
        let script = try folder.program("touch $d/started")
        let good = await SendmailTransport.sendmail(script).checkConnection(until: .now + .seconds(10))
        XCTAssertEqual(good.map(\.subject), ["sendmail:\(script)"])
        XCTAssertNil(good[0].problem)
        XCTAssertTrue(good[0].findings.first?.value.hasSuffix("/sendmail") == true)
        XCTAssertNil(folder.text("started"), "nothing is started")
        for path in ["/no/such/program", folder.path] {
            let bad = await SendmailTransport.sendmail(path).checkConnection(until: .now + .seconds(10))
            XCTAssertTrue(bad[0].problem?.contains(path) == true)
        }
    }
}
