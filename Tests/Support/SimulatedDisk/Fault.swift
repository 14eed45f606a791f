#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What goes wrong at a call.
///
/// A call that fails has no effect, but for two: a file is closed all the same, and a failed sync marks as clean what
/// it did not write. Giving back a lock cannot fail.
package struct Fault: Sendable, CustomStringConvertible {
    package enum Moment: String, CaseIterable, Sendable {
        case before
        /// A write leaves its first half behind; other calls are done and not answered.
        case during
        case after
    }

    enum Effect: Sendable {
        case fail(Int32)
        case short
        case kill(Moment)
        case losePower(Survival)
    }

    let effect: Effect
    let isForEver: Bool
    package let description: String
    private var kinds: Set<RecordedCall.Kind>?
    private var pathPart: String?
    private var process: Int?

    private init(_ effect: Effect, isForEver: Bool = false, _ description: String) {
        self.effect = effect
        self.isForEver = isForEver
        self.description = description
    }

    /// One call fails with this error.
    package static func fail(_ code: Int32) -> Fault { Fault(.fail(code), "\(String(cString: strerror(code))), once") }

    /// This call and all later ones that match fail with this error.
    package static func failForEver(_ code: Int32) -> Fault {
        precondition(code != EINTR, "what is interrupted is tried again, for ever")
        return Fault(.fail(code), isForEver: true, "\(String(cString: strerror(code))), for ever")
    }

    /// A read or write does half of what it was asked, of one byte all.
    package static var short: Fault { Fault(.short, "half of the bytes").on(.read, .write) }

    /// The process that calls dies as by SIGKILL.
    package static func kill(_ moment: Moment) -> Fault { Fault(.kill(moment), "death \(moment.rawValue) it") }

    /// The power fails before the call; a write may have begun.
    package static func powerLoss(keeping survival: Survival) -> Fault {
        Fault(.losePower(survival), "loss of power before it, keeping \(survival.rawValue)")
    }

    /// The same at calls of these kinds only: others are not counted.
    package func on(_ kinds: RecordedCall.Kind...) -> Fault {
        var fault = self
        fault.kinds = Set(kinds)
        return fault
    }

    /// The same at calls only whose path has this in it.
    package func at(path part: String) -> Fault {
        var fault = self
        fault.pathPart = part
        return fault
    }

    /// The same at calls of one process only, the first made being 0.
    package func by(process: Int) -> Fault {
        var fault = self
        fault.process = process
        return fault
    }

    func concerns(_ call: RecordedCall) -> Bool {
        if let process, process != call.process { return false }
        if let kinds, !kinds.contains(call.kind) { return false }
        guard let pathPart else { return true }
        return call.path.contains(pathPart) || call.other?.contains(pathPart) == true
    }
}

/// What is on the disk after a loss of power, beside everything that was synced.
package enum Survival: String, CaseIterable, Sendable {
    /// Nothing.
    case synced
    /// Some of it, by the disk's seed: of each file some sectors, each as it was after one of its writes, and any size
    /// between the old and the new; of all changes to names the first few, as a journal keeps them.
    case random
    /// As `random`, and where a file grew over sectors that were not written, strange bytes instead of zeros.
    case randomOverOldBytes
    /// Everything: the system had just written it.
    case everything
}
