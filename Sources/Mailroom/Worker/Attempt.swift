import Foundation
import MailroomMIME

/// One attempt at a job: reads the message, renders its letter, encodes it and hands it to the channel's transport.
struct Attempt: Sendable {
    let lease: Lease
    let pipeline: Pipeline

    /// How an attempt went.
    enum Result: Sendable {
        /// The transport reported, on every recipient that was owed.
        case delivered(DeliveryReport, Fingerprint)
        /// Nobody was reached.
        case transportFailed(TransportError, Fingerprint?)
        case renderingFailed(RenderError)
        /// The job cannot be delivered as it was submitted: a person has to look.
        case unfit(String)
    }

    init(_ lease: Lease, in pipeline: Pipeline) {
        self.lease = lease
        self.pipeline = pipeline
    }

    /// The recipients that this attempt is for.
    var owed: [Recipient] {
        lease.recipients.filter { record in
            record.status == .pending || record.status == .unknown && pipeline.unknownOutcomes == .retry
        }.map(\.recipient)
    }

    func run() async -> Result {
        let submission = lease.submission
        guard let transport = pipeline.transports[submission.channel] else {
            return .unfit("this worker has no transport for \(submission.channel): add one and retry the job")
        }
        let message: Message
        do {
            message = try Message(submission: submission)
        } catch {
            return .unfit("the stored message cannot be read: it is damaged, or a newer version wrote it")
        }
        let deadline = ContinuousClock.now + pipeline.limits.job
        var rendered = RenderedDocument()
        if var document = message.document {
            if lease.isRevived { document.version = nil }
            do throws(RenderError) {
                rendered = try await render(document)
            } catch {
                return .renderingFailed(error)
            }
        }
        guard let envelope = envelope(of: message), let content = content(of: message, rendered) else {
            return .unfit("the stored message holds an address that is no address")
        }
        let inDoubt = lease.recipients.filter { $0.status == .unknown && !$0.route.isEmpty }
        let routes = inDoubt.map { ($0.recipient.address, $0.route) }
        let mail = Mail(
            id: submission.id, channel: submission.channel, envelope: envelope, message: content,
            attempt: lease.attempt, deadline: deadline, earlierRoutes: Dictionary(routes, uniquingKeysWith: { $1 }))
        let fingerprint = Fingerprint(of: mail.bytes)
        if let earlier = lease.fingerprint, earlier != fingerprint {
            return .unfit("it renders otherwise than the bytes that an earlier attempt sent: retry it if that is right")
        }
        do throws(TransportError) {
            let report = try await transport.deliver(mail)
            return .delivered(report.completed(for: envelope.recipients), fingerprint)
        } catch {
            return .transportFailed(error, fingerprint)
        }
    }

    private func render(_ document: Document) async throws(RenderError) -> RenderedDocument {
        guard let renderer = pipeline.renderer else {
            throw RenderError(.unknownTemplate, "this worker has no renderer for \"\(document.template)\"")
        }
        return try await renderer.render(document)
    }

    private func envelope(of message: Message) -> Envelope? {
        let reversePath: EmailAddress?
        switch message.reversePath {
        case .null: reversePath = nil
        case .address(let address):
            guard let address = try? EmailAddress(address) else { return nil }
            reversePath = address
        case nil:
            guard let from = message.sender ?? message.from else { return Envelope(reversePath: nil, recipients: owed) }
            guard let mailbox = try? Mailbox(from) else { return nil }
            reversePath = mailbox.address
        }
        return Envelope(reversePath: reversePath, recipients: owed)
    }

    /// The message as it is written: always to all its recipients, whoever of them is still owed it, so that every
    /// attempt gives the same bytes.
    private func content(of message: Message, _ rendered: RenderedDocument) -> InternetMessage? {
        let submission = lease.submission
        func named(_ role: Recipient.Role) -> [Mailbox] {
            guard submission.channel == .email else { return [] }
            return submission.recipients.filter { $0.role == role }.compactMap { recipient in
                (try? EmailAddress(recipient.address)).map { Mailbox(name: recipient.name, address: $0) }
            }
        }
        var content = InternetMessage(
            from: [], subject: message.subject.isEmpty ? rendered.subject ?? "" : message.subject,
            date: MessageDate(
                secondsSince1970: submission.createdAt.milliseconds / 1000, utcOffset: submission.utcOffsetMinutes),
            messageID: submission.messageID)
        if let from = message.from {
            guard let mailbox = try? Mailbox(from) else { return nil }
            content.from = [mailbox]
        }
        if let sender = message.sender {
            guard let mailbox = try? Mailbox(sender) else { return nil }
            content.sender = mailbox
        }
        for address in message.replyTo {
            guard let mailbox = try? Mailbox(address) else { return nil }
            content.replyTo.append(mailbox)
        }
        content.to = named(.to)
        content.cc = named(.cc)
        content.inReplyTo = message.inReplyTo
        content.references = message.references
        content.unsubscribe = message.unsubscribe
        content.fields = message.fields
        content.text = message.text ?? rendered.text
        content.html = message.html ?? rendered.html
        for attachment in message.attachments {
            let part = MIMEPart(
                fileName: attachment.fileName, mediaType: attachment.mediaType, bytes: attachment.content.bytes,
                contentID: attachment.contentID)
            if part.contentID == nil { content.attachments.append(part) } else { content.inline.append(part) }
        }
        for part in rendered.attachments {
            if part.contentID == nil { content.attachments.append(part) } else { content.inline.append(part) }
        }
        return content
    }
}
