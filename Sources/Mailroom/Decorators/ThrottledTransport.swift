import Synchronization

extension Transport {
    /// This transport, given no more than so many mails in each period.
    ///
    /// A mail that comes too early waits its turn, first come first served, if that takes no longer than `patience` and
    /// ends before the mail's deadline. Otherwise the delivery throws ``TransportError/Code/throttled`` with the time to
    /// wait, which uses up no attempt. A mail to more recipients than `burst`, where recipients count, goes when the
    /// whole burst is free, and delays those behind it accordingly.
    ///
    /// - Parameters:
    ///   - rate: how many.
    ///   - period: over which they are spread evenly.
    ///   - burst: how many may go at once after a rest.
    ///   - countsRecipients: whether each recipient counts, rather than each mail.
    ///   - patience: how long a delivery may wait here.
    ///   - time: the clock.
    public func throttled(
        to rate: Int, per period: Duration = .seconds(1), burst: Int = 1, countsRecipients: Bool = false,
        patience: Duration = .seconds(5), time: some TimeSource = .system
    ) -> some Transport {
        ThrottledTransport(
            self,
            ThrottledTransport<Self>.Limit(
                rate: rate, period: period, burst: burst, countsRecipients: countsRecipients, patience: patience),
            time: time)
    }
}

/// A transport behind a rate limit of this process.
final class ThrottledTransport<Base: Transport>: Transport {
    struct Limit {
        let rate: Int
        let period: Duration
        let burst: Int
        let countsRecipients: Bool
        let patience: Duration

        var problems: [ConfigurationProblem] {
            var problems: [ConfigurationProblem] = []
            func require(_ holds: Bool, _ subject: String, _ reason: String) {
                if !holds { problems.append(ConfigurationProblem("throttled \(subject)", reason)) }
            }
            let most = 1_000_000_000
            require((1...most).contains(rate), "rate", "\(rate) is no rate: give a number from 1 to \(most)")
            require(
                period > .zero && period <= .seconds(366 * 86_400), "period",
                "\(period) is no period: give one from above nothing to a year")
            require((1...most).contains(burst), "burst", "\(burst) can let nothing through: give 1 to \(most)")
            require(patience >= .zero, "patience", "\(patience) is negative: .zero never waits here")
            return problems
        }
    }

    private let base: Base
    private let limit: Limit
    private let time: any TimeSource
    private let bucket: Mutex<TokenBucket>

    init(_ base: Base, _ limit: Limit, time: any TimeSource) {
        self.base = base
        self.limit = limit
        self.time = time
        bucket = Mutex(TokenBucket(rate: limit.rate, per: limit.period, burst: limit.burst))
    }

    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        limit.problems + base.configurationProblems(in: context)
    }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        guard !Task.isCancelled else { throw Self.cancelled }
        let left = ContinuousClock.now.duration(to: mail.deadline)
        let tokens = limit.countsRecipients ? mail.envelope.recipients.count : 1
        let now = time.uptime()
        let (grant, wait) = bucket.withLock { $0.take(tokens, at: now, within: min(limit.patience, left)) }
        guard let grant else {
            throw TransportError(
                .throttled, "The limit of \(limit.rate) in \(limit.period) is reached: there is room in \(wait).",
                retryAfter: wait)
        }
        if wait > .zero {
            do throws(CancellationError) {
                try await time.sleep(until: grant.start)
            } catch {
                bucket.withLock { $0.putBack(grant) }
                throw Self.cancelled
            }
        }
        return try await base.deliver(mail)
    }

    func shutdown() async { await base.shutdown() }

    private static var cancelled: TransportError {
        TransportError(.cancelled, "The delivery was cancelled while it waited for its turn.")
    }
}

extension ThrottledTransport: RouteOwning where Base: RouteOwning {
    func owns(_ route: String) -> Bool? { base.owns(route) }
}

extension ThrottledTransport: ConnectionChecking where Base: ConnectionChecking {
    func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        await base.checkConnection(until: deadline)
    }
}
