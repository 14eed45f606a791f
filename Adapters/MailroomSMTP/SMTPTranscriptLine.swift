/// One line of a dialogue with a server, for finding out why something does not work.
///
/// Credentials are masked: of AUTH only the mechanism is left. A message is one line that says its size.
public struct SMTPTranscriptLine: Hashable, Sendable, CustomStringConvertible {
    /// Who spoke.
    public enum Speaker: String, Hashable, Sendable {
        /// This side.
        case client = "C"
        /// The other side.
        case server = "S"
        /// Neither: something happened to the connection.
        case event = "*"
    }

    /// Which of the transport's connections, counted from 1.
    public let connection: Int
    /// Who spoke.
    public let speaker: Speaker
    /// What was said, without its line ending.
    public let text: String

    /// One line of a log.
    public var description: String { "[\(connection)] \(speaker.rawValue): \(text)" }
}
