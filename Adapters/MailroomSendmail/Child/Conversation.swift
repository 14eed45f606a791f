import MailroomSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Feeds a child and listens to it until it has ended, on the thread that is its own.
final class Conversation {
    enum Step {
        case goOn
        /// Send this signal, once, for this reason.
        case end(Int32, RunEnding.Stop)
        /// It does not end: leave it.
        case abandon(RunEnding.Stop)
    }

    private let child: Child
    private let wake: Wake
    private var message: MessageInput
    private var output = Output()
    private var stop: RunEnding.Stop?
    private var lastSignal: Int32 = 0
    private var exit = RunEnding.Exit.unseen
    /// Whether the child has read the whole message and was given the input's end.
    private(set) var hadAll = false

    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: MessageInput.blockSize, alignment: 16)
    /// The part of the buffer that is still to be written.
    private var block = 0..<0
    /// Whether all of the message is in the pipe. Its end follows when there is room again: when it has been read. A
    /// program that never looked at its input must not find a whole message there when it is ended.
    private var isWritten = false
    private let scrap = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    init(_ child: Child, _ message: MessageInput) {
        self.child = child
        self.message = message
        wake = child.wake
    }

    deinit {
        buffer.deallocate()
        scrap.deallocate()
    }

    /// How it ended.
    var ending: RunEnding { RunEnding(exit: exit, hadAll: hadAll, stop: stop, output: output.text) }

    func hold(by plan: (_ hadAll: Bool) -> (Step, next: ContinuousClock.Instant)) {
        while true {
            wake.settle()
            if wake.events.hasChildEnded {
                listen()
                // What a program leaves behind by itself delivers the mail; what is left of one that was ended, or that
                // never had the whole message, must not.
                exit = child.reap(killingGroup: !hadAll || stop != nil)
                return
            }
            let (step, next) = plan(hadAll)
            switch step {
            case .goOn: break
            case .end(let signal, let reason):
                stop = reason
                if lastSignal != signal { child.signal(signal) }
                lastSignal = signal
            case .abandon(let reason):
                stop = reason
                return child.abandon()
            }
            wait(until: next)
        }
    }

    private func wait(until next: ContinuousClock.Instant) {
        // A message whose handing over was broken off is never completed.
        let isFeeding = child.input >= 0 && stop == nil
        var polled = [
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isFeeding ? child.input : -1, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&polled, nfds_t(polled.count), next.millisecondsLeft) > 0 else { return }
        if polled[1].revents != 0 { listen() }
        // Without a reader there is an error instead of room.
        if polled[2].revents & Int16(POLLERR) != 0 {
            child.closeInput()
        } else if polled[2].revents != 0 {
            feed()
        }
    }

    private func listen() {
        guard child.output >= 0 else { return }
        if !output.take(from: child.output, scrap) { child.closeOutput() }
    }

    /// Called when the pipe has room.
    private func feed() {
        if isWritten {
            hadAll = true
            return child.closeInput()
        }
        while true {
            if block.isEmpty {
                block = 0..<message.read(into: buffer)
                if block.isEmpty {
                    isWritten = true
                    return
                }
            }
            let written = write(child.input, buffer.baseAddress! + block.lowerBound, block.count)
            guard written >= 0 else {
                if errno == EINTR { continue }
                // Nobody reads any more: the exit status says why.
                if errno != EAGAIN { child.closeInput() }
                return
            }
            block = block.lowerBound + written..<block.upperBound
        }
    }
}
