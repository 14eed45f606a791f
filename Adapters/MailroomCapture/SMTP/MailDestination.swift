import MailroomFiles

/// Where a session's mails go.
protocol MailDestination: Sendable {
    /// What takes the octets of a mail of about so many.
    func writer(expecting count: Int) -> ContentWriter

    /// Keeps a mail.
    /// - Returns: its id.
    func accept(_ envelope: CapturedMessage.Envelope, _ content: MailContent) throws(FileError) -> String
}
