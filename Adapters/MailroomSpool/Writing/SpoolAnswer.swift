import Synchronization

/// What somebody waits for, once: the first answer counts.
final class SpoolAnswer<Value: Sendable>: Sendable {
    private let waiting: Mutex<CheckedContinuation<Value?, Never>?>

    init(_ continuation: CheckedContinuation<Value?, Never>) { waiting = Mutex(continuation) }

    func give(_ value: Value?) { waiting.withLock { $0.take() }?.resume(returning: value) }
}
