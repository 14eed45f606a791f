import Foundation
import Mailroom
import MailroomDKIM
import MailroomMIME
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

final class DKIMTransportTests: XCTestCase {
    private let testFolder = TestFolder()
    private var folder: URL { URL(filePath: testFolder.path) }

    override func tearDown() { testFolder.remove() }

    private func signer(_ path: URL) -> DKIMSigner {
        DKIMSigner(domain: "example.org", selector: "s1", key: .file(path.path))
    }

    func testHandsOnTheMailWithASignatureOnTop() async throws {
        let capture = CaptureTransport()
        let mail = try SigningSamples.mail(try SigningSamples.message())
        let report = try await capture.signed(by: try SigningSamples.signers()[0]).deliver(mail)
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted])
        let handedOn = try XCTUnwrap(capture.mails.first)
        XCTAssertTrue(handedOn.bytes.starts(with: "DKIM-Signature: v=1; a=rsa-sha256; ".utf8))
        XCTAssertEqual(Array(handedOn.bytes.suffix(mail.bytes.count)), mail.bytes)
        XCTAssertEqual(handedOn.bytes.filter { $0 >= 128 }, [])
        XCTAssertEqual(handedOn.message, mail.message)
        XCTAssertEqual(handedOn.id, mail.id)
        XCTAssertEqual(handedOn.envelope.recipients, mail.envelope.recipients)
    }

    func testEveryAttemptHandsOnTheSameBytes() async throws {
        let capture = CaptureTransport()
        for attempt in 1...3 {
            let transport = DKIMTransport(capture, signers: try SigningSamples.signers())
            _ = try await transport.deliver(SigningSamples.mail(SigningSamples.message(), attempt: attempt))
            _ = try await transport.deliver(SigningSamples.mail(SigningSamples.message(), attempt: attempt))
        }
        XCTAssertEqual(Set(capture.mails.map(\.bytes)).count, 1)
        XCTAssertEqual(capture.mails.map(\.attempt), [1, 1, 2, 2, 3, 3])
    }

    func testWithoutASignerNothingLeavesEither() async throws {
        let capture = CaptureTransport()
        let mail = try SigningSamples.mail(try SigningSamples.message())
        let refused = await DKIMTransport(capture, signers: []).error(of: mail)
        XCTAssertEqual(refused?.code, .signingFailed)
        XCTAssertEqual(capture.mails.count, 0)
    }

    func testAMissingKeyFileRefusesForNowUntilItIsThere() async throws {
        let path = folder.appending(path: "dkim.pem")
        let capture = CaptureTransport()
        let transport = capture.signed(by: signer(path))
        let mail = try SigningSamples.mail(try SigningSamples.message())
        let missing = await transport.error(of: mail)
        XCTAssertEqual(missing?.code, .signingFailed)
        XCTAssertEqual(missing?.isTransient, true)
        XCTAssertEqual(missing?.retryAfter, .seconds(60), "waiting uses up no attempt")
        XCTAssertTrue(try XCTUnwrap(missing).reason.contains(path.path))
        XCTAssertEqual(capture.mails.count, 0, "nothing leaves unsigned")

        try "-----BEGIN PRIVATE KEY-----\nnonsense\n".write(to: path, atomically: true, encoding: .utf8)
        let damaged = await transport.error(of: mail)
        XCTAssertEqual(damaged?.isTransient, true)
        XCTAssertEqual(capture.mails.count, 0)

        try SigningSamples.rsaKey().write(to: path, atomically: true, encoding: .utf8)
        _ = try await transport.deliver(mail)
        try FileManager.default.removeItem(at: path)
        _ = try await transport.deliver(mail)
        XCTAssertEqual(capture.mails.count, 2, "a key once read is kept")
    }

    func testDoesNotWaitForAPipeOrReadAFolderOrAHugeFile() async throws {
        let mail = try SigningSamples.mail(try SigningSamples.message())
        let pipe = folder.appending(path: "pipe")
        XCTAssertEqual(mkfifo(pipe.path, 0o600), 0)
        let huge = folder.appending(path: "huge")
        try Data(count: 70_000).write(to: huge)
        for (path, words) in [(pipe, "not a regular file"), (folder, "not a regular file"), (huge, "too large")] {
            let refusal = await CaptureTransport().signed(by: signer(path)).error(of: mail)
            XCTAssertEqual(refusal?.isTransient, true)
            XCTAssertTrue(try XCTUnwrap(refusal).reason.contains(words), "\(refusal as Any)")
        }
    }

    func testRefusesWhatCannotBeSigned() async throws {
        let capture = CaptureTransport()
        let transport = capture.signed(by: try SigningSamples.signers()[1])
        let other = try SigningSamples.mail(try SigningSamples.message(), channel: Channel(rawValue: "sms"))
        let noMail = await transport.error(of: other)
        XCTAssertEqual(noMail?.isTransient, true, "a mistake of the deployment")
        let nobody = await transport.error(of: try SigningSamples.mail(try SigningSamples.message { $0.from = [] }))
        XCTAssertEqual(nobody?.isTransient, false)
        XCTAssertEqual(capture.mails.count, 0)
    }

    func testSignsAMailOfAnotherDomainAllTheSame() async throws {
        let capture = CaptureTransport()
        let message = try SigningSamples.message { $0.from = [try Mailbox("a@elsewhere.example")] }
        _ = try await capture.signed(by: try SigningSamples.signers()[0]).deliver(try SigningSamples.mail(message))
        XCTAssertTrue(try XCTUnwrap(capture.mails.first).bytes.starts(with: "DKIM-Signature".utf8))
    }

    func testACancelledDeliveryHandsNothingOn() async throws {
        let path = folder.appending(path: "dkim.pem")
        try SigningSamples.rsaKey().write(to: path, atomically: true, encoding: .utf8)
        for signer in [try SigningSamples.signers()[0], signer(path), signer(path.appending(path: "missing"))] {
            let capture = CaptureTransport()
            let transport = capture.signed(by: signer)
            let mail = try SigningSamples.mail(try SigningSamples.message())
            let refusal = await cancelledBeforehand { await transport.error(of: mail) }
            XCTAssertEqual(refusal?.code, .cancelled)
            XCTAssertEqual(capture.mails.count, 0)
        }
    }

    func testManyDeliveriesAtOnceShareOneReadingOfTheKey() async throws {
        let path = folder.appending(path: "dkim.pem")
        try SigningSamples.ed25519Key().write(to: path, atomically: true, encoding: .utf8)
        let capture = CaptureTransport()
        let transport = capture.signed(by: signer(path))
        let mail = try SigningSamples.mail(try SigningSamples.message())
        let failures = await withTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { await transport.outcomeInWords(of: mail) } }
            return await group.reduce(into: 0) { $0 += $1.hasPrefix("throws") ? 1 : 0 }
        }
        XCTAssertEqual(failures, 0)
        XCTAssertEqual(Set(capture.mails.map(\.bytes)).count, 1)
        XCTAssertEqual(capture.mails.count, 50)
    }

    func testPassesOnWhatTheTransportAnswers() async throws {
        let refusing = CaptureTransport { _ throws(TransportError) in throw TransportError(.throttled, "slowly") }
        let transport = refusing.signed(by: try SigningSamples.signers()[0])
        let refusal = await transport.error(of: try SigningSamples.mail(try SigningSamples.message()))
        XCTAssertEqual(refusal?.code, .throttled)
    }

    func testABuildFindsAllProblemsAtOnce() throws {
        let inner = ProbedTransport()
        let bad = DKIMSigner(domain: "example", selector: "a_b", key: .pem("nonsense"))
        let twice = try SigningSamples.signers()[0]
        let builder = PipelineBuilder().transport(inner.signed(by: bad, twice, twice))
        XCTAssertThrowsError(try builder.build()) { error in
            let text = "\(error)"
            for words in ["dkim example domain", "dkim example selector", "no PEM", "two signers use", "inner's own"] {
                XCTAssertTrue(text.contains(words), "\(words) is not in:\n\(text)")
            }
        }
        XCTAssertThrowsError(try PipelineBuilder().transport(inner.signed()).build()) { error in
            XCTAssertTrue("\(error)".contains("no signer"))
        }
    }

    func testIsComposedInOneExpression() throws {
        let signer = try SigningSamples.signers()[0]
        let builder = PipelineBuilder().transport(.captured().signed(by: signer))
        XCTAssertThrowsError(try builder.build()) { error in
            XCTAssertEqual(
                (error as? ConfigurationError)?.problems.map(\.subject), ["broker"], "all but the broker is right")
        }
    }

    func testLeavesRoutesToTheTransport() throws {
        let signer = try SigningSamples.signers()[0]
        XCTAssertEqual(ProbedTransport().signed(by: signer).owns("probed"), true)
        XCTAssertEqual(ProbedTransport().signed(by: signer).owns("other"), false)
        XCTAssertNil(CaptureTransport().signed(by: signer).owns("probed"))
    }

    func testIsNamedByAURL() async throws {
        let path = folder.appending(path: "dkim.pem")
        try SigningSamples.ed25519Key().write(to: path, atomically: true, encoding: .utf8)
        let capture = CaptureTransport()
        let probe = TransportScheme("probe") { _ throws(ConfigurationError) in capture }
        let schemes = AdapterSchemes(transports: [probe, .dkim])
        let transport = try schemes.transport(
            "dkim(dkim(probe:)?domain=example.org&selector=in&key=\(path.path))?domain=example.org&selector=out"
                + "&key=\(path.path)&identity=%40post.example.org&canonicalization=simple/relaxed")
        _ = try await transport.deliver(try SigningSamples.mail(try SigningSamples.message()))
        let bytes = try XCTUnwrap(capture.mails.first).bytes
        XCTAssertEqual(SigningSamples.tag("s", of: bytes), "in")
        let fields = String(decoding: bytes, as: UTF8.self).components(separatedBy: "DKIM-Signature:")
        XCTAssertEqual(fields.count, 3)
        let outer = Array(("DKIM-Signature:" + fields[2]).utf8)
        XCTAssertEqual(SigningSamples.tag("s", of: outer), "out")
        XCTAssertEqual(SigningSamples.tag("i", of: outer), "@post.example.org")
        XCTAssertEqual(SigningSamples.tag("c", of: outer), "simple/relaxed")

        XCTAssertThrowsError(try schemes.transport("dkim(probe:)?canonicalization=simpel")) { error in
            let text = "\(error)"
            for words in ["needs a domain", "needs a selector", "needs a key", "canonicalization is"] {
                XCTAssertTrue(text.contains(words), "\(words) is not in:\n\(text)")
            }
        }
    }

    func testShutsTheTransportDown() async throws {
        let inner = ProbedTransport()
        await inner.signed(by: try SigningSamples.signers()[0]).shutdown()
        XCTAssertEqual(inner.shutdowns.load(ordering: .relaxed), 1)
    }

    func testACheckTellsTheRecordToPublish() async throws {
        let missing = DKIMSigner(domain: "Example.org", selector: "gone", key: .file("/nowhere/at/all.pem"))
        let transport = ProbedTransport().signed(
            by: try SigningSamples.signers()[0], try SigningSamples.signers()[1], missing)
        let checks = await transport.checkConnection(until: .now + .seconds(10))
        XCTAssertEqual(
            checks.map(\.subject),
            [
                "dkim rsa._domainkey.example.org", "dkim ed._domainkey.example.org", "dkim gone._domainkey.example.org",
                "inner",
            ])
        func finding(_ check: ConnectionCheck, _ name: String) -> String? {
            check.findings.first { $0.name == name }?.value
        }
        XCTAssertEqual(finding(checks[0], "algorithm"), "rsa-sha256, 2048 bits")
        let der = try SigningSamples.made(["pkey", "-pubout"], from: try SigningSamples.rsaKey())
            .split(separator: "\n").dropFirst().dropLast().joined()
        let record = try XCTUnwrap(finding(checks[0], "DNS record"))
        XCTAssertTrue(record.hasPrefix("rsa._domainkey.example.org. TXT \"v=DKIM1; k=rsa; p="))
        XCTAssertTrue(record.replacing("\" \"", with: "").hasSuffix("p=\(der)\""))
        for part in record.split(separator: "\"").dropFirst() { XCTAssertLessThanOrEqual(part.utf8.count, 255) }
        XCTAssertEqual(finding(checks[1], "algorithm"), "ed25519-sha256")
        XCTAssertNotNil(try XCTUnwrap(finding(checks[1], "DNS record")).wholeMatch(of: /.*p=[A-Za-z0-9+\/]{43}="/))
        XCTAssertNil(checks[1].problem)
        XCTAssertTrue(try XCTUnwrap(checks[2].problem).contains("/nowhere/at/all.pem"))
    }
}

extension Transport where Self == CaptureTransport {
    fileprivate static func captured() -> CaptureTransport { CaptureTransport() }
}

/// A transport that says what it was asked.
private final class ProbedTransport: Transport, ConnectionChecking, RouteOwning {
    let shutdowns = Atomic(0)

    func owns(_ route: String) -> Bool? { route == "probed" }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        DeliveryReport(all: mail.envelope.recipients, .accepted)
    }

    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        [ConfigurationProblem("inner", "the inner's own")]
    }

    func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        [ConnectionCheck("inner")]
    }

    func shutdown() async { shutdowns.add(1, ordering: .relaxed) }
}
