import Foundation
import Mailroom

/// `queue`: looks through a queue's files, and mends them.
struct QueueCommand: Command {
    let name = "queue"
    let summary = "verify: looks for damage in a queue's files; repair: sets damage aside"
    let operands: String? = "verify|repair [FOLDER]"
    let details = """
        FOLDER is a queue's folder or its file: URL; without it, the broker is meant. verify changes nothing, and may run
        beside workers. repair wants to be alone, and asks first: what is damaged is moved to the folder damaged in the
        queue, every whole record counts again, and a job of which something is lost is held, never sent again in silence.
        Exit status: 0 sound, or repaired; 1 problems found, or not repaired; 2 not understood, or no queue.
        """
    let options: [Arguments.Option] = [
        .broker, .init("format", "FORMAT", "table (for people) or json (a line for each thing)"),
        .dryRun, .yes,
    ]

    private enum Deed: String, CaseIterable { case verify, repair }

    private enum Format: String, CaseIterable { case table, json }

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let deed = try arguments.deed(of: name, as: Deed.self)
        guard arguments.operands.count < 3 else { throw UsageError("one queue at a time") }
        if deed == .verify, arguments.has("yes") || arguments.has("dry-run") {
            throw UsageError("verify changes nothing: --yes and --dry-run go with repair")
        }
        let format = try arguments.choice("format", of: Format.self) ?? .table
        let store = try store(arguments, in: environment)
        do throws(BrokerError) {
            let status =
                deed == .verify
                ? try await verify(store, as: format, environment.console)
                : try await repair(store, arguments, as: format, environment)
            await store.shutdown()
            return status
        } catch {
            environment.console.error("mailroom queue \(deed.rawValue): \(error)")
            await store.shutdown()
            return error.code == .noStore ? 2 : 1
        }
    }

    private func store(
        _ arguments: Arguments, in environment: CommandEnvironment
    ) throws -> any InspectableStore {
        let broker: any Broker
        if arguments.operands.count == 2 {
            if arguments.has("broker") { throw UsageError("name the queue once: FOLDER or --broker") }
            broker = try environment.schemes.broker(Self.url(of: arguments.operands[1])).broker
        } else {
            broker = try environment.broker(arguments)
        }
        guard let store = broker as? any InspectableStore else {
            throw UsageError("this broker keeps no files that could be looked through")
        }
        return store
    }

    /// A folder's name as a URL: what has a meaning in a URL stands there as its code.
    private static func url(of operand: String) -> String {
        if operand.hasPrefix("file:") { return operand }
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
        let path = operand.hasPrefix("/") || operand.hasPrefix(".") ? operand : "./\(operand)"
        return "file:" + (path.addingPercentEncoding(withAllowedCharacters: plain) ?? path)
    }

    // MARK: Verify

    private func verify(
        _ store: any InspectableStore, as format: Format, _ console: Console
    ) async throws(BrokerError) -> Int32 {
        let line = ByteProgress(on: console)
        let inspection = try await store.inspectStore { line.show($0, of: $1) }
        line.end()
        console.write(format == .json ? inspection.json : inspection.table)
        return inspection.problems.isEmpty ? 0 : 1
    }

    // MARK: Repair

    private func repair(
        _ store: any InspectableStore, _ arguments: Arguments, as format: Format, _ environment: CommandEnvironment
    ) async throws(BrokerError) -> Int32 {
        let console = environment.console
        let (isDryRun, isYes) = (arguments.has("dry-run"), arguments.has("yes"))
        guard isDryRun || isYes || console.readAnswer != nil else {
            console.error(
                "mailroom queue repair: it asks before it changes anything, and standard input is no terminal: add --yes to "
                    + "go ahead, or --dry-run to see what it would do")
            return 2
        }
        let line = ByteProgress(on: console)
        let seen = Seen()
        let repair = try await store.repairStore(onlyLooking: isDryRun) {
            line.show($0, of: $1)
        } isAgreed: { inspection in
            line.end()
            seen.note(inspection.problems.count)
            console.write(format == .json ? inspection.json : inspection.table)
            if isDryRun || isYes { return isYes && !isDryRun }
            return await console.confirms("Set this damage aside in \(inspection.place)?")
        }
        line.end()
        if let repair {
            console.write(format == .json ? repair.json : repair.text)
            return 0
        }
        if isDryRun, seen.count > 0 {
            console.line(
                "\(seen.count) \(seen.count == 1 ? "problem" : "problems"): not repaired, since this is a dry run")
            return 0
        }
        console.line(seen.count > 0 ? "nothing was done" : "there is nothing to repair")
        return seen.count > 0 ? 1 : 0
    }
}
