import MailroomSockets
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A started program and this side's ends of its pipes. Used by one thread; another waits for its end.
///
/// A pipe and no socket is its input: programs that open /dev/stdin could not open a socket.
final class Child {
    let number: pid_t
    let wake: Wake
    /// -1 once closed.
    private(set) var input: Int32
    private(set) var output: Int32
    private var isReaped = false

    init(
        _ program: String, _ arguments: [String], _ environment: [String], _ wake: Wake
    ) throws(SystemError) {
        self.wake = wake
        let inputs = try openPipe()
        defer { close(inputs.reading) }
        let outputs: (reading: Int32, writing: Int32)
        do throws(SystemError) {
            outputs = try openPipe()
        } catch {
            close(inputs.writing)
            throw error
        }
        defer { close(outputs.writing) }
        (input, output) = (inputs.writing, outputs.reading)
        do throws(SystemError) {
            number = try spawn(program, arguments, environment, input: inputs.reading, output: outputs.writing)
        } catch {
            close(inputs.writing)
            close(outputs.reading)
            throw error
        }
        shrinkPipe(input)
        makeNonBlocking(input)
        makeNonBlocking(output)
        watch()
    }

    /// Waits for the child's end on a thread of its own, and leaves it there to be reaped: until then its number
    /// belongs to nobody else, so that it can be signalled.
    private func watch() {
        let (number, wake) = (number, wake)
        do throws(SocketError) {
            try startThread {
                var ended = siginfo_t()
                while waitid(P_PID, id_t(number), &ended, WEXITED | WNOWAIT) != 0, errno == EINTR {}
                let events = wake.note { $0.hasChildEnded = true }
                if events.isAbandoned { _ = Child.status(of: number) }
            }
        } catch {
            // Without a watcher it could not be told when it ends: it has had no input yet.
            signal(SIGKILL)
            wake.note { $0.hasChildEnded = true }
        }
    }

    /// Signals the whole group: a script's own children, too.
    func signal(_ signal: Int32) {
        guard !isReaped else { return }
        if kill(-number, signal) != 0 { kill(number, signal) }
    }

    /// Reaps the child, which has ended.
    func reap(killingGroup: Bool) -> RunEnding.Exit {
        // While the leader is not reaped, the group's number is still its own.
        if killingGroup { signal(SIGKILL) }
        isReaped = true
        guard let status = Child.status(of: number) else { return .unseen }
        let signal = status & 0x7F
        return signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
    }

    /// Leaves the child to its watcher.
    func abandon() {
        let events = wake.note { $0.isAbandoned = true }
        if events.hasChildEnded { _ = Child.status(of: number) }
        isReaped = true
    }

    /// `nil` where the process takes no notice of its children's ends, or another part of it was faster.
    private static func status(of number: pid_t) -> Int32? {
        var status: Int32 = 0
        while waitpid(number, &status, 0) < 0 {
            if errno != EINTR { return nil }
        }
        return status
    }

    func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    func closeOutput() {
        guard output >= 0 else { return }
        close(output)
        output = -1
    }

    /// Closes what is still open. The input's end would make half a message look whole: unless the program had all of
    /// it, this waits until nobody can read it any more.
    func letGo(hadAll: Bool) {
        closeOutput()
        while !hadAll, input >= 0 {
            var polled = pollfd(fd: input, events: 0, revents: 0)
            if poll(&polled, 1, -1) > 0 || errno != EINTR { break }
        }
        closeInput()
    }
}
