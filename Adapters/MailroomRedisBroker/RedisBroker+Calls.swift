import Foundation
import Mailroom
import MailroomSockets

extension RedisBroker {
    /// The first arguments of every script: its only key, and the time.
    func arguments(reserving capacity: Int = 256) -> RESPWriter {
        var arguments = RESPWriter(reserving: capacity)
        arguments.write("1")
        arguments.write(configuration.keyPrefix)
        arguments.write(time.now().milliseconds)
        if isServerTimed {
            // A call may be this late without its caller's clock being behind.
            arguments.write("within \((configuration.commandTimeout + .seconds(capacity >> 20)).milliseconds)")
        } else {
            arguments.write(time.uptime().milliseconds)
        }
        return arguments
    }

    /// When a call ends without an answer; a large one has a second more for each mebibyte.
    func deadline(for arguments: RESPWriter) -> ContinuousClock.Instant {
        .now + configuration.commandTimeout + .seconds(arguments.bytes.count >> 20)
    }

    /// Runs a script.
    func call(_ script: Script?, _ arguments: RESPWriter) async throws(BrokerError) -> RESPValue {
        let call = Call(script: script, arguments: arguments, deadline: deadline(for: arguments))
        return try await call.wait(line.add).get()
    }

    /// Runs a script whose second run would answer that nothing was done: once at most, where the first may have run.
    func callOnce(_ script: Script, _ arguments: RESPWriter) async throws(BrokerError) -> RESPValue {
        let call = Call(
            script: script, arguments: arguments, isRepeatable: false, deadline: deadline(for: arguments))
        return try await call.wait(line.add).get()
    }

    /// Runs a script, and throws at once when the task is cancelled; `late` gets the answer that comes then.
    func interruptibleCall(
        _ script: Script, _ arguments: RESPWriter, repetition: RESPWriter, late: @escaping @Sendable (RESPValue) -> Void
    ) async throws(BrokerError) -> RESPValue {
        let call = Call(
            script: script, arguments: arguments, repetition: repetition, deadline: deadline(for: arguments)
        ) { answer in
            if case .success(let value) = answer { late(value) }
        }
        let answer = await withTaskCancellationHandler {
            await call.wait(line.add)
        } onCancel: {
            call.abandon(RedisBroker.cancelled)
        }
        return try answer.get()
    }

    var unexpected: BrokerError {
        BrokerError(.corrupt, "\(configuration): it answered in a way that its scripts do not: is it a Redis server?")
    }
}
