import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which program a sendmail transport hands its mail to, and how.
public struct SendmailConfiguration: Hashable, Sendable {
    /// The program's absolute path. It is started as it stands: no shell, no search in `PATH`.
    public var program: String
    /// Arguments between Mailroom's own options and the `--` before the recipients, such as `--account=letters`.
    ///
    /// Not `-t`, which would make the program send to whomever the header names.
    public var arguments: [String] = []
    /// Variables the program gets besides the few it always has, or instead of them.
    ///
    /// It does not inherit this process's environment, which often holds credentials. It always has `LC_ALL=C`, so that
    /// its messages are in one language, and, as this process has them, `PATH`, `HOME`, `USER`, `LOGNAME`, `TZ` and
    /// `TMPDIR`.
    public var environment: [String: String] = [:]
    /// How many programs run at once. Each has two threads of this process while it does; other mail waits in line.
    public var maximumProcesses = 4
    /// How many recipients one run of the program is given: 1 unless said otherwise.
    ///
    /// A program has one exit status for all it was given. With more than one recipient a run, one bad address has all
    /// of them refused, and some programs (Sendmail's own) say no although others were accepted.
    public var recipientsPerRun = 1
    /// How long one run may take; as long as the mail has time where it is `nil`. Running out once the program has the
    /// whole message leaves the recipients in doubt, so be generous.
    public var timeout: Duration?

    /// The configuration for one program.
    public init(program: String = "/usr/sbin/sendmail") { self.program = program }

    /// The name this transport puts into outcomes: `sendmail:/usr/sbin/sendmail`.
    public var route: String { "sendmail:\(program)" }

    func problems(in limits: PipelineLimits) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func require(_ holds: Bool, _ subject: String, _ reason: String) {
            if !holds { problems.append(ConfigurationProblem("sendmail \(subject)", reason)) }
        }
        require(
            program.hasPrefix("/") && !program.hasSuffix("/") && Self.isPlain(program), "program",
            "\"\(program)\" is no absolute path of a program: write it like /usr/sbin/sendmail")
        require(arguments.allSatisfy(Self.isPlain), "argument", "one holds a control character: remove it")
        require(
            !arguments.contains(where: Self.readsRecipients), "argument",
            "-t makes the program send to whomever the header names: remove it, the recipients are the envelope's")
        require(
            !arguments.contains("--"), "argument",
            "-- ends the options: remove it, Mailroom writes it before the recipients")
        require(
            environment.allSatisfy { name, value in
                !name.isEmpty && !name.utf8.contains(UInt8(ascii: "=")) && !name.utf8.contains(0)
                    && !value.utf8.contains(0)
            }, "environment", "a name is empty or holds = or NUL, or a value holds NUL: correct it")
        require(maximumProcesses > 0, "processes", "\(maximumProcesses) programs cannot carry anything")
        require(recipientsPerRun > 0, "recipients", "\(recipientsPerRun) recipients a run are none")
        if let timeout {
            require(timeout > .zero, "timeout", "\(timeout) is not positive")
            require(
                timeout < limits.job, "timeout",
                "one run may take \(timeout), but a job has only \(limits.job): shorten it or raise the job limit")
        }
        return problems
    }

    /// `-t`, alone or among others that take no value, and msmtp's word for it, which may be cut short.
    private static func readsRecipients(_ argument: String) -> Bool {
        if argument.hasPrefix("--read-r") { return true }
        return argument.hasPrefix("-") && argument.contains("t")
            && argument.dropFirst().allSatisfy { "GUcimntv".contains($0) }
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 32 && $0 != 127 } }

    /// `NAME=value` for each variable, in the order of the names.
    var variables: [String] {
        var variables = ["LC_ALL": "C", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        for name in ["PATH", "HOME", "USER", "LOGNAME", "TZ", "TMPDIR"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        variables.merge(environment) { $1 }
        return variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
