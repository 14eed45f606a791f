package import XCTest

extension XCTestCase {
    /// Runs a scenario with the fault at call 0, then at call 1 and so on, each time with a new disk, until one ends
    /// without having come to the faulty call. Stops at the first that fails an assertion or throws, and says at which
    /// call of which kind on which path the fault was.
    ///
    /// The scenario makes its processes with `disk.process()`. What it does before the fault may happen goes into
    /// `disk.withoutFaults { }`; ``SimulatedDisk/killAll()``, ``SimulatedDisk/losePower(keeping:)`` or
    /// ``SimulatedDisk/mend()`` end the faults, so that it can look at what is left.
    ///
    /// - Parameters:
    ///   - numbers: The calls to try the fault at: `[17]` to see one again, a stride where there are too many.
    /// - Returns: How many calls the fault was tried at.
    @discardableResult
    package func sweep(
        _ fault: Fault, at numbers: some Sequence<Int> = 0..<Int.max, seed: UInt64 = 1, capacity: Int = .max / 2,
        file: StaticString = #filePath, line: UInt = #line, _ scenario: (SimulatedDisk) async throws -> Void
    ) async -> Int {
        let sweep = DiskSweep(fault: fault, seed: seed, capacity: capacity)
        let (count, problem) = await sweep.run(
            at: numbers, failureCount: { testRun?.totalFailureCount ?? 0 }, scenario)
        if let problem { XCTFail(problem, file: file, line: line) }
        return count
    }
}

/// What ``XCTest/XCTestCase/sweep(_:at:seed:capacity:file:line:_:)`` does, without a test case.
package struct DiskSweep {
    let fault: Fault
    let seed: UInt64
    let capacity: Int

    package init(fault: Fault, seed: UInt64 = 1, capacity: Int = .max / 2) {
        self.fault = fault
        self.seed = seed
        self.capacity = capacity
    }

    /// Answers how many calls the fault was tried at, and what went wrong at the last of them. `failureCount` rises when
    /// an assertion fails.
    package func run(
        at numbers: some Sequence<Int>, failureCount: () -> Int, _ scenario: (SimulatedDisk) async throws -> Void
    ) async -> (count: Int, problem: String?) {
        var count = 0
        for number in numbers {
            // Each run has chances of its own, which are the same when it is run again.
            let disk = SimulatedDisk(seed: seed &* 1_000_003 &+ UInt64(number), capacity: capacity)
            disk.plan(fault, atCall: number)
            let failures = failureCount()
            var problem: String?
            do {
                try await scenario(disk)
            } catch {
                problem = "The scenario throws \(error)"
            }
            if problem == nil, failureCount() > failures { problem = "Something failed" }
            if let problem { return (count, story(of: disk, at: number, problem)) }
            guard disk.faultyCall != nil else { break }
            count += 1
        }
        return (count, count == 0 ? "No call met the fault: \(fault)" : nil)
    }

    /// What a person needs who looks for the cause of a failure.
    private func story(of disk: SimulatedDisk, at number: Int, _ problem: String) -> String {
        let calls = disk.calls
        guard let faulty = disk.faultyCall else {
            return "\(problem), without a fault (seed \(seed)). The last calls:\n\(list(calls.suffix(20)))"
        }
        let around = calls[max(0, faulty.number - 8)..<min(calls.count, faulty.number + 13)]
        return "\(problem), with a fault at number \(number) (\(fault); seed \(seed)): \(faulty).\n"
            + "The calls around it:\n\(list(around))"
    }

    private func list(_ calls: some Sequence<RecordedCall>) -> String {
        calls.map { "  \($0)" }.joined(separator: "\n")
    }
}
