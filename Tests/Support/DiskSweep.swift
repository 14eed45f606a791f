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
    /// - Returns: How many calls the fault was tried at.
    @discardableResult
    package func sweep(
        _ fault: Fault, seed: UInt64 = 1, capacity: Int = .max / 2, file: StaticString = #filePath, line: UInt = #line,
        _ scenario: (SimulatedDisk) async throws -> Void
    ) async -> Int {
        var number = 0
        while true {
            // Each run has chances of its own, which are the same when it is run again.
            let disk = SimulatedDisk(seed: seed &* 1_000_003 &+ UInt64(number), capacity: capacity)
            disk.plan(fault, atCall: number)
            let failures = testRun?.totalFailureCount ?? 0
            var problem: String?
            do {
                try await scenario(disk)
            } catch {
                problem = "The scenario throws \(error)"
            }
            if problem == nil, (testRun?.totalFailureCount ?? 0) > failures { problem = "Something failed" }
            if let problem {
                XCTFail(disk.story(of: fault, at: number, seed: seed, problem), file: file, line: line)
                return number
            }
            guard disk.faultyCall != nil else {
                XCTAssertGreaterThan(number, 0, "no call met the fault: \(fault)", file: file, line: line)
                return number
            }
            number += 1
        }
    }
}

extension SimulatedDisk {
    /// What a person needs who looks for the cause of a failure.
    fileprivate func story(of fault: Fault, at number: Int, seed: UInt64, _ problem: String) -> String {
        let calls = calls
        guard let faulty = faultyCall else {
            return "\(problem), without a fault (seed \(seed)). The last calls:\n\(Self.list(calls.suffix(20)))"
        }
        let around = calls[max(0, faulty.number - 8)..<min(calls.count, faulty.number + 13)]
        return
            "\(problem), with a fault at number \(number) (\(fault); seed \(seed)): \(faulty).\nThe calls around it:\n"
            + Self.list(around)
    }

    private static func list(_ calls: some Sequence<RecordedCall>) -> String {
        calls.map { "  \($0)" }.joined(separator: "\n")
    }
}
