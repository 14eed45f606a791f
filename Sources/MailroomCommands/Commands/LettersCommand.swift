import Foundation
package import Mailroom

/// `letters`: submits a letter for each row of a list.
struct LettersCommand: Command {
    let name = "letters"
    let summary = "submits a letter for each row of a CSV file"
    let details = """
        The first row names the columns; email is needed, all columns are the template's values. A row that cannot be
        sent is reported with its line in the file; the others go out, and the exit status is 1. Run again, it sends
        what is not queued yet: the same letter is not sent twice within a day, unless under another --batch.
        """
    let options: [Arguments.Option] = [
        .init("recipients", "FILE.csv", "the list"),
        .init("template", "NAME", "a template's name, or the path of a template file"),
        .init("from", "ADDRESS", "the author, as address or \"Name <address>\""),
        .init("subject", "TEXT", "instead of the template's subject"),
        .init("queue", "NAME", "the queue that takes them (default)"),
        .init("tag", "K=V", "a tag for all of them; may be repeated"),
        .init("tag-column", "COLUMN", "a column whose value becomes a tag; may be repeated"),
        .init("batch", "NAME", "a name for this sending: under another name the same letters are sent again"),
        .init("wait", "waits until workers have settled them all"),
        .init("verbose", "prints a line for each letter: its job and its recipient"),
        .broker, .transport, .templates,
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let console = environment.console
        let path = try arguments.required("recipients")
        let template = try arguments.required("template")
        guard let file = FileManager.default.contents(atPath: path) else {
            throw UsageError("\(path) cannot be read: see that it is there and readable")
        }
        var builder = try environment.builder(arguments)
        // A file's name may be given for the template's.
        var templateName = template.hasSuffix(".md") ? String(template.dropLast(3)) : template
        let isThere = FileManager.default.fileExists(atPath: template)
        if template.contains("/") || template.contains(".") && isThere, let loader = environment.templates {
            let (renderer, name) = try loader(template)
            guard let name else { throw UsageError("\(template) is a folder: name one of its files") }
            builder = builder.renderer(renderer)
            templateName = name
        }
        if !builder.hasTransport { builder = builder.transport(Undelivering()) }
        let pipeline = try builder.build()
        let list = try LetterList(
            [UInt8](file), template: templateName, from: arguments.text("from"),
            subject: arguments.text("subject") ?? "", queue: arguments.text("queue").map { QueueName($0) } ?? .default,
            tags: try arguments.pairs("tag"), tagColumns: arguments.texts("tag-column"))
        var sending = LetterSending(by: pipeline, named: arguments.text("batch") ?? "")
        for letter in list.letters { sending.add(letter) }
        for problem in (list.problems + sending.problems).sorted(by: { $0.line < $1.line }) {
            console.error("\(path):\(problem.line): \(problem.reason)")
        }
        let leftOut = list.problems.count + sending.problems.count
        let events = pipeline.events()
        let isVerbose = arguments.has("verbose")
        let log = Task {
            for await event in events where isVerbose { console.line("\(event.time.formatted(.iso8601)) \(event)") }
        }
        let start = ContinuousClock.now
        await sending.submit()
        let took = ContinuousClock.now - start
        console.line(
            "\(sending.queued.count) letters are being sent (submitted in \(took.shown))"
                + (leftOut == 0 ? "" : "; \(leftOut) rows were left out"))
        if sending.known.count > 0 {
            console.line(
                "\(sending.known.count) letters were submitted before and are not sent again: to send the same letters "
                    + "once more, name this sending with --batch")
        }
        for line in sending.exceptions { console.error(line) }
        var isDone = leftOut == 0 && sending.exceptions.isEmpty
        if arguments.has("wait") {
            let jobs = sending.queued + sending.known
            let notice: @Sendable () -> Void = {
                console.error("not waited for any longer; workers go on with what is queued")
            }
            let progress = try await Interruption.cancelling(after: notice) {
                try await pipeline.waitForBatch(jobs, showingOn: console)
            }
            isDone = isDone && progress[.finished] == progress.total
        }
        await pipeline.shutdown()
        await log.value
        return isDone ? 0 : 1
    }
}

/// Stands in where a process only submits and no transport is named: nothing is delivered here.
private struct Undelivering: Transport {
    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        throw TransportError(.unsupported, "this process only submits: start a worker with a transport")
    }
}

extension Duration {
    /// For people: `3.2 ms`.
    package var shown: String {
        formatted(.units(allowed: [.seconds, .milliseconds], width: .narrow, fractionalPart: .show(length: 1)))
    }
}

extension Pipeline {
    /// Shows a batch's progress until it is complete. Looks ten times a second.
    package func waitForBatch(_ jobs: [JobID], showingOn console: Console) async throws -> BatchProgress {
        let line = ProgressLine(on: console, unit: "letters settled")
        while true {
            let progress = try await progress(of: jobs)
            line.show(progress.settled, of: progress.total, failed: progress[.dead] + progress[.held])
            if progress.isComplete { return progress }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
