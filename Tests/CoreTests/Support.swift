import Foundation
import Mailroom
import MailroomMemoryBroker
import MailroomTesting
import XCTest

/// A pipeline on a clock moved by hand, in memory, with long waits, so that nothing happens but what a test steps to.
struct Stage {
    let clock = ManualClock()
    let broker: MemoryBroker
    let capture: CaptureTransport
    let pipeline: Pipeline
    let options: WorkerOptions

    init(
        capture: CaptureTransport = CaptureTransport(), concurrency: Int = 1,
        _ change: (PipelineBuilder) -> PipelineBuilder = { $0 }
    ) throws {
        self.capture = capture
        broker = MemoryBroker(time: clock)
        let builder = PipelineBuilder().broker(broker).transport(capture).time(clock).random(SeededRandom(seed: 1))
            .limits { limits in
                limits.job = .seconds(4000)
                limits.shutdownGrace = .seconds(5000)
                limits.lease = .seconds(30_000)
                limits.leaseExtension = .seconds(10_000)
            }
        pipeline = try change(builder).build()
        var options = WorkerOptions()
        options.concurrency = concurrency
        options.sleep = .seconds(100_000)
        self.options = options
    }

    /// Runs workers until they are cancelled, or as the options say.
    func work(_ options: WorkerOptions? = nil) -> Task<WorkSummary, any Error> {
        let (pipeline, options) = (pipeline, options ?? self.options)
        return Task { try await pipeline.run(options) }
    }

    /// Runs workers while `body` does.
    func working<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let work = work()
        do {
            let value = try await body()
            work.cancel()
            _ = try await work.value
            return value
        } catch {
            work.cancel()
            _ = try? await work.value
            throw error
        }
    }

    /// The record of a job once it is settled, without moving the clock.
    func settled(_ job: JobID) async throws -> JobRecord {
        for await _ in Polling() {
            if let record = try await pipeline.status(of: job), record.state.isSettled { return record }
        }
        throw CancellationError()
    }

    /// The record of a job once `condition` holds.
    func record(_ job: JobID, when condition: (JobRecord) -> Bool) async throws -> JobRecord {
        for await _ in Polling() {
            if let record = try await pipeline.status(of: job), condition(record) { return record }
        }
        throw CancellationError()
    }
}

/// Lets other tasks run between looks; ends after ten seconds of them.
struct Polling: AsyncSequence, AsyncIteratorProtocol {
    private let end = ContinuousClock.now + .seconds(10)

    mutating func next() async -> Void? {
        await Task.yield()
        return ContinuousClock.now < end ? () : nil
    }

    func makeAsyncIterator() -> Polling { self }
}

extension Message {
    static func sample(to addresses: String..., subject: String = "Invitation") -> Message {
        Message(
            from: "Club <club@example.org>", to: addresses.map { .to($0) }, subject: subject, text: "Bonjour\n")
    }
}

extension Reply {
    static let busy = Reply(code: 451, enhancedStatus: "4.3.0", text: "busy")
    static let noUser = Reply(code: 550, enhancedStatus: "5.1.1", text: "no such user")
}

func XCTAssertThrowsErrorAsync<Failure: Error, Value>(
    _ type: Failure.Type, _ body: () async throws -> Value, _ check: (Failure) -> Void = { _ in },
    file: StaticString = #filePath, line: UInt = #line
) async {
    do {
        _ = try await body()
        XCTFail("nothing was thrown", file: file, line: line)
    } catch let error as Failure {
        check(error)
    } catch {
        XCTFail("threw \(error)", file: file, line: line)
    }
}
