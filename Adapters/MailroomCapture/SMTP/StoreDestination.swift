import MailroomFiles

/// The store as the place where mails go.
struct StoreDestination: MailDestination {
    let store: MessageStore
    let hostname: String
    /// Told of every mail that was kept.
    let onMessage: (@Sendable (CapturedMessage) -> Void)?

    func writer(expecting count: Int) -> ContentWriter { store.writer(expecting: count) }

    func accept(_ envelope: CapturedMessage.Envelope, _ content: MailContent) throws(FileError) -> String {
        let message = CapturedMessage(
            id: MessageID.random(hostname: hostname), receivedAt: WallClock.now, envelope: envelope, content: content)
        try store.add(message)
        onMessage?(message)
        return message.id
    }
}
