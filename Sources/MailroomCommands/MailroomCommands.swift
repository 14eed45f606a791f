import Foundation
public import Mailroom

/// Mailroom's command line over a pipeline of one's own: an app's worker, its letters and its lists in one line.
///
/// ```swift
/// @main struct Worker {
///     static func main() async throws {
///         let pipeline = try PipelineBuilder()
///             .broker(.file("queue")).transport(.smtp("mail.example.org")).build()
///         try await MailroomCommands(pipeline).run()
///     }
/// }
/// ```
///
/// `swift run my-app work --workers 4 --verbose`, and likewise `letters`, `monitor`, `failed`, `retry` and what else
/// `help` lists.
public struct MailroomCommands: Sendable {
    private let name: String
    private let base: PipelineBuilder
    package let schemes: AdapterSchemes
    private let defaultBroker: String?
    private let templates: TemplateLoader?
    /// The files of templates that come with the program, by their names.
    private let shipped: [String: [UInt8]]
    private let commands: [any Command]

    /// The commands over a pipeline. Broker and transport are the pipeline's.
    public init(_ pipeline: Pipeline) {
        self.init(pipeline.composition)
    }

    /// The commands over a composition whose broker, transport and templates the user may name by URL and path.
    ///
    /// `--broker` or `MAILROOM_BROKER`, `--transport` or `MAILROOM_TRANSPORT`, and `--templates` or
    /// `MAILROOM_TEMPLATES` replace what the composition has; `defaultBroker` is the URL where none of them does.
    public init(
        _ composition: PipelineBuilder, schemes: AdapterSchemes = AdapterSchemes(), defaultBroker: String? = nil,
        templates: TemplateLoader? = nil
    ) {
        self.init(
            name: CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "mailroom", composition,
            schemes: schemes, defaultBroker: defaultBroker, templates: templates, adding: [])
    }

    package init(
        name: String, _ composition: PipelineBuilder, schemes: AdapterSchemes, defaultBroker: String?,
        templates: TemplateLoader?, shipped: [String: [UInt8]] = [:], adding more: [any Command]
    ) {
        self.name = name
        base = composition
        self.schemes = schemes
        self.defaultBroker = defaultBroker
        self.templates = templates
        self.shipped = shipped
        commands =
            more + [
                LettersCommand(), WorkCommand(), MonitorCommand(), SendsCommand(), FailedCommand(), InspectCommand(),
                RetryCommand(), CancelCommand(), ForgetCommand(), FlushCommand(), ClearCommand(), PruneCommand(),
                EraseCommand(), QueueCommand(), CheckCommand(), CaptureCommand(), RenderCommand(), TemplatesCommand(),
                PreviewCommand(),
            ]
    }

    /// Runs the command that the process was called with, and ends the process where that failed: with status 1 where
    /// something was not done, 2 where the command line was not understood. Returns when all went well.
    public func run() async throws {
        let status = await run(Array(CommandLine.arguments.dropFirst()))
        if status != 0 { exit(status) }
    }

    /// Runs a command. Answers the exit status. `variables` are the process' environment variables unless given.
    public func run(
        _ words: [String], on console: Console = .standard,
        variables: [String: String]? = nil
    ) async -> Int32 {
        guard let word = words.first, word != "help", word != "--help", word != "-h" else {
            console.write(help)
            return words.isEmpty ? 2 : 0
        }
        guard var command = commands.first(where: { $0.name == word }) else {
            console.error(
                "\(name): there is no command \"\(word)\"" + Nearest.advice(to: word, among: commands.map(\.name))
                    + "\n\(name) help lists them")
            return 2
        }
        var rest = Array(words.dropFirst())
        var called = command.name
        if let second = command.subcommands.first(where: { $0.name == rest.first }) {
            (command, called) = (second, "\(called) \(second.name)")
            rest.removeFirst()
        }
        if rest.contains("--help") || rest.contains("-h") {
            console.write(help(for: command, called: called))
            return 0
        }
        let environment = CommandEnvironment(
            base: base, schemes: schemes, console: console, templates: templates, shipped: shipped,
            variables: variables ?? ProcessInfo.processInfo.environment,
            defaultBroker: defaultBroker)
        do {
            return try await command.run(
                try Arguments(
                    rest, options: command.options, takesOperands: command.operands != nil,
                    acceptsOneDash: command.acceptsOneDash), in: environment)
        } catch let error as UsageError {
            console.error("\(name) \(called): \(error)\n\(name) \(called) --help says how it is used")
            return 2
        } catch let error as ConfigurationError {
            for problem in error.problems { console.error("\(name) \(called): \(problem)") }
            return 2
        } catch is CancellationError {
            return 130
        } catch {
            console.error("\(name) \(called): \(error)")
            return 1
        }
    }

    // MARK: Help

    private var help: String {
        let width = commands.map(\.name.count).max() ?? 0
        let lines = commands.map { "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.summary)" }
        return "\(name): reliable background messages\n\n\(lines.joined(separator: "\n"))\n\n"
            + "\(name) COMMAND --help says more. Exit status: 0 done, 1 not (all) done, 2 not understood.\n"
    }

    private func help(for command: any Command, called: String) -> String {
        let options = command.options.map { option in
            ("--\(option.name)" + (option.placeholder.map { " \($0)" } ?? ""), option.help)
        }
        let width = options.map(\.0.count).max() ?? 0
        let margin = String(repeating: " ", count: width + 4)
        let lines = options.map { option in
            "  \(option.0.padding(toLength: width, withPad: " ", startingAt: 0))  "
                + Self.wrapped(option.1, to: 116 - margin.count).joined(separator: "\n\(margin)") + "\n"
        }
        let usages =
            (command.operands.map { ["\(name) \(called) \($0)\n"] } ?? [])
            + command.subcommands.map { "\(name) \(called) \($0.name): \($0.summary)\n" }
        let usage = usages.isEmpty ? "" : "\n" + usages.joined()
        return "\(name) \(called): \(command.summary)\n\(usage)"
            + (command.details.isEmpty ? "" : "\n\(command.details)\n")
            + (lines.isEmpty ? "" : "\n" + lines.joined())
    }

    private static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
