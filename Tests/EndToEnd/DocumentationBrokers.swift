import Foundation
import Mailroom
import MailroomMemoryBroker
import MailroomRedisBroker
import MailroomTesting
import Synchronization
import XCTest

/// The examples of the article on brokers, on a broker in memory.
final class DocumentationBrokers: XCTestCase {
    func testFailedJobsAreCountedAndRetried() async throws {
        let capture = CaptureTransport()
        let composition = PipelineBuilder().broker(.memory()).transport(capture)
        // snippet: Brokers
        let pipeline = try composition.build()
        let broker = try pipeline.administration
        for queue in try await broker.counts() where queue[.dead] + queue[.held] > 0 {
            print("\(queue.queue): \(queue[.dead]) dead, \(queue[.held]) held")
        }
        for cause in try await broker.failureCauses() { print(cause.count, cause.cause ?? "no cause recorded") }
        try await broker.retryAll(cause: "451 4.3.0 mailbox busy")
        // end of snippet
        await pipeline.shutdown()
    }

    func testARedisBrokerIsComposed() throws {
        let (composition, secret) = (PipelineBuilder().transport(CaptureTransport()), "p@ss")
        // snippet: Brokers
        let pipeline =
            try composition
            .broker(
                .redis("queue.example.org", security: .encrypted) {
                    $0.user = "club"
                    $0.password = secret
                    $0.prefix = "club"
                }
            )
            .build()
        // end of snippet
        XCTAssertNotNil(pipeline)
    }

    func testEventsAreFollowed() async throws {
        let pipeline = try PipelineBuilder().broker(.memory()).transport(CaptureTransport()).build()
        let pushed = Mutex<[JobID]>([])
        let gate = Wakeup()
        @Sendable func push(_ type: String, _ job: JobID) {
            pushed.withLock { $0.append(job) }
            gate.signal()
        }
        @Sendable func refresh() {}
        let follower = Task {
            // snippet: Brokers
            for try await element in try pipeline.jobEvents() {
                switch element {
                case .event(let event) where event.kind == .finished: push("message_sent", event.job)
                case .event: break
                case .gap: refresh()
                }
            }
            // end of snippet
        }
        let worker = Task { try await pipeline.run(WorkerOptions()) }
        let generation = gate.generation
        // Until the follower has begun, what happens is before its place.
        while pushed.withLock({ $0.isEmpty }) {
            let receipt = try await pipeline.submit(
                Message(from: "a@example.org", to: [.to("b@example.org")], subject: "s", text: "t"))
            _ = try await pipeline.outcome(of: receipt.id)
        }
        await gate.wait(after: generation)
        XCTAssertFalse(pushed.withLock { $0.isEmpty })
        follower.cancel()
        worker.cancel()
        _ = try? await worker.value
        await pipeline.shutdown()
    }
}
