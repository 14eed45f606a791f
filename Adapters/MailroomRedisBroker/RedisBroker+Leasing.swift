import Foundation
import Mailroom

/// What an attempt to lease brought.
enum LeaseAnswer {
    struct Idle {
        var lastEvent: String
        /// In what time the next job is due, and the next lease ends.
        var due: Duration?
        var expiry: Duration?
    }

    case leases([Lease])
    case idle(Idle)
}

extension RedisBroker {
    /// Asks once.
    func attempt(_ request: LeaseRequest) async throws(BrokerError) -> LeaseAnswer {
        let number = UInt64.octets(of: UInt64.random(in: .min ... .max))
        let mustTell = seen.mustTell(request)
        let broker = Giver(self)
        let answer = try await interruptibleCall(
            Scripts.lease, leaseArguments(request, number, mustTell, isRepeated: false),
            repetition: leaseArguments(request, number, mustTell, isRepeated: true)
        ) { value in
            // Nobody waits for these any more: an attempt must not be used up.
            let jobs = (value.array ?? []).enumerated().compactMap { index, part in
                index.isMultiple(of: 2) ? part.bytes.flatMap { try? StoredJob($0) } : nil
            }
            broker.giveBack(jobs.compactMap { try? $0.lease(payload: []).id })
        }
        guard let parts = answer.array, parts.count >= 2, let first = parts[0].bytes else { throw unexpected }
        if first.isEmpty {
            return .idle(
                .init(
                    lastEvent: parts[1].string ?? "0-0",
                    due: parts.count > 2 ? parts[2].integer.map { .milliseconds(max(1, $0)) } : nil,
                    expiry: parts.count > 3 ? parts[3].integer.map { .milliseconds(max(1, $0)) } : nil))
        }
        return .leases(try await leases(parts))
    }

    private func leaseArguments(
        _ request: LeaseRequest, _ number: [UInt8], _ mustTell: Bool, isRepeated: Bool
    ) -> RESPWriter {
        var arguments = arguments()
        arguments.write(min(request.limit, RedisBroker.stepCount))
        arguments.write(request.duration.milliseconds)
        arguments.write(request.worker)
        arguments.write(mustTell ? "1" : "0")
        arguments.write(number)
        arguments.write(isRepeated ? "1" : "0")
        for queue in request.queues { arguments.write(queue.rawValue) }
        return arguments
    }

    /// The leases in an answer, with their attachments.
    private func leases(_ parts: [RESPValue]) async throws(BrokerError) -> [Lease] {
        var leases: [Lease] = []
        var wanted: [[SHA256Digest]] = []
        leases.reserveCapacity(parts.count / 2)
        // A worker looks at its own clock to see whether there is time for another attempt.
        let skew = Double(parts.count.isMultiple(of: 2) ? 0 : parts[parts.count - 1].integer ?? 0) / 1000
        var failure: BrokerError?
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let bytes = parts[index].bytes, let payload = parts[index + 1].bytes else { throw unexpected }
            do throws(BrokerError) {
                let job = try StoredJob(bytes)
                var lease = try job.lease(payload: payload)
                lease.submission.expiresAt += skew
                leases.append(lease)
                wanted.append(job.digests.compactMap(SHA256Digest.init(octets:)))
            } catch {
                // The others are good: this one is left to its time, and to a person who reads the error.
                failure = error
            }
        }
        if leases.isEmpty, let failure { throw failure }
        guard wanted.contains(where: { !$0.isEmpty }) else { return leases }
        do throws(BrokerError) {
            return try await fill(leases, wanted)
        } catch {
            Giver(self).giveBack(leases.map(\.id))
            throw error
        }
    }

    /// Adds attachments. A job that lacks one is held.
    private func fill(_ leases: [Lease], _ wanted: [[SHA256Digest]]) async throws(BrokerError) -> [Lease] {
        var bytes: [SHA256Digest: [UInt8]] = [:]
        var missing: [SHA256Digest] = []
        for digest in Set(wanted.joined()) {
            if let known = attachments.bytes(digest) { bytes[digest] = known } else { missing.append(digest) }
        }
        for digest in missing {
            var command = RESPWriter()
            command.write("GET")
            command.write(Array("\(configuration.keyPrefix)o:".utf8) + digest.octets)
            if let found = try await call(nil, command).bytes {
                bytes[digest] = found
                attachments.keep(found, digest)
            }
        }
        var whole: [Lease] = []
        var damaged: [Settlement] = []
        for (lease, digests) in zip(leases, wanted) {
            let contents = digests.compactMap { digest in
                bytes[digest].map { Attachment.Content(bytes: $0, digest: digest) }
            }
            if contents.count == digests.count {
                var lease = lease
                lease.submission.attachments = contents
                whole.append(lease)
            } else {
                damaged.append(
                    Settlement(
                        lease.id, next: .held,
                        reason: "an attachment is gone: the server evicted or lost it; set maxmemory-policy noeviction")
                )
            }
        }
        if !damaged.isEmpty { _ = try await settle(damaged) }
        return whole
    }
}

/// Gives jobs back that nobody gets, without anyone waiting for it.
private struct Giver: Sendable {
    private let line: CallLine
    private let arguments: RESPWriter
    private let timeout: Duration

    init(_ broker: RedisBroker) {
        line = broker.line
        arguments = broker.arguments()
        timeout = broker.configuration.commandTimeout
    }

    func giveBack(_ leases: [Lease.ID]) {
        guard !leases.isEmpty else { return }
        var arguments = arguments
        for lease in leases { arguments.write(MessagePackWriter(Settlement(lease, next: .release)).bytes) }
        line.add(Call(script: Scripts.settle, arguments: arguments, deadline: .now + timeout))
    }
}

extension SHA256Digest {
    init?(octets: [UInt8]) {
        guard octets.count == 32 else { return nil }
        var words = SIMD8<UInt32>()
        for index in 0..<8 {
            words[index] = octets[index * 4..<index * 4 + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        self.init(words: words)
    }
}
