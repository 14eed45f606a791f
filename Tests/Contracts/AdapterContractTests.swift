import Foundation
import Mailroom
import MailroomSMTP
import MailroomSpool
import MailroomTesting
import TestSupport
import XCTest

/// Our own transports and the contract: what each keeps, and what its kind of next hop cannot show.
final class AdapterContractTests: XCTestCase {
    private static func requireKept(
        _ name: String, notApplicable: [String] = [], file: StaticString = #filePath, line: UInt = #line,
        _ makeBench: @escaping @Sendable (NextHopBehaviour) async throws -> TransportBench?
    ) async {
        let summary = await TransportContract.summary(makeBench)
        XCTAssertEqual(summary.violations.map { "\(name): \($0)" }, [], file: file, line: line)
        XCTAssertEqual(summary.notApplicable, notApplicable, name, file: file, line: line)
    }

    func testTheSMTPTransportKeepsTheContractInTLS() async throws {
        let trust = try TestTrust()
        await Self.requireKept("TLS") { try SMTPBench.make($0, trust: trust) }
    }

    func testTheSMTPTransportKeepsTheContractWithChunks() async throws {
        let trust = try TestTrust()
        async let plain: Void = Self.requireKept("BDAT") { try SMTPBench.make($0, by: .chunks) }
        async let secured: Void = Self.requireKept("BDAT in TLS") { try SMTPBench.make($0, by: .chunks, trust: trust) }
        _ = await (plain, secured)
    }

    func testTheSendmailTransportKeepsTheContract() async {
        await Self.requireKept("sendmail") { try SendmailBench.make($0) }
    }

    func testTheSpoolTransportKeepsTheContract() async {
        var beyondAFolder = [
            "A refused recipient does not stop the others", "Refused for now and refused for good are kept apart",
            "When everyone is refused, that is reported of everyone, and nothing arrives",
            "A lost reply is unknown, neither thrown nor refused",
            "Cancelled after the mail was taken, a delivery returns within a second, in doubt",
            "A mail that was taken and not answered for is in doubt by its deadline",
            "Neither errors nor outcomes hold a credential",
        ]
        // No folder keeps root from reading it.
        if geteuid() != 0 { beyondAFolder.removeAll { $0.hasPrefix("A lost reply") } }
        for format in SpoolFormat.allCases {
            await Self.requireKept("spool \(format)", notApplicable: beyondAFolder) { try SpoolBench.make($0, format) }
        }
    }

    func testTheDKIMTransportKeepsTheContractOfWhatItSignsFor() async throws {
        let trust = try TestTrust()
        async let secured: Void = Self.requireKept("DKIM over SMTP") {
            try await SigningBench.make(over: try SMTPBench.make($0, by: .chunks, trust: trust))
        }
        async let handed: Void = Self.requireKept("DKIM over sendmail") {
            try await SigningBench.make(over: try SendmailBench.make($0))
        }
        _ = await (secured, handed)
    }
}
