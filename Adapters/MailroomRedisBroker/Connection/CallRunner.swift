import Foundation
import Mailroom
import MailroomSockets

/// One connection of a line of calls, on the thread that calls ``run()``.
final class CallRunner {
    private let line: CallLine
    private var link: RedisLink?
    private var output: [UInt8] = []
    private var server: String { "\(line.configuration)" }

    /// After how long without use a connection is looked at before it is used.
    private static let trust: Duration = .milliseconds(500)

    init(_ line: CallLine) { self.line = line }

    func run() {
        var isWarm = false
        while let taken = line.take(isWarm: isWarm) {
            var calls = taken
            while !calls.isEmpty { calls = round(calls) }
            isWarm = link != nil
        }
    }

    /// Makes calls; answers those that are to be made again.
    private func round(_ calls: [Call]) -> [Call] {
        var calls = calls
        calls.removeAll { call in
            guard call.deadline <= .now else { return false }
            call.answer(.failure(timeOut(call)))
            return true
        }
        guard !calls.isEmpty else { return [] }
        let link: RedisLink
        do throws(LinkFailure) {
            link = try connected(until: calls.map(\.deadline).min() ?? .now)
        } catch {
            for call in calls { call.answer(.failure(error.brokerError(server, mayHaveStored: call.mayHaveLeft))) }
            return []
        }
        var ends: [Int] = []
        output.removeAll(keepingCapacity: output.capacity < 8 << 20)
        for call in calls {
            call.write(to: &output)
            ends.append(output.count)
        }
        let deadline = calls.map(\.deadline).max() ?? .now
        var taken = 0
        do throws(SocketError) {
            try link.write(output, taken: &taken, until: deadline)
        } catch {
            // What the server answered to the calls before tells more than that the connection broke; but whether it took
            // these is not known.
            for (call, end) in zip(calls, [0] + ends.dropLast()) where end < taken { call.left() }
            return lost(calls[...], .broken(error))
        }
        for call in calls { call.left() }
        return receive(calls, from: link)
    }

    private func receive(_ calls: [Call], from link: RedisLink) -> [Call] {
        var again: [Call] = []
        var pause = Duration.zero
        var mustReconnect = false
        for (index, call) in calls.enumerated() {
            let value: RESPValue
            do throws(ReplyFailure) {
                value = try link.reply(until: call.deadline)
            } catch {
                return again + lost(calls[index...], error)
            }
            guard case .error(let text) = value else {
                call.answer(.success(value))
                continue
            }
            let reply = ErrorReply(text)
            let error = reply.brokerError(server)
            if reply.isRefusedBeforehand { call.wasRefused() }
            switch reply.reaction {
            case .sendWhole where call.becomeWhole(): again.append(call)
            case .reconnect, .pause:
                guard !call.isInDoubt, let wait = call.nextPause(), .now + wait < call.deadline else {
                    call.answer(.failure(error))
                    break
                }
                mustReconnect = mustReconnect || reply.reaction == .reconnect
                pause = max(pause, wait)
                again.append(call)
            default: call.answer(.failure(error))
            }
        }
        link.usedAt = .now
        if mustReconnect { self.link = nil }
        sleep(pause)
        return again
    }

    /// The connection is of no more use: calls that were not answered are made again on another, or told so.
    private func lost(_ calls: ArraySlice<Call>, _ failure: ReplyFailure) -> [Call] {
        link = nil
        var again: [Call] = []
        for call in calls {
            if call.isInDoubt {
                call.answer(.failure(answerLost))
            } else if !failure.isTimeOut, !line.isClosed, call.mayBeRepeated() {
                again.append(call)
            } else if failure.isTimeOut, call.deadline > .now, call.mayBeRepeated() {
                // Another's time was up.
                again.append(call)
            } else if failure.isTimeOut {
                call.answer(.failure(timeOut(call)))
            } else {
                call.answer(
                    .failure(
                        failure.linkFailure(line.configuration).brokerError(server, mayHaveStored: call.mayHaveLeft)))
            }
        }
        return again
    }

    private var answerLost: BrokerError {
        BrokerError(
            .unavailable,
            "\(server): the answer was lost, and what was asked may have been done all the same: list the jobs to see, "
                + "before doing it again")
    }

    private func timeOut(_ call: Call) -> BrokerError {
        BrokerError(
            .unavailable,
            "\(server): it did not answer in time: check that it is not paused or overloaded, or allow more time",
            mayHaveStored: call.mayHaveLeft)
    }

    /// The connection; makes one if there is none, or if it died while nobody used it.
    private func connected(until deadline: ContinuousClock.Instant) throws(LinkFailure) -> RedisLink {
        if let link {
            if link.usedAt + CallRunner.trust > .now || !link.isStale { return link }
            self.link = nil
        }
        sleep(line.backoff.pause)
        do throws(LinkFailure) {
            let made = try RedisLink.open(
                line.configuration, encryption: line.encryption, interruption: line.interruption,
                until: min(deadline, .now + line.configuration.connectTimeout))
            line.backoff.succeeded()
            link = made
            return made
        } catch {
            line.backoff.failed()
            throw error
        }
    }

    /// On this thread, which is the connection's own.
    private func sleep(_ pause: Duration) {
        if pause > .zero { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
    }
}
