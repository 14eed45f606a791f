import Foundation
import Mailroom
import MailroomCommands
import MailroomDKIM
import MailroomFileBroker
import MailroomLetters
import MailroomMemoryBroker
import MailroomRedisBroker
import MailroomSMTP
import MailroomSendmail
import MailroomSpool
import MailroomTemplates

/// The executable `mailroom`: our adapters, composed from URLs, under the commands of ``MailroomCommands``.
@main
struct Tool {
    static func main() async throws {
        try await commands().run()
    }

    /// The commands, as the process and its tests have them.
    static func commands() throws -> MailroomCommands {
        MailroomCommands(
            name: "mailroom",
            PipelineBuilder()
                .renderer(shippedLetters)
                .retry(.delays([.seconds(10), .seconds(30)])),
            schemes: AdapterSchemes(
                transports: [.smtp, .smtps, .sendmail, .spool, .dkim], brokers: [.file, .memory, .redis, .rediss]),
            defaultBroker: "file:./mailroom-queue",
            templates: templates, shipped: Shipped.templates.merging(Shipped.samples) { $1 },
            adding: [DemoCommand()])
    }

    /// The templates that come with Mailroom.
    private static var shippedLetters: LetterRenderer {
        LetterRenderer(files: TemplateFiles(Shipped.templates))
    }

    /// The templates of a folder, or one template file.
    @Sendable
    private static func templates(_ path: String) throws -> (renderer: any Renderer, name: String?) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ConfigurationError([ConfigurationProblem("templates", "there is no file or folder \(path)")])
        }
        if isFolder.boolValue { return (LetterRenderer(folder: path), nil) }
        guard let source = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError([ConfigurationProblem("templates", "\(path) cannot be read")])
        }
        let file = URL(filePath: path)
        let template = try Template(
            source: [UInt8](source), name: file.deletingPathExtension().lastPathComponent,
            files: TemplateFiles(folder: file.deletingLastPathComponent().path(percentEncoded: false)))
        return (LetterRenderer(templates: [template]), template.name)
    }
}
