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
        // A folder on a server that does not answer must not hold up the caller.
        let late = Answer(problem: "Looking for \(program) took too long: its disk does not answer.")
        let answer = await FirstAnswer.wait(until: deadline, late: late) { answer in
            do throws(SocketError) {
                try startThread { answer.give(Self.look(for: program)) }
            } catch {
                answer.give(Answer(problem: error.description))
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
