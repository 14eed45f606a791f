package import Mailroom

/// `sends`: lists what became of each recipient.
struct SendsCommand: Command {
    let name = "sends"
    let summary = "lists sends, one row a recipient, the latest first"
    let options: [Arguments.Option] = [
        .broker,
        .init("latest", "N", "how many (10)"),
        .init("status", "STATUS", "only pending, sent, failed or unknown ones"),
        .init("recipient", "ADDRESS", "only those to this address"),
        .init("tag", "K=V", "only those with this tag; may be repeated"),
        .init("count-by", "status", "counts them instead"),
        .format,
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let format = try arguments.format()
        var query = SendQuery(limit: try arguments.number("latest") ?? 10, tags: try arguments.pairs("tag"))
        if let name = arguments.text("status") {
            guard let status = RecipientRecord.Status(name: name) else {
                throw UsageError("--status takes one of pending, sent, failed, unknown, not \"\(name)\"")
            }
            query.status = status
        }
        if arguments.has("recipient") { query.recipient = try arguments.required("recipient") }
        if let field = arguments.text("count-by"), field != "status" {
            throw UsageError("--count-by takes status, not \"\(field)\"")
        }
        let records = try environment.records(arguments)
        let listing: Listing
        if arguments.has("count-by") {
            let counts = try await records.sendCounts(matching: query)
            var rows = Listing(columns: ["status", "count"])
            for status in RecipientRecord.Status.allCases {
                rows.append([.text(status.description), .number(counts[status] ?? 0)])
            }
            listing = rows
        } else {
            listing = Listing(sends: try await records.sends(matching: query))
        }
        environment.console.write(listing.text(as: format))
        await records.shutdown()
        return 0
    }
}

extension Listing {
    /// Sends, one row a recipient.
    package init(sends: [Send]) {
        self.init(
            columns: [
                "id", "message_id", "recipient", "status", "attempts", "error", "created_at", "updated_at", "sent_at",
                "tags", "route",
            ],
            tableColumns: ["id", "recipient", "status", "attempts", "sent_at", "route", "error"])
        for send in sends {
            append([
                .text(send.job.id.description), .text(send.job.messageID), .text(send.recipient.recipient.address),
                .text(send.recipient.status.description), .number(send.job.attempts), .text(send.error),
                .time(send.job.createdAt), .time(max(send.recipient.updatedAt, send.job.createdAt)),
                .time(send.recipient.sentAt), .tags(send.job.tags),
                .text(send.recipient.route.isEmpty ? nil : send.recipient.route),
            ])
        }
    }
}

extension Send {
    /// Why the recipient does not have the message; of a job that ended or waits as a whole, the job's reason.
    fileprivate var error: String? { recipient.error ?? (recipient.status == .sent ? nil : job.error) }
}
