import Foundation
import Mailroom
import MailroomLibraries
import MailroomScriptedServer
import TestSupport
import XCTest

@testable import MailroomSMTP

/// Cancellation where a connection is being made private, logs in or sends chunks, and what is left behind by it.
final class EncryptedCancellationTests: XCTestCase {
    private struct Point {
        let name: String
        let steps: [ScriptedServerStep]
        var attachment = 0
    }

    private func points(_ context: TLSContext) -> [Point] {
        let plain: [ScriptedServerStep] = [
            .reply("220 hi"), .expect("EHLO "), .reply("250-hi\r\n250 STARTTLS"), .expect("STARTTLS"),
        ]
        let secured = plain + [.reply("220 go"), .startTLS(context), .expect("EHLO ")]
        let open =
            secured + [
                .reply("250-hi\r\n250-AUTH LOGIN\r\n250-PIPELINING\r\n250 CHUNKING"), .expect("AUTH LOGIN"),
            ]
        let name = open + [.reply("334 VXNlcm5hbWU6"), .expect("")]
        let mail =
            name + [
                .reply("334 UGFzc3dvcmQ6"), .expect(""), .reply("235 hi"), .expect("MAIL FROM:"), .expect("RCPT TO:"),
            ]
        let chunk = mail + [.reply("250 ok\r\n250 ok"), .expect("BDAT 1048576\r\n")]
        return [
            Point(name: "STARTTLS", steps: plain + [.mark("here"), .stall]),
            Point(
                name: "handshake",
                steps: plain + [.reply("220 go"), .readThrough("\u{16}\u{3}"), .mark("here"), .stall]),
            Point(name: "AUTH", steps: open + [.mark("here"), .stall]),
            Point(name: "password", steps: name + [.mark("here"), .stall]),
            Point(name: "MAIL", steps: mail + [.mark("here"), .stall]),
            Point(name: "chunk", steps: chunk + [.mark("here"), .freeze], attachment: 3 << 20),
            Point(name: "answer to a chunk", steps: chunk + [.mark("here"), .stall], attachment: 3 << 20),
        ]
    }

    private static var descriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    private static var threads: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }

    func testCancellationReturnsWithinASecondAtEveryPointAndLeavesNothingBehind() async throws {
        let trust = try TestTrust()
        let context = try trust.serverContext()
        let points = points(context)
        let (descriptors, threads) = (Self.descriptors, Self.threads)
        let rounds = 5
        for point in Array(repeatElement(points, count: rounds).joined()) {
            let server = try ScriptedServer(point.steps)
            let transport = server.transport {
                $0.security = .required
                $0.security.trustFile = trust.file.path
                $0.credentials = .password("secret", of: "me")
                $0.chunks = true
            }
            let mail = try makeMail(attachment: point.attachment)
            let task = Task { await transport.outcome(of: mail) }
            let isHere = await server.reached("here")
            XCTAssertTrue(isHere, "\(point.name): \(server.problems)")
            let begin = ContinuousClock.now
            task.cancel()
            let outcome = await task.value
            XCTAssertEqual(outcome, "throws cancelled", point.name)
            await transport.shutdown()
            XCTAssertLessThan(begin.duration(to: .now), .seconds(1), "\(point.name), shutdown included")
            server.stop()
        }
        // The servers' own threads may not have ended yet, but one of each round's would be left for good.
        XCTAssertLessThan(Self.descriptors, descriptors + rounds * points.count)
        XCTAssertLessThan(Self.threads, threads + rounds * points.count)
    }

    func testALateAnswerOfAProviderIsForNobody() async throws {
        let server = try ScriptedServer(ScriptedServerStep.smtpOpening(["AUTH XOAUTH2"]) + [.stall])
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (asked, isAsked) = AsyncStream<Void>.makeStream()
        let transport = server.transport {
            $0.credentials = .token(of: "me") {
                isAsked.yield()
                // One that does not notice that it was cancelled.
                await Task.detached { for await _ in gate { break } }.value
                return "token"
            }
        }
        let mail = try makeMail()
        let task = Task { await transport.outcome(of: mail) }
        for await _ in asked { break }
        task.cancel()
        let outcome = await task.value
        XCTAssertEqual(outcome, "throws cancelled")
        let begin = ContinuousClock.now
        await transport.shutdown()
        XCTAssertLessThan(begin.duration(to: .now), .seconds(1))
        open.yield()
        XCTAssertFalse(server.text(on: 0).contains("AUTH"))
    }
}
