import Foundation
public import Mailroom
import MailroomSockets

/// A broker that keeps its jobs in Redis or Valkey, which any number of processes on any number of machines share.
///
/// ```swift
/// let pipeline = try PipelineBuilder()
///     .broker(.redis("redis.example.org", security: .encrypted) { $0.password = password; $0.prefix = "club" })
///     .transport(.smtp("mail.example.org")).build()
/// ```
///
/// Redis 7 or Valkey is needed. What changes something is a script, which the server runs as one step: done wholly or not
/// at all. ``enqueue(_:)`` is one step always. ``settle(_:)`` of more than 10,000 and ``prune(settledBefore:states:)`` take
/// several, and an error leaves those before it done.
///
/// **Durability** is what the server's persistence promises. With `appendonly yes` and `appendfsync always` a call
/// returns when what it did is on the server's disk. With `appendfsync everysec`, which is usual, a server that loses its
/// power or its process loses about the latest second: jobs of that second are gone though they were acknowledged, and
/// what was settled in it is handed out again. Without the append-only file everything since the latest snapshot is lost.
/// A replica that is promoted may lack the latest writes, too. ``checkConnection(until:)`` tells which of this holds.
///
/// **Order.** Jobs of a queue are leased in the order in which they become due, then of their arrival at the server.
///
/// **Time.** Leases and due times are measured by the server's clock, the same for all workers; keep it from jumping. A
/// job that is due at once is due whatever the clocks say. A process whose clock is more than five seconds from the
/// server's is understood all the same: its delays, retries and expiries last as long as it meant them to.
///
/// **Failures.** A call whose connection broke is made again on another: what it did the first time is found, leases
/// that it granted among it. Where no connection comes about, they end by their time, as lost attempts. What a person does
/// (cancel, retry, forget, prune, erase) is not made again once it has left, since the second answer would say that
/// nothing was done: it throws ``/Mailroom/BrokerError/Code/unavailable``, in doubt. The server must never evict keys
/// (`maxmemory-policy noeviction`, its default).
///
/// **In the server** all keys begin with the prefix in braces, as in `{mailroom}:`, so that a cluster keeps them in one
/// slot. Attachments are stored once for each digest.
public final class RedisBroker: Broker {
    let configuration: RedisConfiguration
    let time: any TimeSource
    /// Whether the scripts use the server's clock.
    let isServerTimed: Bool
    let line: CallLine
    let listener: EventListener
    let attachments = AttachmentCache()
    let seen = SeenWorkers()
    let offers: Combiner<Offer, [Admission]>
    let settling: Combiner<RESPWriter, [SettleResult]>

    /// How many submissions are stored, or settlements made, in one step at most.
    static let stepCount = 10_000
    /// About how many octets of several submissions are stored in one step at most.
    static let stepSize = 64 << 20
    /// About how many octets of several calls go into one step.
    private static let roundSize = 1 << 20
    /// After how long at most a call that waits looks by itself: another's lease may end meanwhile.
    private static let patience: Duration = .seconds(30)

    /// A broker; connects at the first call. With a clock other than the system's, the server's clock is not used.
    public convenience init(_ configuration: RedisConfiguration, time: some TimeSource = .system) {
        self.init(configuration, time: time, isServerTimed: time is SystemTimeSource)
    }

    /// A broker whose process has this clock, while the server's counts or does not.
    package init(_ configuration: RedisConfiguration, time: some TimeSource, isServerTimed: Bool) {
        self.configuration = configuration
        self.time = time
        self.isServerTimed = isServerTimed
        line = CallLine(configuration)
        listener = EventListener(line)
        offers = Combiner(rounds: 1, limit: RedisBroker.roundSize)
        settling = Combiner(rounds: 1, limit: RedisBroker.roundSize)
    }

    deinit {
        line.close()
        listener.close()
    }

    /// Finds what cannot be meant, and a password that would have to cross the network in plain text.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] { configuration.problems }

    /// Finishes what was called and closes the connections. Calls after it throw
    /// ``/Mailroom/BrokerError/Code/cancelled``.
    public func shutdown() async {
        line.close()
        listener.close()
        await line.join()
        await listener.join()
    }

    /// Stores submissions in one step, all or none of them. Refuses more than 10,000 in a call, and more than one of together
    /// more than 64 MiB, attachments counted once: then nothing is stored, and they are to be submitted in several calls.
    public func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        guard !submissions.isEmpty else { return [] }
        guard submissions.count <= RedisBroker.stepCount else {
            throw tooMuch("\(submissions.count) submissions in one call are more than the 10,000 that it takes")
        }
        guard submissions.count == 1 || RedisBroker.size(of: submissions) <= RedisBroker.stepSize else {
            throw tooMuch("the submissions of one call are together larger than the 64 MiB that it takes")
        }
        return try await store(submissions[...])
    }

    /// About how many octets cross the network for them.
    private static func size(of submissions: [Submission]) -> Int {
        var size = 0
        var digests: Set<SHA256Digest> = []
        for submission in submissions {
            size += submission.payload.count + 512
            for content in submission.attachments where digests.insert(content.digest).inserted {
                size += content.bytes.count
            }
        }
        return size
    }

    private func tooMuch(_ what: String) -> BrokerError {
        BrokerError(
            .tooLarge, "\(configuration): \(what) at once, and none was stored: submit them in several calls",
            mayHaveStored: false)
    }

    /// Leases jobs. A job whose payload the server lost is held, and not answered.
    public func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        guard request.limit > 0, !request.queues.isEmpty else { return [] }
        let patience = max(.seconds(1), min(request.duration, RedisBroker.patience))
        var lastEvent = ""
        return try await listener.jobs.search(for: "a job", within: request.wait, on: time) {
            uptime throws(BrokerError) in
            while true {
                if Task.isCancelled { throw RedisBroker.cancelled }
                switch try await attempt(request) {
                case .leases(let leases):
                    // Where all of them are damaged, and held by now, there may be others.
                    if !leases.isEmpty { return Look(leases, next: uptime) }
                case .idle(let idle):
                    lastEvent = idle.lastEvent
                    let wait = min(patience, idle.due ?? patience, idle.expiry ?? patience)
                    return Look([], next: uptime + wait)
                }
            }
        } idle: { isIdle in
            if isIdle { listener.join(from: lastEvent) } else { listener.leave() }
        }
    }

    /// Makes leases last from now on.
    public func extend(_ leases: [Lease.ID], by duration: Duration) async throws(BrokerError) -> [Lease.ID] {
        guard !leases.isEmpty else { return [] }
        var arguments = arguments(reserving: leases.count * 48 + 128)
        arguments.write(duration.milliseconds)
        for lease in leases {
            arguments.write(lease.job.octets)
            arguments.write(Int64(clamping: lease.token))
        }
        let lost = try await call(Scripts.extend, arguments).array ?? []
        return lost.compactMap { $0.integer.map { leases[Int($0)] } }
    }

    /// Merges facts and takes the decisions of leases that hold, 10,000 in one step: those settled before an error stay so,
    /// and are answered as the first time when all are settled again.
    public func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        var results: [SettleResult] = []
        results.reserveCapacity(settlements.count)
        var rest = settlements[...]
        while !rest.isEmpty {
            let part = rest.prefix(RedisBroker.stepCount)
            rest = rest.dropFirst(part.count)
            var settlements = RESPWriter(reserving: part.count * 160)
            for settlement in part { settlements.write(MessagePackWriter(settlement).bytes) }
            do throws(BrokerError) {
                results += try await settling.run(settlements, size: settlements.bytes.count) { await self.settle($0) }
            } catch {
                throw BrokerError(error.code, error.reason, mayHaveStored: error.mayHaveStored || !results.isEmpty)
            }
        }
        return results
    }

    static var cancelled: BrokerError {
        BrokerError(.cancelled, "the wait for a job was cancelled", mayHaveStored: false)
    }
}

extension Broker where Self == RedisBroker {
    /// A broker in Redis or Valkey.
    ///
    /// - Parameters:
    ///   - host: the server's name or numeric address. With TLS, its certificate must be for this name.
    ///   - port: 6379 unless given.
    ///   - security: whether connections are encrypted.
    ///   - time: the clock; give it the one that its pipeline has.
    ///   - adjust: changes what is not the default, such as password and prefix.
    public static func redis(
        _ host: String, port: Int = 6379, security: RedisSecurity = .unencrypted, time: some TimeSource = .system,
        _ adjust: (inout RedisConfiguration) -> Void = { _ in }
    ) -> RedisBroker {
        var configuration = RedisConfiguration(host: host, port: port, security: security)
        adjust(&configuration)
        return RedisBroker(configuration, time: time)
    }
}
