/// Why a socket operation did not succeed, in terms a caller can decide on and a text a person can act on.
public struct SocketError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added; treat one you do not know as ``other``.
    public struct Code: Sendable, Hashable, RawRepresentable {
        /// The kind's name, stable across releases.
        public let rawValue: String

        /// A kind of your own needs a name of its own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Nothing listens at that host and port.
        public static let refused = Code(rawValue: "refused")
        /// The deadline passed.
        public static let timedOut = Code(rawValue: "timedOut")
        /// The connection was closed in an orderly way, by the peer or by this side.
        public static let closed = Code(rawValue: "closed")
        /// The peer broke the connection off.
        public static let reset = Code(rawValue: "reset")
        /// There is no route to the host.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The host name has no address, for good as far as the resolver knows.
        public static let nameNotFound = Code(rawValue: "nameNotFound")
        /// The resolver could not answer now; asking again may succeed.
        public static let nameLookupFailed = Code(rawValue: "nameLookupFailed")
        /// ``SocketInterruption/interrupt()`` was called.
        public static let interrupted = Code(rawValue: "interrupted")
        /// The address to listen on is taken by another program.
        public static let addressInUse = Code(rawValue: "addressInUse")
        /// The system forbids it: a port below 1024 without the right to it, or a firewall rule.
        public static let notPermitted = Code(rawValue: "notPermitted")
        /// TLS did not come about, or what came is no proper TLS.
        public static let tlsFailed = Code(rawValue: "tlsFailed")
        /// A certificate was not accepted: the peer's by this side, or this side's by the peer.
        public static let certificateRefused = Code(rawValue: "certificateRefused")
        /// The system's library for TLS is not installed, or did not take the files it was given.
        public static let libraryMissing = Code(rawValue: "libraryMissing")
        /// Any other failure; ``SocketError/systemError`` says which.
        public static let other = Code(rawValue: "other")
    }

    /// The kind of failure.
    public let code: Code
    /// The system's `errno`, or 0 where no system call failed.
    public let systemError: Int32
    /// What was attempted, to whom, what went wrong and what to do about it.
    public let description: String

    /// An error from its parts; `description` is a sentence for a person, without secrets.
    public init(code: Code, systemError: Int32 = 0, description: String) {
        self.code = code
        self.systemError = systemError
        self.description = description
    }
}

extension SocketError {
    /// The error for a failed system call; `doing` completes the sentence "Could not …".
    init(errno number: Int32, doing action: String) {
        let (code, advice) = Self.meaning(of: number)
        self.init(
            code: code, systemError: number,
            description: "Could not \(action): \(advice ?? "\(systemText(for: number)) (errno \(number)).")")
    }

    static func timedOut(doing action: String) -> SocketError {
        SocketError(
            code: .timedOut,
            description: "Could not \(action) in time: the other side does not answer. "
                + "Check host, port and firewall, or allow more time.")
    }

    static func interrupted(doing action: String) -> SocketError {
        SocketError(code: .interrupted, description: "Stopped on request while trying to \(action).")
    }

    static func closed(doing action: String) -> SocketError {
        SocketError(code: .closed, description: "Could not \(action): the connection is closed. Connect anew.")
    }

    private static func meaning(of number: Int32) -> (Code, String?) {
        switch number {
        case Errno.connectionRefused:
            (.refused, "nothing listens there. Check host and port, and that the server runs.")
        case Errno.timedOut:
            (.timedOut, "the other side does not answer. Check host, port and firewall.")
        case Errno.connectionReset, Errno.brokenPipe, Errno.connectionAborted:
            (.reset, "the other side broke the connection off. Connect anew.")
        case Errno.hostUnreachable, Errno.networkUnreachable, Errno.addressNotAvailable, Errno.networkDown:
            (.unreachable, "there is no route to that address. Check the network and the host's address.")
        case Errno.addressInUse:
            (.addressInUse, "the address is in use. Stop the other program or choose another port (0 means any).")
        case Errno.accessDenied, Errno.notPermitted:
            (
                .notPermitted,
                "the system does not allow it. Choose a port from 1024 on, or look at the firewall's rules."
            )
        case Errno.tooManyFilesInProcess, Errno.tooManyFilesInSystem:
            (.other, "there are too many open files. Raise the limit (`ulimit -n`) or use fewer connections.")
        default:
            (.other, nil)
        }
    }
}
