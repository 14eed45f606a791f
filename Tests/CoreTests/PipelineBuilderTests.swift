import Mailroom
import MailroomMemoryBroker
import MailroomTesting
import XCTest

final class PipelineBuilderTests: XCTestCase {
    func testAnEmptyCompositionIsRefusedWithEverythingThatIsMissing() {
        XCTAssertEqual(problems(PipelineBuilder()).map(\.subject), ["broker", "transport"])
    }

    func testEveryContradictionIsListedAtOnce() {
        let builder = PipelineBuilder().broker(.memory()).transport(CaptureTransport())
            .channels(.email, Channel(rawValue: "fax"))
            .retry(.delays([.seconds(10)], attempts: 5))
            .retry(.exponential(base: .zero, factor: 0.5, maximum: .seconds(-1), attempts: 0, jitter: 2), named: "odd")
            .retention(Retention(finished: .seconds(-1)))
            .limits { limits in
                limits.job = .seconds(60)
                limits.shutdownGrace = .seconds(60)
                limits.lease = .seconds(20)
                limits.leaseExtension = .seconds(10)
            }
        let found = problems(builder).map(\.subject)
        XCTAssertEqual(
            found,
            ["lease", "shutdown grace", "retention", "channel fax", "retry policy"]
                + Array(repeating: "retry policy \"odd\"", count: 5))
    }

    func testLimitsThatAreNotPositiveAreRefused() {
        let builder = PipelineBuilder().broker(.memory()).transport(CaptureTransport()).limits { limits in
            limits.job = .zero
            limits.lease = .seconds(-1)
            limits.leaseExtension = .zero
        }
        let found = problems(builder).map(\.subject)
        XCTAssert(found.contains("job limit"))
        XCTAssert(found.contains("lease"))
        XCTAssert(found.contains("lease extension"))
    }

    func testABuilderIsAValue() throws {
        let base = PipelineBuilder().broker(.memory())
        _ = base.transport(CaptureTransport())
        XCTAssertEqual(problems(base).map(\.subject), ["transport"])
    }

    func testAnAdaptersOwnProblemsAreAsked() {
        struct Broken: Transport {
            func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport { DeliveryReport([]) }
            func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
                [ConfigurationProblem("broken", "job limit is \(context.limits.job)")]
            }
        }
        let found = problems(PipelineBuilder().broker(.memory()).transport(Broken()))
        XCTAssertEqual(found.map(\.description), ["broken: job limit is 60.0 seconds"])
    }

    private func problems(_ builder: PipelineBuilder) -> [ConfigurationProblem] {
        do throws(ConfigurationError) {
            _ = try builder.build()
            return []
        } catch {
            return error.problems
        }
    }
}
