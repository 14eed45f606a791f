import Mailroom
import MailroomTesting
import XCTest

@testable import MailroomSMTP

/// Many deliveries at once against a server of random answers and accidents: whatever happens, what is told is true.
final class ModelTests: XCTestCase {
    private struct Told: Sendable {
        let recipients: [String]
        var outcomes: [String: RecipientOutcome.Status] = [:]
        var error: TransportError?
    }

    private nonisolated static func deliver(
        _ number: Int, through transport: SMTPTransport, _ random: SeededRandom
    ) async throws -> Told {
        let recipients = (0...Int(random.next() % 4)).map { "m\(number)r\($0)@example.org" }
        let size = [0, 0, 0, 0, 20 << 10, 70 << 10, 1200 << 10][Int(random.next() % 7)]
        let isHurried = random.next() % 12 == 0
        let mail = try makeMail(
            "m\(number)", to: recipients, attachment: size, within: isHurried ? .milliseconds(20) : .seconds(20))
        var told = Told(recipients: recipients)
        let task = Task<DeliveryReport, any Error> { try await transport.deliver(mail) }
        if random.next() % 8 == 0 {
            for _ in 0..<(random.next() % 400) { await Task.yield() }
            task.cancel()
        }
        do {
            let report = try await task.value
            for outcome in report.outcomes { told.outcomes[outcome.recipient] = outcome.status }
        } catch {
            told.error = error as? TransportError
        }
        return told
    }

    private nonisolated static func play(seed: UInt64) async throws -> [String] {
        let random = SeededRandom(seed: seed)
        let extensions = ["PIPELINING", "CHUNKING", "DSN"].filter { _ in random.next() % 3 > 0 } + ["SIZE"]
        let server = try ModelServer(seed: seed, extensions: extensions)
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port) {
            $0.clientName = "client.example"
            $0.maximumConnections = 1 + Int(random.next() % 3)
            $0.messagesPerConnection = random.next() % 2 == 0 ? 3 : 1000
            $0.pipelinesAcrossMessages = random.next() % 3 > 0
            $0.chunks = random.next() % 2 == 0
            $0.timeouts = SMTPTimeouts(
                greeting: .milliseconds(200), command: .milliseconds(200), data: .milliseconds(200),
                finalDot: .milliseconds(200))
        }
        let told = try await withThrowingTaskGroup(of: [Told].self) { group in
            for worker in 0..<8 {
                group.addTask {
                    let random = SeededRandom(seed: seed &* 31 &+ UInt64(worker))
                    var told: [Told] = []
                    for number in 0..<8 {
                        told.append(try await deliver(worker * 8 + number, through: transport, random))
                    }
                    return told
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        await transport.shutdown()
        let books = await server.closedBooks()
        var problems = books.problems
        if books.mostOnOneConnection > transport.configuration.messagesPerConnection {
            problems.append("\(books.mostOnOneConnection) mails on one connection")
        }
        for told in told {
            for recipient in told.recipients {
                let times = books.accepted[recipient] ?? 0
                let isTrue =
                    switch told.outcomes[recipient] {
                    case .accepted: times == 1
                    case .refused, .refusedForNow: times == 0
                    case .unknown: times <= 1 && books.begun.contains(recipient)
                    case nil: times == 0 && told.error != nil
                    }
                if isTrue { continue }
                let words = told.outcomes[recipient].map { "\($0)" } ?? told.error?.description ?? "nothing"
                problems.append("\(recipient): \(words), though accepted \(times) times")
            }
        }
        return problems.map { "seed \(seed) (\(extensions.joined(separator: " "))): \($0)" }
    }

    func testWhateverHappensEveryOutcomeIsTrue() async throws {
        let first = ProcessInfo.processInfo.environment["MAILROOM_SEED"].flatMap { UInt64($0) } ?? 1
        let count = ProcessInfo.processInfo.environment["MAILROOM_SEEDS"].flatMap { UInt64($0) } ?? 8
        for seed in first..<(first + count) {
            let problems = try await Self.play(seed: seed)
            XCTAssertEqual(problems, [])
        }
    }
}
