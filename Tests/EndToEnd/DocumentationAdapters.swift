import Foundation
import Mailroom
import MailroomCommands
import MailroomFileBroker
import MailroomMIME
import MailroomMemoryBroker
import MailroomSMTP
import MailroomTesting
import Synchronization
import XCTest

// snippet: WritingAnAdapter
protocol Gateway: Sendable {
    func post(_ mail: [UInt8], to recipients: [String], until deadline: ContinuousClock.Instant) async -> GatewayAnswer
}

enum GatewayAnswer: Sendable {
    case accepted(id: String)
    case refused(code: Int, words: String)
    case busy(wait: Duration)
    case unreachable(reason: String)
    case cancelledBeforeSending
    case lostAfterSending
}
// end of snippet

// snippet: WritingAnAdapter
/// An adapter that hands mail to the gateway of a region.
struct GatewayTransport: Transport {
    let region: String
    let gateway: any Gateway

    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        region.isEmpty ? [ConfigurationProblem("gateway region", "it is empty: name one, such as eu")] : []
    }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let recipients = mail.envelope.recipients
        let route = "gateway:\(region)"
        switch await gateway.post(mail.bytes, to: recipients.map(\.address), until: mail.deadline) {
        case .accepted(let id):
            return DeliveryReport(
                recipients.map {
                    RecipientOutcome(recipient: $0.address, status: .accepted, route: route, remoteID: id)
                })
        case .refused(let code, let words):
            let status: RecipientOutcome.Status = code / 100 == 4 ? .refusedForNow : .refused
            return DeliveryReport(all: recipients, status, reply: Reply(code: code, text: words), route: route)
        case .busy(let wait):
            throw TransportError(.throttled, "The gateway asked to wait.", retryAfter: wait)
        case .unreachable(let reason):
            throw TransportError(.connectionFailed, "The gateway cannot be reached: \(reason). Check its address.")
        case .cancelledBeforeSending:
            throw TransportError(.cancelled, "The delivery was cancelled before the mail was sent.")
        case .lostAfterSending:
            return DeliveryReport(all: recipients, .unknown, route: route)
        }
    }
}
// end of snippet

// snippet: WritingAnAdapter
extension Transport where Self == GatewayTransport {
    /// Hands mail to the gateway of a region.
    static func gateway(_ region: String, _ gateway: any Gateway) -> GatewayTransport {
        GatewayTransport(region: region, gateway: gateway)
    }
}

extension AdapterScheme where Adapter == any Transport {
    /// `gateway://host?region=eu`.
    static var gateway: Self {
        Self("gateway", options: ["region"]) { url throws(ConfigurationError) in
            guard !url.host.isEmpty, let region = url["region"] else {
                throw ConfigurationError([
                    ConfigurationProblem("gateway URL", "write gateway://host?region=eu, with both host and region")
                ])
            }
            return GatewayTransport(region: region, gateway: HTTPGateway(host: url.host))
        }
    }
}
// end of snippet

// snippet: WritingAnAdapter
func runGatewayWorker() async throws {
    let schemes = AdapterSchemes(transports: [.gateway, .smtp], brokers: [.file])
    try await MailroomCommands(PipelineBuilder(), schemes: schemes, defaultBroker: "file:./queue").run()
}
// end of snippet

// snippet: WritingAnAdapter
extension Channel {
    static let pager = Channel(rawValue: "pager")
}
// end of snippet

// snippet: WritingAnAdapter
/// Tries again for a day while the next hop cannot be reached; gives up sooner on refusals.
struct PatientWithOutages: RetryPolicy {
    func decision(for failure: FailedAttempt) -> RetryDecision {
        if case .transport(let error) = failure.cause, error.code == .connectionFailed {
            return failure.elapsed < .seconds(86_400) ? .retry(after: .seconds(300)) : .giveUp
        }
        return RetryDelays([.seconds(10), .seconds(30)]).decision(for: failure)
    }
}
// end of snippet

// snippet: WritingAnAdapter
/// A renderer of one template: a greeting.
struct GreetingRenderer: Renderer {
    private let version = TemplateVersion(of: Array("Dear {name},".utf8))

    func check(_ document: Document) throws(RenderError) -> TemplateVersion {
        guard document.template == "greeting" else {
            throw RenderError(.unknownTemplate, "There is no template “\(document.template)”. There is: greeting.")
        }
        guard case .text = document.values["name"] else {
            throw RenderError(.invalidValues, "“greeting” needs the text “name”.", keys: ["name"])
        }
        return version
    }

    func render(_ document: Document) async throws(RenderError) -> RenderedDocument {
        guard try check(document) == document.version ?? version else {
            throw RenderError(.versionUnavailable, "This worker has another edition of “greeting”: deploy that one.")
        }
        guard case .text(let name)? = document.values["name"] else { return RenderedDocument() }
        return RenderedDocument(subject: "A greeting", text: "Dear \(name),\n")
    }
}
// end of snippet

// snippet: WritingAnAdapter
func verifyContract(_ makeBroker: (ManualClock) async throws -> any Broker) async throws {
    for clause in BrokerContract.clauses {
        try await clause.verify(makeBroker)
    }
}
// end of snippet

// snippet: WritingAnAdapter
func verifyContract(
    _ makeBench: @escaping @Sendable (NextHopBehaviour) async throws -> TransportBench?
) async throws {
    for clause in TransportContract.clauses {
        if try await clause.verify(makeBench) == .notApplicable { print("not looked into: \(clause.name)") }
    }
}
// end of snippet

private struct HTTPGateway: Gateway {
    let host: String

    func post(_ mail: [UInt8], to recipients: [String], until deadline: ContinuousClock.Instant) async -> GatewayAnswer
    {
        .unreachable(reason: "there is no \(host)")
    }
}

/// Gives its answers one after another.
private final class StubGateway: Gateway {
    private let answers: Mutex<[GatewayAnswer]>

    init(_ answers: [GatewayAnswer]) { self.answers = Mutex(answers) }

    func post(_ mail: [UInt8], to recipients: [String], until deadline: ContinuousClock.Instant) async -> GatewayAnswer
    {
        answers.withLock { $0.removeFirst() }
    }
}

/// The adapters that the article writes, at work.
final class DocumentationAdapters: XCTestCase {
    private let message = Message(from: "club@example.org", to: [.to("anna@example.org")], text: "Hello\n")

    private func settle(
        _ message: Message, _ change: (PipelineBuilder) -> PipelineBuilder
    ) async throws -> JobRecord {
        let pipeline = try change(PipelineBuilder().broker(.memory()).retry(.never)).build()
        let receipt = try await pipeline.submit(message)
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
        let record = try await pipeline.status(of: receipt.id)
        return try XCTUnwrap(record)
    }

    func testTheGatewaysAnswersBecomeOutcomes() async throws {
        let plan: [(GatewayAnswer, JobState, RecipientRecord.Status)] = [
            (.accepted(id: "7"), .finished, .sent),
            (.refused(code: 550, words: "no such user"), .dead, .failed),
            (.refused(code: 451, words: "later"), .dead, .failed),
            (.busy(wait: .seconds(60)), .scheduled, .pending),
            (.unreachable(reason: "no route"), .dead, .failed),
            (.lostAfterSending, .held, .unknown),
        ]
        for (answer, state, status) in plan {
            let record = try await settle(message) {
                $0.transport(.gateway("eu", StubGateway([answer])))
            }
            XCTAssertEqual(record.state, state, "\(answer)")
            XCTAssertEqual(record.recipients.map(\.status), [status], "\(answer)")
        }
    }

    func testTheGatewayIsComposedFromAURL() throws {
        let schemes = AdapterSchemes(transports: [.gateway])
        XCTAssertEqual((try schemes.transport("gateway://g.example?region=eu") as? GatewayTransport)?.region, "eu")
        XCTAssertThrowsError(try schemes.transport("gateway://g.example"))
        XCTAssertThrowsError(try schemes.transport("gateway://g.example?land=eu"))
        XCTAssertThrowsError(
            try PipelineBuilder().broker(.memory()).transport(.gateway("", StubGateway([]))).build())
    }

    func testAChannelOfItsOwnHasItsTransport() async throws {
        let pagers = CaptureTransport()
        // snippet: WritingAnAdapter
        let paging = PipelineBuilder().transport(pagers, for: .pager)
        // end of snippet
        let pipeline = try paging.broker(.memory()).build()
        let receipt = try await pipeline.submit(
            Message(to: [Recipient(channel: .pager, address: "4711")], text: "Call back\n"))
        XCTAssertEqual(receipt.jobs.count, 1)
    }

    func testThePolicyIsPatientWithOutagesOnly() {
        let policy = PatientWithOutages()
        let outage = FailedAttempt.Cause.transport(TransportError(.connectionFailed, "no route"))
        XCTAssertEqual(policy.decision(for: FailedAttempt(attempt: 40, cause: outage)), .retry(after: .seconds(300)))
        XCTAssertEqual(
            policy.decision(for: FailedAttempt(attempt: 40, cause: outage, elapsed: .seconds(86_400))), .giveUp)
        XCTAssertEqual(policy.decision(for: FailedAttempt(attempt: 3, cause: .workerLost)), .giveUp)
    }

    func testTheGreetingIsRendered() async throws {
        let capture = CaptureTransport()
        var letter = message
        letter.text = nil
        letter.document = Document(template: "greeting", values: ["name": "Anna"])
        let record = try await settle(letter) { $0.transport(capture).renderer(GreetingRenderer()) }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(capture.mails.first?.message.text, "Dear Anna,\n")
    }

    func testTheContractIsRunOverATransport() async throws {
        try await verifyContract { behaviour in
            guard behaviour == .accepts else { return nil }
            let gateway = CaptureTransport()
            return TransportBench(gateway) {
                gateway.mails.map { mail in
                    TransportBench.Arrival(
                        reversePath: mail.envelope.reversePath?.description,
                        recipients: mail.envelope.recipients.map(\.address), content: mail.bytes)
                }
            }
        }
    }

    func testTheContractIsRunOverABroker() async throws {
        try await verifyContract { clock in MemoryBroker(time: clock) }
    }
}
