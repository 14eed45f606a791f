import Mailroom
import MailroomFiles
import TestSupport
import XCTest

@testable import MailroomSpool

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The spool on a disk that breaks at any of its system calls.
///
/// A mail that was accepted is there whole, whatever happens then. Where files appear there is never half a file. An
/// error means that no file is there; where one is that may not stay, the outcome is unknown.
final class SpoolFaultTests: XCTestCase {
    private enum Outcome { case accepted, unknown, error }

    /// A mail as it is delivered at first and once more.
    private struct Letter: Sendable {
        let first, again: Mail
        let contents: [SpoolFormat: [UInt8]]

        init(_ text: String, _ size: Int) throws {
            let hour = Duration.seconds(3600)
            first = try outletMail(attachment: size, text: text, within: hour)
            again = try outletMail(attachment: size, text: text, id: first.id, attempt: 2, within: hour)
            let eml = "Return-Path: <a@example.org>\r\nEnvelope-To: b@example.org\r\n".utf8 + first.bytes
            contents = [.eml: eml, .maildir: eml.filter { $0 != 13 }]
        }

        /// Made when a test first asks for them: encoding them takes longer than delivering.
        static let short = Result { [try Letter("One.", 3000), try Letter("Two.", 3000)] }
        /// Of two blocks each.
        static let long = Result { [try Letter("One.", 50_000), try Letter("Two.", 50_000)] }
    }

    /// Two mails in a spool, and what became of them.
    private struct Scenario {
        let disk: SimulatedDisk
        let format: SpoolFormat
        private let letters: [Letter]
        private(set) var outcomes: [Outcome] = []

        private var place: String { format == .maildir ? "/var/spool/new" : "/var/spool" }

        init(_ disk: SimulatedDisk, _ format: SpoolFormat, isLong: Bool = false) throws {
            self.disk = disk
            self.format = format
            letters = try (isLong ? Letter.long : Letter.short).get()
        }

        func transport() -> SpoolTransport {
            SpoolTransport(folder: "/var/spool", format: format, disk: Disk(disk.process()))
        }

        mutating func deliver(by transport: SpoolTransport) async {
            outcomes = []
            for letter in letters { outcomes.append(await Self.outcome(of: letter.first, by: transport)) }
            await Self.idle(transport)
        }

        mutating func deliverAtOnce(by transport: SpoolTransport) async {
            async let first = Self.outcome(of: letters[0].first, by: transport)
            async let second = Self.outcome(of: letters[1].first, by: transport)
            outcomes = await [first, second]
            await Self.idle(transport)
        }

        /// Offers again what was not accepted.
        mutating func deliverAgain(by transport: SpoolTransport) async {
            for (index, letter) in letters.enumerated() where outcomes[index] != .accepted {
                outcomes[index] = await Self.outcome(of: letter.again, by: transport)
                XCTAssertEqual(outcomes[index], .accepted, "nothing fails any more")
            }
            await Self.idle(transport)
        }

        private static func outcome(of mail: Mail, by transport: SpoolTransport) async -> Outcome {
            do throws(TransportError) {
                let status = try await transport.deliver(mail).outcomes[0].status
                XCTAssertTrue(status == .accepted || status == .unknown, "\(status)")
                return status == .accepted ? .accepted : .unknown
            } catch {
                XCTAssertEqual(error.code, .notWritten)
                XCTAssertTrue(error.isTransient, "a disk is mended: \(error)")
                return .error
            }
        }

        /// Waits until the transport's thread has done what comes after its answers.
        private static func idle(_ transport: SpoolTransport) async {
            await withCheckedContinuation { continuation in transport.queue.async { continuation.resume() } }
        }

        // MARK: What is there

        var drafts: [String] { disk.names("/var/spool/tmp") }

        private var files: [[UInt8]] { disk.names(place).compactMap { disk.bytes("\(place)/\($0)") } }

        private var contents: [[UInt8]] { letters.compactMap { $0.contents[format] } }

        /// Every file is a whole mail, none is there twice, and all that were accepted are.
        func checkAccepted(_ when: String) {
            let (files, contents) = (files, contents)
            XCTAssertTrue(files.allSatisfy(contents.contains), "\(when): a file is not whole")
            XCTAssertEqual(Set(files).count, files.count, "\(when): a file is there twice")
            for (outcome, content) in zip(outcomes, contents) where outcome == .accepted {
                XCTAssertTrue(files.contains(content), "\(when): a mail that was accepted is not there")
            }
        }

        /// A file is in its place exactly where no error was thrown.
        func checkErrors() {
            let files = files
            for (outcome, content) in zip(outcomes, contents) {
                XCTAssertEqual(files.contains(content), outcome != .error, "the outcome is \(outcome)")
            }
        }
    }

    // MARK: Calls that fail

    private func sweepFailures(_ fault: Fault, atOnce: Bool = false, leavesDrafts: Bool = false) async {
        for format in SpoolFormat.allCases {
            await sweep(fault) { disk in
                var scenario = try Scenario(disk, format, isLong: true)
                let transport = scenario.transport()
                if atOnce {
                    await scenario.deliverAtOnce(by: transport)
                } else {
                    await scenario.deliver(by: transport)
                }
                scenario.checkAccepted("at once")
                scenario.checkErrors()
                if !leavesDrafts, disk.faultyCall?.kind != .remove { XCTAssertEqual(scenario.drafts, []) }
                disk.mend()
                await scenario.deliverAgain(by: transport)
                disk.losePower(keeping: .synced)
                scenario.checkAccepted("after a loss of power")
            }
        }
    }

    func testAnyCallMayFailOnce() async { await sweepFailures(.fail(EIO)) }

    func testAnyCallMayFailOnceWhileAGroupIsWritten() async { await sweepFailures(.fail(EIO), atOnce: true) }

    func testAnyCallMayBeTheFirstOfAllThatFail() async { await sweepFailures(.failForEver(EIO), leavesDrafts: true) }

    func testWritesMayBeShort() async { await sweepFailures(.short) }

    func testASyncThatFailsLeavesTheMailInDoubtOnlyWhereItsNameIsInPlace() async throws {
        for format in SpoolFormat.allCases {
            var outcomes: [[Outcome]] = []
            await sweep(.fail(EIO).on(.sync)) { disk in
                var scenario = try Scenario(disk, format)
                try await disk.withoutFaults { try Disk(disk.process()).makeFolder("/var/spool/tmp") }
                await scenario.deliver(by: scenario.transport())
                if disk.faultyCall?.path == (format == .maildir ? "/var/spool/new" : "/var/spool") {
                    outcomes.append(scenario.outcomes)
                }
            }
            XCTAssertTrue(outcomes.contains([.unknown, .accepted]), "\(outcomes)")
            XCTAssertTrue(outcomes.contains([.accepted, .unknown]), "\(outcomes)")
        }
    }

    func testAnyCallMayBeInterrupted() async {
        for format in SpoolFormat.allCases {
            await sweep(.fail(EINTR)) { disk in
                var scenario = try Scenario(disk, format)
                await scenario.deliver(by: scenario.transport())
                XCTAssertEqual(scenario.outcomes, [.accepted, .accepted])
                scenario.checkAccepted("at once")
            }
        }
    }

    func testADiskMayBeFullAtAnyPage() async throws {
        for pages in 0...40 {
            let disk = SimulatedDisk(seed: UInt64(pages), capacity: pages * File.pageSize)
            var scenario = try Scenario(disk, .maildir, isLong: true)
            await scenario.deliver(by: scenario.transport())
            scenario.checkAccepted("with \(pages) pages")
            scenario.checkErrors()
            XCTAssertEqual(scenario.drafts, [])
            XCTAssertEqual(scenario.outcomes.count { $0 == .accepted }, min(2, pages / 17), "\(pages) pages")
        }
    }

    // MARK: Ends

    /// Two processes, the second after the first has died, and a loss of power after that.
    private func sweepEnds(_ fault: Fault, _ survival: Survival) async {
        for format in SpoolFormat.allCases {
            await sweep(fault, seed: UInt64(survival.rawValue.utf8.count)) { disk in
                var scenario = try Scenario(disk, format)
                await scenario.deliver(by: scenario.transport())
                scenario.checkAccepted("after the end")
                disk.killAll()
                await scenario.deliverAgain(by: scenario.transport())
                scenario.checkAccepted("delivered again")
                disk.losePower(keeping: survival)
                scenario.checkAccepted("after a loss of power")
            }
        }
    }

    func testTheProcessMayDieAtAnyCall() async {
        for moment in Fault.Moment.allCases { await sweepEnds(.kill(moment), .synced) }
        await sweepEnds(.kill(.during), .random)
    }

    func testThePowerMayFailAtAnyCall() async {
        for survival in Survival.allCases { await sweepEnds(.powerLoss(keeping: survival), survival) }
    }
}
