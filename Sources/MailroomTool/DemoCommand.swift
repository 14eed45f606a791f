import Foundation
import Mailroom
import MailroomCapture
import MailroomCommands
import MailroomFileBroker
import MailroomSMTP
import MailroomTemplates

/// `demo`: the main job with nothing to set up, from a list of teachers to captured mail.
struct DemoCommand: Command {
    let name = "demo"
    let summary = "sends a letter to each of a list of teachers, and shows them: nothing to set up"
    let details = """
        Letters are submitted to a file queue in a fresh folder, rendered and delivered by two workers over SMTP to
        Mailroom's own capture server, which shows them in a web page until Ctrl-C.
        """
    let options: [Arguments.Option] = [
        .init("once", "ends when all are delivered: status 0, or 1 where one is not"),
        .init("folder", "FOLDER", "where to make the queue, and keep it (a fresh folder that goes with the demo)"),
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let console = environment.console
        let (capture, ports) = try startCapture()
        let kept = arguments.text("folder")
        let folder =
            kept
            ?? FileManager.default.temporaryDirectory.appending(
                path: "mailroom-demo-\(JobID(at: Date(), random: .system))"
            ).path(percentEncoded: false)
        defer {
            capture.stop()
            if kept == nil { try? FileManager.default.removeItem(atPath: folder) }
        }
        let pipeline = try environment.base
            .broker(.file(folder))
            .transport(.smtp("127.0.0.1", port: ports.smtp))
            .build()
        let stays = !arguments.has("once")
        let isComplete = try await Interruption.cancelling { [self] in
            let isComplete = try await send(by: pipeline, to: console, folder: folder)
            await pipeline.shutdown()
            console.line("")
            console.line("look at the mails:  http://127.0.0.1:\(ports.web)/")
            console.line("SMTP server:        127.0.0.1:\(ports.smtp)")
            if stays { await Interruption.wait { console.line("Ctrl-C ends the demo") } }
            return isComplete
        }
        return isComplete ? 0 : 1
    }

    /// On MailHog's ports, or on free ones where another program has them.
    private func startCapture() throws -> (CaptureServer, CaptureServer.Ports) {
        let usual = CaptureServer()
        if let ports = try? usual.start() { return (usual, ports) }
        var configuration = CaptureServer.Configuration()
        configuration.smtpPort = 0
        configuration.webPort = 0
        let free = CaptureServer(configuration)
        return (free, try free.start())
    }

    private func send(by pipeline: Pipeline, to console: Console, folder: String) async throws -> Bool {
        let list = try LetterList(
            Shipped.teachers, template: "volunteer-letter-fr", from: "Comité directeur <benevolat@example.org>",
            tagColumns: ["club"])
        let start = ContinuousClock.now
        let receipts = try await pipeline.submit(list.letters.map(\.message))
        console.line(
            "\(receipts.count) letters are being sent: submitted in \((ContinuousClock.now - start).shown), "
                + "kept in \(folder)")
        let work = Task { try await pipeline.run() }
        let progress: BatchProgress
        do {
            progress = try await pipeline.waitForBatch(receipts.flatMap(\.jobs), showingOn: console)
        } catch {
            work.cancel()
            _ = try? await work.value
            throw error
        }
        work.cancel()
        _ = try await work.value
        if let records = pipeline.broker as? any SendRecords {
            console.line("")
            console.write(
                Listing(sends: try await records.sends(matching: SendQuery(limit: receipts.count))).text(as: .table))
        }
        return progress[.finished] == progress.total
    }
}
