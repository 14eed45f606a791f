import Dispatch
import Foundation
package import Mailroom
import Synchronization

extension FileBroker: InspectableStore {
    /// Reads every segment, beside whoever uses the queue; the lock is only taken while the log's last bytes are read.
    package func inspectStore(
        _ progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws(BrokerError) -> StoreInspection {
        let folder = settings.layout
        return try await FileBroker.onThread { () throws(BrokerError) in
            try InspectionReport.refuseWhatIsNoQueue(folder)
            let examination = try QueueExamination(folder, isAlone: false, progress)
            return InspectionReport(examination, try QueueReconstruction(examination)).inspection
        }
    }

    /// Repairs the queue while nobody has it open.
    package func repairStore(
        onlyLooking: Bool, _ progress: @escaping @Sendable (Int, Int) -> Void,
        isAgreed: @escaping @Sendable (StoreInspection) async -> Bool
    ) async throws(BrokerError) -> StoreRepair? {
        let (folder, now) = (settings.layout, time.now())
        return try await FileBroker.onThread { () throws(BrokerError) in
            try QueueRepair(folder, now: now, progress).run(onlyLooking: onlyLooking) { inspection in
                // The thread is this call's own: it may wait.
                let (answer, bell) = (Answer(), DispatchSemaphore(value: 0))
                Task {
                    answer.give(await isAgreed(inspection))
                    bell.signal()
                }
                bell.wait()
                return answer.isYes
            }
        }
    }

    private static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(BrokerError) -> Value
    ) async throws(BrokerError) -> Value {
        let result: Result<Value, BrokerError> = await withUnsafeContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Result { () throws(BrokerError) in try body() }) }
        }
        return try result.get()
    }
}

private final class Answer: Sendable {
    private let value = Mutex(false)
    var isYes: Bool { value.withLock { $0 } }
    func give(_ answer: Bool) { value.withLock { $0 = answer } }
}
