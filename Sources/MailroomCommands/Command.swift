public import Mailroom

/// One command of the command line.
package protocol Command: Sendable {
    /// How it is called, such as `work`.
    var name: String { get }
    /// What it does, in one line.
    var summary: String { get }
    /// What more there is to say in its help.
    var details: String { get }
    /// What stands for the words it takes besides options, such as `ID…`; `nil` where it takes none.
    var operands: String? { get }
    /// Its own options, in the order of its help.
    var options: [Arguments.Option] { get }
    /// Whether options may begin with one dash, as another program's whose place it takes; those of one letter may then
    /// have their value behind them, as in `-fme@example.org`.
    var acceptsOneDash: Bool { get }
    /// Commands that are called by its name and theirs.
    var subcommands: [any Command] { get }

    /// Does it. Answers the exit status.
    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32
}

extension Command {
    package var details: String { "" }
    package var operands: String? { nil }
    package var acceptsOneDash: Bool { false }
    package var subcommands: [any Command] { [] }
}

/// What commands have in common: the composition they work on, and where they write.
package struct CommandEnvironment: Sendable {
    package let base: PipelineBuilder
    package let schemes: AdapterSchemes
    package let console: Console
    package let templates: TemplateLoader?
    /// The files of templates that come with the program, by their names: `NAME.md`, and `NAME.json` with values to
    /// begin with.
    let shipped: [String: [UInt8]]
    let variables: [String: String]
    let defaultBroker: String?

    /// The composition as the options and the environment variables say.
    package func builder(_ arguments: Arguments) throws -> PipelineBuilder {
        let builder = try withTransport(arguments).broker(try broker(arguments))
        return try renderer(arguments).map { builder.renderer($0) } ?? builder
    }

    /// The renderer that the options or the environment name.
    func renderer(_ arguments: Arguments) throws -> (any Renderer)? {
        guard let templates, let path = arguments.text("templates") ?? variables["MAILROOM_TEMPLATES"] else {
            return nil
        }
        return try templates(path).renderer
    }

    /// The composition with what the options and the environment name, and no broker where none is named.
    func composition(_ arguments: Arguments) throws -> PipelineBuilder {
        let composition = try withTransport(arguments)
        return try brokerURL(arguments).map { composition.broker(try schemes.broker($0).broker) } ?? composition
    }

    private func withTransport(_ arguments: Arguments) throws -> PipelineBuilder {
        guard let url = transportURL(arguments) else { return base }
        return base.transport(try schemes.transport(url))
    }

    /// The transport's URL that the options or the environment name.
    func transportURL(_ arguments: Arguments) -> String? {
        arguments.text("transport") ?? variables["MAILROOM_TRANSPORT"]
    }

    /// Whether there is a broker whose jobs can be counted, with a store.
    func hasStore(_ arguments: Arguments) -> Bool {
        guard brokerURL(arguments) != nil || base.currentBroker != nil || defaultBroker != nil else { return false }
        return (try? administration(arguments)) != nil
    }

    private func brokerURL(_ arguments: Arguments) -> String? {
        arguments.text("broker") ?? variables["MAILROOM_BROKER"]
    }

    /// The broker that the options, the environment or the composition give.
    package func broker(_ arguments: Arguments) throws -> any Broker {
        let named = brokerURL(arguments)
        if named == nil, let broker = base.currentBroker { return broker }
        guard let url = named ?? defaultBroker else {
            throw UsageError("no broker is named: give --broker URL or set MAILROOM_BROKER")
        }
        let (broker, isDurable) = try schemes.broker(url)
        guard isDurable else {
            throw UsageError(
                "\(try AdapterURL(url)) is in the memory of one process and would end with this command: name a broker that stays, "
                    + "such as \(defaultBroker ?? "a file queue")")
        }
        return broker
    }

    /// The broker as something that can be listed. Refuses a store that is not there.
    package func records(_ arguments: Arguments) throws -> any SendRecords {
        guard let records = try existingBroker(arguments) as? any SendRecords else {
            throw UsageError("this broker keeps no records of sends")
        }
        return records
    }

    /// The broker as something whose jobs can be counted and acted on. Refuses a store that is not there.
    package func administration(_ arguments: Arguments) throws -> any BrokerAdministration {
        guard let broker = try existingBroker(arguments) as? any BrokerAdministration else {
            throw UsageError("this broker's jobs can neither be counted nor acted on")
        }
        return broker
    }

    private func existingBroker(_ arguments: Arguments) throws -> any Broker {
        let broker = try broker(arguments)
        if let problem = (broker as? any ExistingStore)?.missingStore {
            throw BrokerError(.unavailable, problem, mayHaveStored: false)
        }
        return broker
    }

    /// The broker's URL without credentials, for people.
    func brokerName(_ arguments: Arguments) -> String {
        let isComposed = brokerURL(arguments) == nil && base.currentBroker != nil
        guard !isComposed, let url = brokerURL(arguments) ?? defaultBroker else { return "this app's broker" }
        return (try? AdapterURL(url).description) ?? "the broker"
    }

    /// The clock of what is composed.
    var time: any TimeSource { base.currentTime }
}

/// Makes a renderer of the template file, or the folder of them, at a path. Of a single template it says the name.
public typealias TemplateLoader = @Sendable (String) throws -> (renderer: any Renderer, name: String?)
