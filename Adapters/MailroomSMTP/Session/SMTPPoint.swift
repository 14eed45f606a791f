import Synchronization

/// What comes next on a connection, in words for a person.
enum SMTPPoint: UInt8, AtomicRepresentable, CustomStringConvertible {
    case connection, handshake, token
    case greeting, ehlo, helo, startTLS, authentication
    case reset, mail, recipient, data, chunk, answer, quit
    case endOfMessage, nextMail

    var description: String {
        switch self {
        case .connection: "the connection"
        case .handshake: "the TLS handshake"
        case .token: "the provider's token"
        case .greeting: "the greeting"
        case .ehlo: "the answer to EHLO"
        case .helo: "the answer to HELO"
        case .startTLS: "the answer to STARTTLS"
        case .authentication: "the answer to AUTH"
        case .reset: "the answer to RSET"
        case .mail: "the answer to MAIL"
        case .recipient: "the answer to RCPT"
        case .data: "the answer to DATA"
        case .chunk: "the answer to BDAT"
        case .answer: "the answer to the message"
        case .quit: "the answer to QUIT"
        case .endOfMessage: "the end of the message"
        case .nextMail: "the next mail"
        }
    }
}
