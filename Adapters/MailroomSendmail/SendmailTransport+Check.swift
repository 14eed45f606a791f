public import Mailroom
import MailroomSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SendmailTransport: ConnectionChecking {
    /// Says whether the program is there and may be executed, and which file it really is. Starts nothing.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        let program = configuration.program
        var check = ConnectionCheck(configuration.route)
        let answer = await withCheckedContinuation { (continuation: CheckedContinuation<Answer, Never>) in
            let once = Once(continuation)
            // A folder on a server that does not answer must not hold up the caller.
            let timer = Task.detached {
                do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
                once.resume(Answer(problem: "Looking for \(program) took too long: its disk does not answer."))
            }
            do throws(SocketError) {
                try startThread {
                    once.resume(Self.look(for: program))
                    timer.cancel()
                }
            } catch {
                once.resume(Answer(problem: error.description))
                timer.cancel()
            }
        }
        if let path = answer.path {
            check.findings = [
                .init("program", path), .init("tried", "that it may be executed; a check does not start it"),
            ]
        }
        check.problem = answer.problem
        return [check]
    }

    private struct Answer {
        var path: String?
        var problem: String?
    }

    private static func look(for program: String) -> Answer {
        var status = stat()
        guard stat(program, &status) == 0 else { return Answer(problem: SystemError.starting(program, errno).reason) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return Answer(problem: SystemError.starting(program, EACCES).reason)
        }
        guard access(program, X_OK) == 0 else { return Answer(problem: SystemError.starting(program, errno).reason) }
        guard let resolved = realpath(program, nil) else { return Answer(path: program) }
        defer { free(resolved) }
        return Answer(path: String(cString: resolved))
    }
}
