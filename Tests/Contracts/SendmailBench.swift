import Foundation
import Mailroom
import MailroomSendmail
import MailroomTesting
import TestSupport

/// The sendmail transport against a shell script that keeps what it is given in a folder.
enum SendmailBench {
    static func make(_ behaviour: NextHopBehaviour) throws -> TransportBench {
        let folder = TestFolder()
        let program = folder.path + "/sendmail"
        if behaviour != .isUnreachable {
            _ = try folder.program(functions + script(behaviour))
            for name in ["tmp", "new"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
            }
        }
        let transport: SendmailTransport = .sendmail(program) {
            $0.environment = ["ACCOUNT_PASSWORD": "hush hush"]
        }
        // The folder lives as long as the bench.
        var bench = TransportBench(transport) { folder.names("new").map { arrival("new/\($0)", in: folder) } }
        // Programs take their input with the line ends of Unix.
        bench.content = { $0.withoutCarriageReturns }
        bench.secrets = ["hush hush"]
        if [.neverAnswers, .takesAndNeverAnswers].contains(behaviour) {
            bench.reached = { _ = await folder.reaches("reached") }
        }
        return bench
    }

    /// A mail arrives at once: when its folder is renamed.
    private static let functions = """
        take() {
            t="$d/tmp/$$" && mkdir "$t" && printf '%s\\0' "$@" > "$t/arguments" && cat > "$t/input" \\
                && mv "$t" "$d/new"
        }
        for last; do :; done

        """

    private static func script(_ behaviour: NextHopBehaviour) -> String {
        switch behaviour {
        case .accepts, .isUnreachable: return #"take "$@""#
        case .refuses(let forNow, let forGood):
            let cases =
                forNow.map { "'\($0)') cat > /dev/null; exit 75;;" }
                + forGood.map { "'\($0)') cat > /dev/null; echo 'no such user' >&2; exit 67;;" }
            return #"case "$last" in \#(cases.joined(separator: " ")) esac; take "$@""#
        case .refusesMail(let forGood): return "cat > /dev/null; exit \(forGood ? 65 : 75)"
        case .neverAnswers: return #"echo > "$d/reached"; exec sleep 600"#
        case .takesAndNeverAnswers: return #"take "$@"; echo > "$d/reached"; exec sleep 600"#
        case .takesAndHangsUp: return #"take "$@"; kill -9 $$"#
        }
    }

    private static func arrival(_ name: String, in folder: TestFolder) -> TransportBench.Arrival {
        let arguments = folder.bytes("\(name)/arguments").split(separator: 0, omittingEmptySubsequences: false)
            .dropLast().map { String(decoding: $0, as: UTF8.self) }
        let sender = arguments.firstIndex(of: "-f").map { arguments[$0 + 1] }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return TransportBench.Arrival(
            reversePath: sender == "<>" ? nil : sender, recipients: Array(arguments[end...].dropFirst()),
            content: folder.bytes("\(name)/input"))
    }
}

extension [UInt8] {
    /// With LF for each CRLF.
    var withoutCarriageReturns: [UInt8] {
        indices.filter { self[$0] != 13 || index(after: $0) == endIndex || self[$0 + 1] != 10 }.map { self[$0] }
    }
}
