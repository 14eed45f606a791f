import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A program that could not be started.
struct SystemError: Error, Equatable {
    let code: Int32
    /// What happened and what to do.
    let reason: String

    static func starting(_ program: String, _ code: Int32) -> SystemError {
        let advice =
            switch code {
            case ENOENT: "there is no such program: install it or correct the transport's path"
            case EACCES, EPERM: "it is no program that this user may execute: correct its path or its mode"
            case ENOEXEC: "it is no program: a script needs a first line like #!/bin/sh"
            case E2BIG: "its arguments and environment are too long: shorten them"
            case EMFILE, ENFILE: "no file descriptor is left: raise the limit of open files (ulimit -n)"
            case EAGAIN, ENOMEM: "the system has no process or memory left: lower how many programs run at once"
            default: String(cString: strerror(code))
            }
        return SystemError(code: code, reason: "\(program) cannot be started: \(advice).")
    }

    /// For now: a mistake of the deployment is mended, and must not have ended every job by then.
    var transportError: TransportError { TransportError(.connectionFailed, reason) }
}
