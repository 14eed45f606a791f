public import Mailroom
public import MailroomMIME
import Synchronization

/// A mail that a ``CaptureTransport`` was given, at one attempt.
///
/// What stands in it is read from its bytes when it is first asked for, so it is what a recipient would see. On other
/// channels than mail ``subject``, ``text`` and ``html`` are the message's own.
public struct CapturedMail: Sendable {
    enum Answered: Sendable {
        case report(DeliveryReport)
        indirect case error(TransportError)
    }

    /// Whether somebody looked at a mail before it was answered, and has to look again.
    enum Watch: Sendable {
        case watched, unwatched
    }

    private struct State {
        var answer: Answered?
        var watch = Watch.unwatched
        var reading: Reading?
    }

    private final class Reading: Sendable {
        let entity: Entity
        init(_ entity: Entity) { self.entity = entity }
    }

    // All of it in one place: a capture of thousands moves about, and copies share what was read.
    private final class Record: Sendable {
        let mail: Mail
        let number: Int
        let state = Mutex(State())

        init(_ mail: Mail, _ number: Int) {
            self.mail = mail
            self.number = number
        }
    }

    private let record: Record

    init(_ mail: Mail, number: Int) { record = Record(mail, number) }

    /// Keeps what was answered, and says whether to tell of it.
    func take(_ answer: Answered) -> Watch {
        record.state.withLock { state in
            state.answer = answer
            return state.watch
        }
    }

    /// Asks to be told of an answer that is not there yet. Who does so before each look misses none, and an inbox that
    /// nobody waits at has nothing to tell.
    func watchForAnswer() {
        record.state.withLock { state in if state.answer == nil { state.watch = .watched } }
    }

    /// Its place in the inbox, from 1.
    public var number: Int { record.number }
    /// The delivery as the transport was given it.
    public var mail: Mail { record.mail }
    /// The job it belongs to.
    public var id: JobID { mail.id }
    /// Which channel it went by.
    public var channel: Channel { mail.channel }
    /// Which try of the job it is, from 1.
    public var attempt: Int { mail.attempt }
    /// Sender and recipients as the next hop is told, those included whom no header names.
    public var envelope: Envelope { mail.envelope }
    /// The addresses of the envelope's recipients.
    public var recipients: [String] { envelope.recipients.map(\.address) }
    /// The rendered message.
    public var message: InternetMessage { mail.message }
    /// The message as it goes over the wire.
    public var bytes: [UInt8] { mail.bytes }

    /// What was answered: a report or an error; `nil` while the delivery is under way.
    public var answer: Result<DeliveryReport, TransportError>? {
        switch record.state.withLock({ $0.answer }) {
        case .report(let report): .success(report)
        case .error(let error): .failure(error)
        case nil: nil
        }
    }

    /// The message as it reads: its header, parts and contents.
    public var entity: Entity {
        if let reading = record.state.withLock({ $0.reading }) { return reading.entity }
        let reading = Reading(Entity(parsing: bytes))
        record.state.withLock { $0.reading = reading }
        return reading.entity
    }
}
