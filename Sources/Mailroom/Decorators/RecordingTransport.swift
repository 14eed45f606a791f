import Dispatch

extension Transport {
    /// This transport, with every delivery told to a closure when it has ended, in that order.
    ///
    /// The closure runs on a queue of its own, so it may take its time without holding a delivery up; shutting down
    /// waits until the last one was told. What it has not been told when the process dies is lost.
    public func recording(
        time: some TimeSource = .system, to record: @escaping @Sendable (DeliveryRecord) -> Void
    ) -> some Transport {
        RecordingTransport(self, time: time, record)
    }
}

/// A transport whose deliveries are told to somebody.
final class RecordingTransport<Base: Transport>: Transport {
    private let base: Base
    private let time: any TimeSource
    private let record: @Sendable (DeliveryRecord) -> Void
    private let queue = DispatchQueue(label: "mailroom.delivery-records")

    init(_ base: Base, time: any TimeSource, _ record: @escaping @Sendable (DeliveryRecord) -> Void) {
        self.base = base
        self.time = time
        self.record = record
    }

    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        base.configurationProblems(in: context)
    }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let (date, start) = (time.now(), time.uptime())
        let result: Result<DeliveryReport, TransportError>
        do throws(TransportError) {
            result = .success(try await base.deliver(mail))
        } catch {
            result = .failure(error)
        }
        let entry = DeliveryRecord(mail, startedAt: date, duration: time.uptime() - start, result: result)
        queue.async { [record] in record(entry) }
        return try result.get()
    }

    func shutdown() async {
        await base.shutdown()
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}

extension RecordingTransport: RouteOwning where Base: RouteOwning {
    func owns(_ route: String) -> Bool? { base.owns(route) }
}

extension RecordingTransport: ConnectionChecking where Base: ConnectionChecking {
    func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        await base.checkConnection(until: deadline)
    }
}
