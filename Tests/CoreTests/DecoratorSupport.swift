import Foundation
import Mailroom
import MailroomMIME
import MailroomTesting

extension Mail {
    /// A mail to these addresses.
    static func sample(
        to addresses: String..., channel: Channel = .email, within time: Duration = .seconds(60),
        earlierRoutes: [String: String] = [:]
    ) -> Mail {
        sample(to: addresses, channel: channel, within: time, earlierRoutes: earlierRoutes)
    }

    static func sample(
        to addresses: [String], channel: Channel = .email, within time: Duration = .seconds(60),
        earlierRoutes: [String: String] = [:]
    ) -> Mail {
        Mail(
            id: JobID(at: Date(timeIntervalSince1970: 0), random: SystemRandomSource()), channel: channel,
            envelope: Envelope(
                reversePath: nil, recipients: addresses.map { Recipient(channel: channel, address: $0) }),
            message: InternetMessage(
                from: [], subject: "Invitation", date: MessageDate(secondsSince1970: 0), messageID: "1@example.org",
                text: "Bonjour\n"),
            deadline: .now + time, earlierRoutes: earlierRoutes)
    }
}

extension Transport {
    /// What a delivery comes to, in words.
    func outcome(of mail: Mail) async -> String {
        do {
            let report = try await deliver(mail)
            let words = report.outcomes.map {
                "\($0.recipient.prefix { $0 != "@" }) \($0.status)\($0.route.isEmpty ? "" : " by \($0.route)")"
            }
            return words.joined(separator: ", ") + (report.retryAfter.map { ", wait \($0)" } ?? "")
        } catch {
            return "throws \(error.code.rawValue)\(error.isTransient ? "" : " for good")"
                + (error.retryAfter.map { ", wait \($0)" } ?? "")
        }
    }
}

extension CaptureTransport {
    /// Reaches nobody.
    static func failing(
        _ code: TransportError.Code = .connectionFailed, isTransient: Bool = true, retryAfter: Duration? = nil
    ) -> CaptureTransport {
        CaptureTransport { _ throws(TransportError) in
            throw TransportError(code, "it is \(code.rawValue)", isTransient: isTransient, retryAfter: retryAfter)
        }
    }

    /// Answers everyone the same.
    static func answering(
        _ status: RecipientOutcome.Status, reply: Reply? = nil, route: String = "", retryAfter: Duration? = nil
    ) -> CaptureTransport {
        CaptureTransport { mail throws(TransportError) in
            var report = DeliveryReport(all: mail.envelope.recipients, status, reply: reply, route: route)
            report.retryAfter = retryAfter
            return report
        }
    }

    /// To whom mail was handed, mail by mail: their names before the @.
    var handed: [String] {
        mails.map { $0.envelope.recipients.map { String($0.address.prefix { $0 != "@" }) }.joined(separator: " ") }
    }
}

/// A transport that knows its route.
struct Known: RouteOwning, ConnectionChecking {
    let route: String
    let base: any Transport

    init(_ route: String, _ base: (any Transport)? = nil) {
        self.route = route
        self.base = base ?? CaptureTransport.answering(.accepted, route: route)
    }

    func owns(_ route: String) -> Bool? { route == self.route }
    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport { try await base.deliver(mail) }
    func shutdown() async { await base.shutdown() }
    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        route.isEmpty ? [ConfigurationProblem("known", "its route is empty")] : []
    }
    func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        [ConnectionCheck(route)]
    }
}

/// The problems that building a pipeline of a transport finds.
func problems(of transport: any Transport) -> [String] {
    do {
        _ = try PipelineBuilder().broker(UnsettlingBroker(time: ManualClock())).transport(transport).build()
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
