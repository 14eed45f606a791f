import Dispatch
public import Mailroom
package import MailroomFiles
import Synchronization

/// An adapter that writes each mail to a file of its own.
///
/// ```swift
/// let pipeline = try PipelineBuilder().broker(.memory()).transport(.spool("outbox")).build()
/// ```
///
/// A file appears whole or not at all: it is written beside its place, brought to the disk, and linked to its name,
/// which never replaces another. Accepted means that file and name are on the disk.
///
/// This is the mail's final delivery (RFC 5321 §4.4), so the envelope stands before the header: one `Return-Path`
/// field and an `Envelope-To` field for each recipient. The latter name Bcc recipients, too: whoever sends such a file
/// on has to take these first lines away.
///
/// The name says which job it is of and what is in it. A delivery that is made again, because nobody knew how it had
/// ended, finds its file there and does not write a second one, unless someone has moved the file away.
public final class SpoolTransport: Transport, RouteOwning {
    /// The folder; made when first needed, readable to its owner alone.
    public let folder: String
    /// How the files are named and written.
    public let format: SpoolFormat
    /// The name this transport puts into outcomes: `spool:` and the folder.
    public let route: String

    let queue = DispatchQueue(label: "mailroom spool")
    private let waiting = Mutex<[SpoolDelivery]>([])
    let files: SpoolFolder
    private let writer: SpoolWriter

    /// A transport; touches the folder when there is something to deliver.
    public convenience init(folder: String, format: SpoolFormat = .eml) {
        self.init(folder: folder, format: format, disk: .real)
    }

    package init(folder: String, format: SpoolFormat, disk: Disk) {
        self.folder = folder
        self.format = format
        route = "spool:\(folder)"
        files = SpoolFolder(path: folder, format: format, disk: disk)
        writer = SpoolWriter(files)
    }

    /// Whether a delivery went to this folder.
    public func owns(_ route: String) -> Bool? { route == self.route }

    /// Finds a folder that cannot be named.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        guard folder.isEmpty || folder.utf8.contains(where: { $0 < 32 || $0 == 127 }) else { return [] }
        return [ConfigurationProblem("spool folder", "it is empty or holds a control character: name a folder")]
    }

    /// Delivers a mail; see ``/Mailroom/Transport/deliver(_:)``.
    ///
    /// Everyone is accepted, with the file's name as remote id, or it throws, for now: a full disk or a missing
    /// permission is mended without losing mail. Recipients are in doubt where the file is in its place but the disk
    /// did not confirm the name, or did not answer by the deadline.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let delivery = SpoolDelivery(mail, route: route)
        guard delivery.hasRecipients else { return delivery.report(.accepted, nil) }
        let end = mail.deadline - SpoolDelivery.reserve
        if end <= .now { delivery.expire() }
        let timer = Task.detached {
            do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
            delivery.expire()
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if delivery.begin(continuation) { submit(delivery) }
            }
        } onCancel: {
            delivery.cancel()
        }
        return try result.get()
    }

    /// What waits when the queue comes to it is one group, which shares one sync of the folder.
    private func submit(_ delivery: SpoolDelivery) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(delivery)
            return waiting.count == 1
        }
        guard isFirst else { return }
        queue.async { [self] in
            let group = waiting.withLock { waiting in
                let group = waiting
                waiting.removeAll(keepingCapacity: true)
                return group
            }
            writer.write(group)
        }
    }

    /// Runs on the thread that writes, between groups; `nil` where that takes longer than the deadline.
    func onQueue<Value: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Value
    ) async -> Value? {
        await FirstAnswer.wait(until: deadline, late: nil) { answer in queue.async { answer.give(body()) } }
    }
}

extension Transport where Self == SpoolTransport {
    /// Writes each mail to a file of its own.
    ///
    /// - Parameters:
    ///   - folder: where; made when first needed.
    ///   - format: `.eml` files, or a Maildir.
    public static func spool(_ folder: String, format: SpoolFormat = .eml) -> SpoolTransport {
        SpoolTransport(folder: folder, format: format)
    }
}
