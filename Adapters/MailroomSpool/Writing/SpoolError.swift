import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A system call that failed.
struct SpoolError: Error {
    let code: Int32
    let action: String

    /// The latest error of this thread, unless another is given.
    init(_ action: String, code: Int32 = errno) {
        self.code = code
        self.action = action
    }

    /// What happened and what to do.
    var reason: String {
        let cause = "\(action): \(String(cString: strerror(code)))"
        switch code {
        case ENOSPC, EDQUOT: return "\(cause). Free space on the disk that holds the spool."
        case EFBIG: return "\(cause). Raise the limit of a file's size (ulimit -f)."
        case EACCES, EPERM: return "\(cause). Give the spool's folder to the user that runs this process."
        case EROFS: return "\(cause). Give the spool a folder on a disk that can be written."
        case ENOTDIR: return "\(cause). Name a folder, or move away the file that has its name."
        case EMFILE, ENFILE: return "\(cause). Raise the limit of open files (ulimit -n)."
        case ENAMETOOLONG: return "\(cause). Give the spool's folder a shorter path."
        default: return "\(cause)."
        }
    }

    /// For now: a disk is mended, and must not have ended every job by then.
    var transportError: TransportError { TransportError(.notWritten, reason) }
}

extension TransportError.Code {
    /// The file could not be written.
    static let notWritten = TransportError.Code(rawValue: "notWritten")
}
