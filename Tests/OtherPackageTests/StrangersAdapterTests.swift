import Foundation
import Mailroom
import MailroomCommands
import MailroomMIME
import MailroomTesting
import Synchronization
import XCTest

/// Adapters as another package writes them: this target sees public names only.
final class StrangersAdapterTests: XCTestCase {
    func testAStrangersAdaptersAreComposedLikeOurs() async throws {
        let pigeons = PigeonTransport(loft: "north")
        let pipeline = try PipelineBuilder()
            .broker(.notebook)
            .transport(pigeons)
            .renderer(ShoutingRenderer())
            .retry(.stubborn)
            .build()
        let receipt = try await pipeline.submit(
            Message(
                from: "me@example.org", to: [.to("you@example.org")],
                document: Document(template: "shout", values: ["word": "hello"])))
        guard case .queued = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        var options = WorkerOptions()
        options.stopsWhenEmpty = true
        let summary = try await pipeline.run(options)
        XCTAssertEqual(summary.settled, [.finished: 1])
        XCTAssertEqual(summary.attempts, 3, "two pigeons were lost on the way")
        XCTAssertEqual(pigeons.letters.count, 1)
        XCTAssert(pigeons.letters[0].contains("HELLO"))
    }

    func testAStrangersTestCapturesWhatTheirAppSends() async throws {
        let composition = PipelineBuilder().transport(PigeonTransport(loft: "north")).broker(NotebookBroker())
        let capture = CaptureTransport(.refusing(.address("him@example.org"), reply: Reply(code: 550, text: "gone")))
        let pipeline = try composition.capturing(capture).build()
        let receipt = try await pipeline.submit(
            Message(
                from: "me@example.org", to: [.to("you@example.org"), .to("him@example.org")], subject: "Hello",
                text: "hello"))
        var options = WorkerOptions()
        options.stopsWhenEmpty = true
        try await pipeline.run(options)
        let mail = try capture.expectOne(.to("you@example.org"), .subject("Hello"), .job(receipt.id))
        XCTAssertEqual(mail.text, "hello\n")
        XCTAssertEqual(try mail.answer?.get().outcomes.map(\.status), [.accepted, .refused])
        XCTAssertThrowsError(try capture.expectNone(.satisfying("of mine") { $0.id == receipt.id })) { error in
            XCTAssertEqual((error as? CaptureFailure)?.isCancellation, false)
        }
    }

    func testAStrangersConfigurationProblemsAreListedWithAllOthers() {
        XCTAssertThrowsError(try PipelineBuilder().transport(PigeonTransport(loft: "")).build()) { error in
            XCTAssertEqual((error as? ConfigurationError)?.problems.map(\.subject), ["broker", "pigeons"])
        }
    }

    func testAStrangersAdaptersAreConfiguredByURLAndRunByTheSameCommands() async throws {
        let console = Mutex<(output: String, errors: String)>(("", ""))
        let sink = Console(
            write: { text in console.withLock { $0.output += text } },
            writeError: { text in console.withLock { $0.errors += text } })
        NotebookBroker.shared.reset()
        let pipeline = try PipelineBuilder().broker(NotebookBroker.shared).transport(CaptureTransport()).build()
        try await pipeline.submit(Message(from: "me@example.org", to: [.to("you@example.org")], text: "hello"))
        let commands = MailroomCommands(
            PipelineBuilder().retry(.stubborn),
            schemes: AdapterSchemes(transports: [.pigeon], brokers: [.notebook]))
        let status = await commands.run(
            ["work", "--broker", "notebook:shared", "--transport", "pigeon:?loft=south", "--stop-when-empty"],
            on: sink, variables: [:])
        XCTAssertEqual(status, 0, console.withLock { $0.errors })
        XCTAssert(console.withLock { $0.output }.contains("1 finished"), console.withLock { $0.output })
        let refused = await commands.run(
            ["work", "--broker", "notebook:shared", "--transport", "pigeon:?lotf=south"], on: sink, variables: [:])
        XCTAssertEqual(refused, 2)
        XCTAssert(console.withLock { $0.errors }.contains("there is no option \"lotf\""))
    }

    func testAStrangersTransportIsLookedIntoInTenLines() async {
        let summary = await TransportContract.summary { behaviour in
            guard behaviour == .accepts else { return nil }
            let gulls = GullTransport()
            return TransportBench(gulls) { gulls.arrivals }
        }
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.kept.count, 10, "\(summary.notApplicable)")
    }

    func testAStrangersCompositionIsNamedByURL() throws {
        let twice = TransportScheme("twice", parts: 1...1) { _, parts throws(ConfigurationError) in
            TransportGroup.failover(parts[0], parts[0].throttled(to: 1, per: .seconds(60)))
        }
        let schemes = AdapterSchemes(transports: [.pigeon, twice])
        XCTAssertNoThrow(try schemes.transport("roundrobin(twice(pigeon:),breaker(pigeon:?loft=a%2Cb)?after=3)"))
    }

    func testAStrangersBrokerLearnsWhichPromisesItKeeps() async throws {
        let summary = await BrokerContract.summary { _ in NotebookBroker() }
        XCTAssertTrue(summary.kept.contains("Jobs come back whole and in the order of their submission"))
        XCTAssertTrue(summary.violations.contains { $0.clause == "A job is not handed out before it is due" })
        XCTAssertTrue(summary.notApplicable.contains("Counts follow a job through every state"))
        let shared = await BrokerContract.summary(sharing: { _ in
            let notebook = NotebookBroker()
            return (notebook, notebook)
        })
        XCTAssertLessThan(shared.notApplicable.count, summary.notApplicable.count)
        let verdict = try await BrokerContract.clauses[0].verify { _ in NotebookBroker() }
        XCTAssertEqual(verdict, .kept)
    }

    func testTheCommandsRunOverAPipelineOfOnesOwn() async throws {
        let broker = NotebookBroker()
        let capture = CaptureTransport()
        let pipeline = try PipelineBuilder().broker(broker).transport(capture).build()
        try await pipeline.submit(Message(from: "me@example.org", to: [.to("you@example.org")], text: "hello"))
        let silent = Console(write: { _ in }, writeError: { _ in })
        let status = await MailroomCommands(pipeline).run(["work", "--stop-when-empty"], on: silent, variables: [:])
        XCTAssertEqual(status, 0)
        XCTAssertEqual(capture.mails.count, 1)
    }
}

/// A transport that loses the first two pigeons of every letter.
final class PigeonTransport: Transport {
    private let loft: String
    private let flown = Mutex<[String]>([])

    init(loft: String) { self.loft = loft }

    var letters: [String] { flown.withLock { $0 } }

    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        loft.isEmpty ? [ConfigurationProblem("pigeons", "they have no loft to come home to: name one")] : []
    }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        guard mail.attempt > 2 || loft == "south" else { throw TransportError(.connectionLost, "a hawk") }
        flown.withLock { $0.append(String(decoding: mail.bytes, as: UTF8.self)) }
        return DeliveryReport(all: mail.envelope.recipients, .accepted, route: "loft:\(loft)")
    }
}

/// A transport whose next hop is in memory.
final class GullTransport: Transport {
    private let landed = Mutex<[TransportBench.Arrival]>([])

    var arrivals: [TransportBench.Arrival] { landed.withLock { $0 } }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        guard !Task.isCancelled else { throw TransportError(.cancelled, "the gull was called back") }
        guard mail.deadline > .now else { throw TransportError(.timedOut, "it is too late for a gull") }
        let recipients = mail.envelope.recipients
        landed.withLock {
            $0.append(
                TransportBench.Arrival(
                    reversePath: mail.envelope.reversePath?.description, recipients: recipients.map(\.address),
                    content: mail.bytes))
        }
        return DeliveryReport(all: recipients, .accepted, route: "gulls")
    }
}

extension AdapterScheme where Adapter == any Transport {
    static var pigeon: Self {
        Self("pigeon", options: ["loft"]) { url throws(ConfigurationError) in
            PigeonTransport(loft: url["loft"] ?? "")
        }
    }
}

/// A renderer with one template.
struct ShoutingRenderer: Renderer {
    func check(_ document: Document) throws(RenderError) -> TemplateVersion {
        guard document.template == "shout" else {
            throw RenderError(.unknownTemplate, "there is only the template shout")
        }
        guard case .text = document.values["word"] else {
            throw RenderError(.invalidValues, "shout needs a word", keys: ["word"])
        }
        return TemplateVersion(of: Array("shout".utf8))
    }

    func render(_ document: Document) async throws(RenderError) -> RenderedDocument {
        guard case .text(let word) = document.values["word"] else { throw RenderError(.invalidValues, "no word") }
        return RenderedDocument(subject: "Listen", text: word.uppercased())
    }
}

/// Tries ten times without a wait.
struct StubbornPolicy: RetryPolicy {
    func decision(for failure: FailedAttempt) -> RetryDecision {
        failure.attempt < 10 ? .retry(after: .zero) : .giveUp
    }
}

extension RetryPolicy where Self == StubbornPolicy {
    static var stubborn: StubbornPolicy { StubbornPolicy() }
}

/// The least a broker can be: no records, no administration, no waiting.
final class NotebookBroker: Broker {
    static let shared = NotebookBroker()

    private struct Page {
        var submission: Submission
        var attempts = 0
        var token: UInt64 = 0
        var isLeased = false
    }

    private let pages = Mutex<[Page]>([])

    func reset() { pages.withLock { $0 = [] } }

    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        pages.withLock { pages in
            submissions.map { submission in
                if pages.contains(where: { $0.submission.id == submission.id }) { return .duplicate(of: submission.id) }
                pages.append(Page(submission: submission))
                return .queued(submission.id)
            }
        }
    }

    func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        pages.withLock { pages in
            pages.indices.filter { !pages[$0].isLeased }.prefix(request.limit).map { index in
                pages[index].isLeased = true
                pages[index].attempts += 1
                pages[index].token += 1
                let page = pages[index]
                return Lease(
                    id: Lease.ID(job: page.submission.id, token: page.token), submission: page.submission,
                    attempt: page.attempts,
                    recipients: page.submission.recipients.map { RecipientRecord($0, at: page.submission.createdAt) })
            }
        }
    }

    func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID] { [] }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        pages.withLock { pages in
            settlements.map { settlement in
                guard let index = pages.firstIndex(where: { $0.submission.id == settlement.lease.job }) else {
                    return .unknownJob
                }
                guard pages[index].token == settlement.lease.token else { return .leaseLost }
                switch settlement.next {
                case .retry, .snooze, .release:
                    pages[index].isLeased = false
                    return .settled(.ready)
                case .finished, .dead, .held:
                    pages.remove(at: index)
                    return .settled(settlement.next == .finished ? .finished : .dead)
                }
            }
        }
    }
}

extension Broker where Self == NotebookBroker {
    static var notebook: NotebookBroker { NotebookBroker() }
}

extension AdapterScheme where Adapter == any Broker {
    static var notebook: Self {
        Self("notebook") { url throws(ConfigurationError) in
            url.path == "shared" ? NotebookBroker.shared : NotebookBroker()
        }
    }
}
