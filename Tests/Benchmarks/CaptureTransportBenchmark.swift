import Foundation
import Mailroom
import MailroomMIME
import MailroomTesting
import Synchronization

/// How many mails a second the in-process capture takes, from one deliverer and from many, beside what the same loop does
/// with a transport that only appends to an array under a lock, and with one that keeps nothing.
func captureTransportFigures() async throws -> [Figure] {
    let mails = try (0..<1000).map(smallMail)
    var figures: [Figure] = []
    for deliverers in [1, 64] {
        let count = 200_000
        var (empty, plain, captured, awaited): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for _ in 0..<9 {
            empty.append(try await rate(of: EmptyTransport(), mails, count, deliverers))
            plain.append(try await rate(of: PlainTransport(), mails, count, deliverers))
            let capture = CaptureTransport()
            captured.append(try await rate(of: capture, mails, count, deliverers))
            precondition(capture.mails.count == count)
            awaited.append(try await awaitedRate(mails, count, deliverers))
        }
        let who = deliverers == 1 ? "one deliverer" : "\(deliverers) deliverers"
        figures += [
            Figure(name: "a transport that keeps nothing, \(who)", unit: "mails/s", value: median(empty)),
            Figure(name: "an array under a lock, \(who)", unit: "mails/s", value: median(plain)),
            Figure(name: "captured, \(who)", unit: "mails/s", value: median(captured), limit: 500_000),
            Figure(
                name: "captured and awaited, \(who)", unit: "mails/s", value: median(awaited), limit: 500_000),
        ]
    }
    return figures
}

/// The same into an inbox while somebody waits for all of them.
private func awaitedRate(_ mails: [Mail], _ count: Int, _ deliverers: Int) async throws -> Double {
    let capture = CaptureTransport()
    async let all = capture.mails(atLeast: count, within: .seconds(60))
    let rate = try await rate(of: capture, mails, count, deliverers)
    let captured = try await all
    precondition(captured.count == count)
    return rate
}

/// Mails a second that deliverers hand over, each one after the other.
private func rate(
    of transport: some Transport, _ mails: [Mail], _ count: Int, _ deliverers: Int
) async throws -> Double {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<deliverers {
            group.addTask {
                for number in 0..<count / deliverers {
                    _ = try await transport.deliver(mails[number % mails.count])
                }
            }
        }
        try await group.waitForAll()
    }
    return Double(count) / (ContinuousClock.now - start).inSeconds
}

private func smallMail(_ number: Int) throws -> Mail {
    let address = "member-\(number)@example.org"
    return Mail(
        id: JobID(at: Date(timeIntervalSince1970: 0), random: SystemRandomSource()),
        envelope: Envelope(reversePath: try EmailAddress("club@example.org"), recipients: [.to(address)]),
        message: InternetMessage(
            from: [try Mailbox("Club <club@example.org>")], to: [try Mailbox(address)], subject: "Invitation",
            date: MessageDate(secondsSince1970: 0), messageID: "\(number)@example.org", text: "Bonjour\n"),
        deadline: .now + .seconds(3600))
}

/// Accepts everyone and keeps nothing.
private struct EmptyTransport: Transport {
    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        DeliveryReport(all: mail.envelope.recipients, .accepted)
    }
}

/// The least that keeps mails.
private final class PlainTransport: Transport {
    private let mails = Mutex<[Mail]>([])

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        mails.withLock { $0.append(mail) }
        return DeliveryReport(all: mail.envelope.recipients, .accepted)
    }
}
