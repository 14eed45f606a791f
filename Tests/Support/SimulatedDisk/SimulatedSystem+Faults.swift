#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A fault, and how many calls that it concerns come before it.
struct PlannedFault {
    let fault: Fault
    var callsBefore: Int
}

extension SimulatedSystem {
    typealias Effect = @Sendable (SimulatedSystem, Int) throws(SimulatedFailure) -> Int

    /// Makes a call as it was planned to go. `effect` is told how many bytes to read or write.
    func perform(_ call: RecordedCall, effect: Effect) -> Int {
        calls.append(call)
        let answer = answer(to: call, effect)
        if processes[call.process].isAlive, answer != Self.hasToWait { calls[call.number].answer = answer }
        return answer
    }

    private func answer(to call: RecordedCall, _ effect: Effect) -> Int {
        func done(_ count: Int) -> Int {
            do throws(SimulatedFailure) { return try effect(self, count) } catch { return -Int(error.code) }
        }
        switch nextFault(for: call) {
        case nil: return done(call.count)
        case .short: return done(call.count == 1 ? 1 : call.count / 2)
        case .fail(let code):
            if call.kind == .close { _ = done(0) }
            if call.kind == .sync, code != EINTR { failSync(call.descriptor, by: call.process) }
            return -Int(code)
        case .kill(let moment):
            switch moment {
            case .before: break
            case .during: _ = done(call.kind == .write ? call.count / 2 : call.count)
            case .after: _ = done(call.count)
            }
            kill(call.process)
            return -Int(EIO)
        case .losePower(let survival):
            if call.kind == .write { _ = done(call.count) }
            losePower(keeping: survival)
            return -Int(EIO)
        }
    }

    private func nextFault(for call: RecordedCall) -> Fault.Effect? {
        guard pauses == 0 else { return nil }
        for (index, planned) in faults.enumerated() where planned.fault.concerns(call) {
            guard planned.callsBefore == 0 else {
                faults[index].callsBefore -= 1
                continue
            }
            if !planned.fault.isForEver { faults.remove(at: index) }
            if reached == nil { reached = call }
            return planned.fault.effect
        }
        return nil
    }
}
