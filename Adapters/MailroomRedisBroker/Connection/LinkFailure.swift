import MailroomSockets

/// Why no reply came.
enum ReplyFailure: Error {
    case broken(SocketError)
    /// The server closed the connection.
    case ended
    case malformed(String)

    var isTimeOut: Bool { if case .broken(let error) = self { error.code == .timedOut } else { false } }

    func linkFailure(_ configuration: RedisConfiguration) -> LinkFailure {
        switch self {
        case .broken(let error): .broken(error)
        case .ended:
            .broken(
                SocketError(
                    code: .closed,
                    description: "\(configuration.host):\(configuration.port) closed the connection at once. "
                        + (configuration.security.isEncrypted
                            ? "Its log may say why."
                            : "If it speaks TLS on this port, write rediss://; else its log may say why.")))
        case .malformed(let reason):
            .broken(
                SocketError(
                    code: .other,
                    description: "\(configuration.host):\(configuration.port) does not speak as Redis does (\(reason))"
                        + ". Check the port."))
        }
    }
}

/// Why there is no connection.
enum LinkFailure: Error {
    /// Not connected, or not encrypted.
    case unreachable(SocketError)
    /// The connection broke while logging in.
    case broken(SocketError)
    /// The server's error reply.
    case refused(String)
}
