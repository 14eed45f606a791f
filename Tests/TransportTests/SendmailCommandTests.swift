import Mailroom
import MailroomMIME
import XCTest

@testable import MailroomSendmail

/// What is pure: command lines, the input's bytes, the meaning of exit statuses, configuration.
final class SendmailCommandTests: XCTestCase {
    private func lines(
        _ recipients: [String], from sender: String? = "a@example.org",
        _ adjust: (inout SendmailConfiguration) -> Void = { _ in }
    ) throws -> CommandLines {
        var configuration = SendmailConfiguration()
        adjust(&configuration)
        return try CommandLines(
            Envelope(
                reversePath: try sender.map { try EmailAddress($0) }, recipients: recipients.map { Recipient.to($0) }),
            configuration)
    }

    func testStartsTheProgramOnceForEachRecipientUnlessToldOtherwise() throws {
        let single = try lines(["b@example.org", "c@example.org"])
        XCTAssertEqual(
            single.runs.map(\.arguments),
            [
                ["-i", "-f", "a@example.org", "--", "b@example.org"],
                ["-i", "-f", "a@example.org", "--", "c@example.org"],
            ])
        let together = try lines(["b@example.org", "c@example.org", "d@example.org"]) {
            $0.recipientsPerRun = 2
            $0.arguments = ["--account=letters"]
        }
        XCTAssertEqual(
            together.runs.map(\.arguments),
            [
                ["-i", "-f", "a@example.org", "--account=letters", "--", "b@example.org", "c@example.org"],
                ["-i", "-f", "a@example.org", "--account=letters", "--", "d@example.org"],
            ])
        XCTAssertEqual(together.runs.map(\.recipients), [[0, 1], [2]])
    }

    func testManyRecipientsFitTheSystemsLimitOfArguments() throws {
        let many = (0..<5000).map { "recipient-number-\($0)@example.org" }
        let runs = try lines(many) { $0.recipientsPerRun = .max }.runs
        XCTAssertGreaterThan(runs.count, 1)
        XCTAssertEqual(runs.flatMap(\.recipients), Array(0..<5000))
        for run in runs { XCTAssertLessThan(run.arguments.reduce(0) { $0 + $1.utf8.count + 1 }, 66_000) }
    }

    func testTheNullReversePathIsAPairOfBrackets() throws {
        XCTAssertEqual(try lines(["b@example.org"], from: nil).runs[0].arguments.prefix(3), ["-i", "-f", "<>"])
    }

    func testARecipientThatBeginsWithAHyphenStandsBehindTheEndOfOptions() throws {
        XCTAssertEqual(try lines(["-oQ/tmp@example.org"]).runs[0].arguments.suffix(2), ["--", "-oQ/tmp@example.org"])
    }

    func testASenderThatCouldBeReadAsAnOptionIsRefused() {
        for sender in ["-t@example.org", "\"a,b\"@example.org", "\"-t\"@example.org"] {
            XCTAssertThrowsError(try lines(["b@example.org"], from: sender), sender) { error in
                XCTAssertEqual((error as? TransportError)?.code, .unsupported)
                XCTAssertEqual((error as? TransportError)?.isTransient, false)
            }
        }
    }

    func testARecipientThatProgramsReadInDifferentWaysIsRefusedAlone() throws {
        let lines = try lines([
            "\"x,victim@example.net\"@example.org", "b@example.org", "b\n-t@example.org", "b\0@example.org", "nobody",
        ])
        XCTAssertEqual(lines.runs.map(\.recipients), [[1]])
        XCTAssertEqual(lines.refused.map(\.index), [0, 2, 3, 4])
        XCTAssertEqual(lines.refused.first?.reply.enhancedStatus, "5.1.3")
    }

    func testADomainBeyondASCIIGoesAsALabelsAndALocalPartAsUTF8() throws {
        XCTAssertEqual(try lines(["jürgen@bücher.example"]).runs[0].arguments.last, "jürgen@xn--bcher-kva.example")
    }

    // MARK: The input

    private func read(_ message: String, by size: Int) throws -> String {
        var input = try MessageInput(Array(message.utf8))
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: size)
        while true {
            let count = block.withUnsafeMutableBytes { input.read(into: $0) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += block[..<count]
        }
    }

    func testTheInputHasLFLineEndsHoweverItIsCut() throws {
        let message = "Subject: a\r\n\r\nb\r\n.\r\n\r\n\r\n..c\r\nlast"
        for size in 1...50 {
            XCTAssertEqual(try read(message, by: size), message.replacing("\r\n", with: "\n"), "\(size)")
        }
        XCTAssertEqual(try read("", by: 10), "")
        XCTAssertEqual(try read("\r\n\r\n", by: 1), "\n\n")
    }

    func testALoneLineEndingIsRefusedForGood() {
        for message in ["a\nb\r\n", "a\rb\r\n", "a\r\n\n", "\n", "\r", "a\r", "a\r\r\n", "\r\n\r"] {
            XCTAssertThrowsError(try MessageInput(Array(message.utf8)), message) { error in
                XCTAssertEqual((error as? TransportError)?.isTransient, false)
            }
        }
    }

    // MARK: Exit statuses

    private func words(
        _ exit: RunEnding.Exit, hadAll: Bool = true, stop: RunEnding.Stop? = nil
    ) -> String {
        switch Verdict(RunEnding(exit: exit, hadAll: hadAll, stop: stop, output: "words"), program: "/p") {
        case .reported(let status, let reply):
            return "\(status)\(reply?.text.contains("words") == false ? " without words" : "")"
        case .failed(let error, let endsDelivery):
            XCTAssertTrue(error.isTransient, "no exit status of a program ends a job by an error")
            return "throws \(error.code.rawValue)\(endsDelivery ? ", no further run" : "")"
        }
    }

    func testEveryExitStatusHasADecision() {
        let table: [Int32: String] = [
            0: "accepted", 1: "throws refused", 2: "throws refused", 64: "throws refused, no further run",
            65: "refused", 66: "throws refused", 67: "refused", 68: "refused", 69: "throws refused",
            70: "throws refused", 71: "throws refused", 72: "throws refused, no further run", 73: "throws refused",
            74: "throws refused", 75: "throws refused", 76: "throws refused",
            77: "throws authenticationFailed, no further run", 78: "throws refused, no further run",
            79: "throws refused", 126: "throws refused", 127: "throws refused", 128: "unknown", 137: "unknown",
            143: "unknown", 255: "unknown",
        ]
        for (status, expected) in table { XCTAssertEqual(words(.status(status)), expected, "\(status)") }
    }

    func testWhoEndedWithoutAnAnswerIsInDoubtOnlyAfterTheWholeMessage() {
        XCTAssertEqual(words(.signal(9)), "unknown")
        XCTAssertEqual(words(.signal(9), hadAll: false), "throws connectionLost")
        XCTAssertEqual(words(.status(137), hadAll: false), "throws connectionLost")
        XCTAssertEqual(words(.signal(15), stop: .timedOut), "unknown")
        XCTAssertEqual(words(.signal(15), hadAll: false, stop: .timedOut), "throws timedOut, no further run")
        XCTAssertEqual(words(.signal(15), hadAll: false, stop: .cancelled), "throws cancelled, no further run")
        XCTAssertEqual(words(.unseen, hadAll: false, stop: .cancelled), "unknown", "it may still be there")
    }

    func testAnswersGivenWhileBeingEndedCountOnlyWhereTheyAreOnes() {
        XCTAssertEqual(words(.status(0), stop: .cancelled), "accepted")
        XCTAssertEqual(words(.status(75), stop: .timedOut), "throws refused")
        XCTAssertEqual(words(.status(1), stop: .timedOut), "unknown")
        XCTAssertEqual(words(.status(0), hadAll: false, stop: .cancelled), "throws cancelled, no further run")
    }

    func testSuccessWithoutHavingReadTheMessageIsNoSuccess() {
        XCTAssertEqual(words(.status(0), hadAll: false), "unknown without words")
    }

    // MARK: Configuration

    func testAConfigurationsProblemsAreFoundWithoutLookingForTheProgram() {
        func problems(_ adjust: (inout SendmailConfiguration) -> Void) -> [String] {
            var configuration = SendmailConfiguration(program: "/no/such/program")
            adjust(&configuration)
            return configuration.problems(in: PipelineLimits()).map(\.subject)
        }
        XCTAssertEqual(problems { _ in }, [])
        XCTAssertEqual(problems { $0.program = "sendmail" }, ["sendmail program"])
        for argument in ["-t", "-it", "-ti", "-vt", "-tv", "--read-recipients", "--read-rec"] {
            XCTAssertEqual(problems { $0.arguments = [argument] }, ["sendmail argument"], argument)
        }
        XCTAssertEqual(problems { $0.arguments = ["-odi", "-i", "--timeout=5", "-Ftest", "-vi"] }, [])
        XCTAssertEqual(problems { $0.arguments = ["--"] }, ["sendmail argument"])
        XCTAssertEqual(problems { $0.arguments = ["a\0b"] }, ["sendmail argument"])
        XCTAssertEqual(problems { $0.environment = ["A=B": "c"] }, ["sendmail environment"])
        XCTAssertEqual(problems { $0.maximumProcesses = 0 }, ["sendmail processes"])
        XCTAssertEqual(problems { $0.recipientsPerRun = 0 }, ["sendmail recipients"])
        XCTAssertEqual(problems { $0.timeout = .zero }, ["sendmail timeout"])
        XCTAssertEqual(problems { $0.timeout = .seconds(600) }, ["sendmail timeout"])
    }

    func testAURLNamesTheProgramAndItsOptions() throws {
        let schemes = AdapterSchemes(transports: [.sendmail])
        let transport = try XCTUnwrap(
            schemes.transport(
                "sendmail:///usr/bin/msmtp?arguments=--account=a%20-v&timeout=20s&processes=2&recipients=all")
                as? SendmailTransport)
        XCTAssertEqual(transport.configuration.program, "/usr/bin/msmtp")
        XCTAssertEqual(transport.configuration.arguments, ["--account=a", "-v"])
        XCTAssertEqual(transport.configuration.timeout, .seconds(20))
        XCTAssertEqual(transport.configuration.maximumProcesses, 2)
        XCTAssertEqual(transport.configuration.recipientsPerRun, .max)
        let plain = try XCTUnwrap(schemes.transport("sendmail:") as? SendmailTransport)
        XCTAssertEqual(plain.configuration, SendmailConfiguration())
        for url in [
            "sendmail://host/usr/sbin/sendmail", "sendmail:msmtp", "sendmail:?shell=yes", "sendmail:?timeout=soon",
            "sendmail:?processes=0", "sendmail:?recipients=some",
        ] {
            XCTAssertThrowsError(try schemes.transport(url), url)
        }
    }
}
