extension Pipeline {
    /// Works on jobs until the task is cancelled or the options say to stop.
    ///
    /// Cancelling stops gracefully: no new leases, jobs leased but not begun are released at once without using up an
    /// attempt, deliveries in hand go on until they end or reach ``PipelineLimits/job``. Returns when nothing is in hand
    /// and everything is settled; where the broker cannot be reached, it is asked again to settle for
    /// ``PipelineLimits/shutdownGrace``.
    ///
    /// Throws ``WorkerError`` when the worker cannot go on, as with a damaged store or a transport that does not
    /// return from a cancelled delivery; start the process anew then.
    @discardableResult
    public func run(_ options: WorkerOptions = WorkerOptions()) async throws(WorkerError) -> WorkSummary {
        let problems = options.problems()
        guard problems.isEmpty else { throw WorkerError(reason: ConfigurationError(problems).description) }
        let worker = Worker(self, options)
        let result = await withTaskCancellationHandler {
            // A task of its own, so that cancelling the caller stops the worker gracefully instead of every delivery.
            await Task { await worker.run() }.value
        } onCancel: {
            worker.stop()
        }
        return try result.get()
    }
}
