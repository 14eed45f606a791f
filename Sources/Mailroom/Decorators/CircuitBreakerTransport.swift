import Synchronization

extension Transport {
    /// This transport, left alone for a while after so many failures in a row.
    ///
    /// Meanwhile deliveries throw ``TransportError/Code/throttled`` at once with the time left, which uses up no
    /// attempt. Then a single one goes through: if it fails, the time doubles, otherwise all go through again.
    ///
    /// Failures are of the next hop: it cannot be reached, breaks off, does not answer in time, refuses the
    /// credentials, breaks the protocol, or leaves all of a mail's recipients in doubt, which must not be done to one
    /// mail after the other. Refusals of recipients or for good of a mail, a message it cannot carry, a wish to wait and
    /// cancellation are none.
    ///
    /// - Parameters:
    ///   - failures: how many in a row.
    ///   - coolDown: how long it is left alone at first.
    ///   - longestCoolDown: where the doubling ends.
    ///   - time: the clock.
    public func circuitBreaker(
        after failures: Int = 5, coolDown: Duration = .seconds(30), longestCoolDown: Duration = .seconds(600),
        time: some TimeSource = .system
    ) -> some Transport {
        CircuitBreakerTransport(
            self, Circuit(threshold: failures, coolDown: coolDown, longestCoolDown: longestCoolDown), time: time)
    }
}

/// A transport behind a circuit breaker.
final class CircuitBreakerTransport<Base: Transport>: Transport {
    private let base: Base
    private let time: any TimeSource
    private let state: Mutex<(circuit: Circuit, lastFailure: String)>

    init(_ base: Base, _ circuit: Circuit, time: any TimeSource) {
        self.base = base
        self.time = time
        state = Mutex((circuit, ""))
    }

    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        let circuit = state.withLock { $0.circuit }
        var problems: [ConfigurationProblem] = []
        if circuit.threshold < 1 {
            problems.append(
                ConfigurationProblem("circuit breaker failures", "\(circuit.threshold) is not positive"))
        }
        if circuit.coolDown <= .zero {
            problems.append(ConfigurationProblem("circuit breaker cool-down", "\(circuit.coolDown) is not positive"))
        }
        if circuit.longestCoolDown < circuit.coolDown {
            problems.append(
                ConfigurationProblem(
                    "circuit breaker longest cool-down",
                    "\(circuit.longestCoolDown) is shorter than the first one of \(circuit.coolDown)"))
        }
        return problems + base.configurationProblems(in: context)
    }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let now = time.uptime()
        let left = ContinuousClock.now.duration(to: mail.deadline)
        guard left > .zero, !Task.isCancelled else { return try await base.deliver(mail) }
        // A transport returns within a second of its deadline; one that does not keeps no circuit open.
        let admission = state.withLock { $0.circuit.admit(at: now, for: left + .seconds(2)) }
        if case .wait(let wait) = admission {
            throw TransportError(
                .throttled,
                "The next hop failed repeatedly and is left alone for another "
                    + "\((wait + .milliseconds(999)).components.seconds) s. The last failure: "
                    + state.withLock { $0.lastFailure }, retryAfter: wait)
        }
        do throws(TransportError) {
            let report = try await base.deliver(mail)
            let isDoubtful = report.completed(for: mail.envelope.recipients).outcomes.allSatisfy {
                $0.status == .unknown
            }
            end(
                admission, isDoubtful ? Task.isCancelled ? .neither : .fails : .works,
                "everyone's answer was lost after the mail was sent")
            return report
        } catch {
            end(admission, Task.isCancelled ? .neither : error.verdict, error.description)
            throw error
        }
    }

    func shutdown() async { await base.shutdown() }

    private func end(_ admission: Circuit.Admission, _ verdict: Circuit.Verdict, _ failure: String) {
        let now = time.uptime()
        state.withLock { state in
            state.circuit.end(admission, verdict, at: now)
            if case .fails = verdict { state.lastFailure = failure }
        }
    }
}

extension TransportError {
    /// What it says about the next hop.
    fileprivate var verdict: Circuit.Verdict {
        if retryAfter != nil { return .neither }
        switch code {
        case .connectionFailed, .connectionLost, .timedOut, .authenticationFailed, .protocolViolation: return .fails
        case .cancelled, .throttled, .unsupported: return .neither
        // Refused for now is the session's or the next hop's own trouble, for good the mail's. So are others' codes.
        default: return isTransient ? .fails : .neither
        }
    }
}

extension CircuitBreakerTransport: RouteOwning where Base: RouteOwning {
    func owns(_ route: String) -> Bool? { base.owns(route) }
}

extension CircuitBreakerTransport: ConnectionChecking where Base: ConnectionChecking {
    func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        await base.checkConnection(until: deadline)
    }
}
