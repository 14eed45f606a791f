import Foundation
import Mailroom
import MailroomLibraries
import MailroomSMTP
import MailroomScriptedServer
import MailroomTesting
import Synchronization
import TestSupport

/// The SMTP transport against a scripted server.
enum SMTPBench {
    /// How a message gets to the server.
    enum Way: Sendable {
        case data, chunks
    }

    /// With `trust` the dialogue is in TLS, from its second part on.
    static func make(
        _ behaviour: NextHopBehaviour, by way: Way = .data, trust: TestTrust? = nil
    ) throws -> TransportBench {
        let box = Shared()
        // A session has memory of its own, so each connection gets one.
        let context = try trust?.serverContext()
        let server = try ScriptedServer(scripts: (0..<40).map { _ in script(behaviour, box, way, context) })
        // Kept closed: a port that is only left may be another server's before it is used.
        let closed = behaviour == .isUnreachable ? try ClosedPort() : nil
        let transport = SMTPTransport.smtp("127.0.0.1", port: closed?.port ?? server.port) {
            $0.clientName = "client.example"
            $0.maximumConnections = 4
            $0.credentials = .password("pass word", of: "user", by: .plain)
            $0.chunks = way == .chunks
            guard let trust else { return }
            $0.security = .required
            $0.security.trustFile = trust.file.path
        }
        // The server, or the port, lives as long as the bench.
        var bench = TransportBench(transport) { withExtendedLifetime((server, closed)) { box.arrivals } }
        // As it is, and as AUTH PLAIN sends it.
        bench.secrets = ["pass word", "AHVzZXIAcGFzcyB3b3Jk"]
        if [.neverAnswers, .takesAndNeverAnswers].contains(behaviour) {
            bench.reached = { _ = await server.reached("reached") }
        }
        return bench
    }

    private static func script(
        _ behaviour: NextHopBehaviour, _ box: Shared, _ way: Way, _ context: TLSContext?
    ) -> [ScriptedServerStep] {
        let session = Session(behaviour, box, way)
        let opening: [ScriptedServerStep] =
            if context == nil {
                [.reply("220 hop.example")]
            } else {
                [
                    .reply("220 hop.example"), .expect("EHLO "), .reply("250-hop.example\r\n250 STARTTLS"),
                    .expect("STARTTLS"), .reply("220 go"),
                ]
            }
        let talk = opening + (context.map { [.startTLS($0)] } ?? []) + [.answer { session.answer($0) }]
        switch behaviour {
        case .isUnreachable: return [.hangUp]
        case .neverAnswers: return (context == nil ? [] : opening) + [.mark("reached"), .stall]
        case .takesAndNeverAnswers: return talk + [.mark("reached"), .stall]
        default: return talk + [.hangUp]
        }
    }

    final class Shared: Sendable {
        private let mailbox = Mutex<[TransportBench.Arrival]>([])
        var arrivals: [TransportBench.Arrival] { mailbox.withLock { $0 } }
        func add(_ arrival: TransportBench.Arrival) { mailbox.withLock { $0.append(arrival) } }
    }

    /// The server's side of one connection.
    private final class Session: Sendable {
        private struct State {
            var reversePath: String?
            var recipients: [String] = []
            var content: [UInt8]?
            /// How many octets of the last chunk are still to come.
            var missing: Int?
        }

        private let behaviour: NextHopBehaviour
        private let box: Shared
        private let state = Mutex(State())

        private let way: Way

        init(_ behaviour: NextHopBehaviour, _ box: Shared, _ way: Way) {
            self.behaviour = behaviour
            self.box = box
            self.way = way
        }

        func answer(_ line: [UInt8]) -> String? {
            state.withLock { state in
                if let missing = state.missing { return takeChunk(line, missing, &state) }
                if state.content != nil { return take(line, &state) }
                let text = String(decoding: line, as: UTF8.self)
                switch text.prefix(4).uppercased() {
                case "EHLO":
                    return "250-hop.example\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250 "
                        + (way == .chunks ? "CHUNKING" : "HELP")
                case "AUTH": return "235 2.7.0 welcome"
                case "MAIL":
                    if case .refusesMail(let forGood) = behaviour {
                        return forGood ? "554 5.7.1 no" : "451 4.3.0 later"
                    }
                    state = State(reversePath: Self.path(in: text))
                    return "250 ok"
                case "RCPT":
                    let address = Self.path(in: text) ?? ""
                    if case .refuses(let forNow, let forGood) = behaviour {
                        if forNow.contains(address) { return "450 4.2.0 later" }
                        if forGood.contains(address) { return "550 5.1.1 unknown" }
                    }
                    if case .refusesMail = behaviour { return "503 5.5.1 no MAIL" }
                    state.recipients.append(address)
                    return "250 ok"
                case "DATA":
                    guard !state.recipients.isEmpty else { return "554 5.5.1 nobody" }
                    state.content = []
                    return "354 go"
                case "BDAT":
                    // One chunk is enough for the mail of a contract, and it ends with a line.
                    let words = text.split(whereSeparator: \.isWhitespace)
                    guard words.count == 3, let size = Int(words[1]), size > 0, words[2] == "LAST" else {
                        return "501 5.5.4 one chunk"
                    }
                    (state.content, state.missing) = ([], size)
                    return ""
                case "RSET":
                    state = State()
                    return "250 ok"
                case "QUIT": return "221 bye"
                default: return "500 5.5.2 what?"
                }
            }
        }

        private func take(_ line: [UInt8], _ state: inout State) -> String? {
            guard line == Array(".\r\n".utf8) else {
                state.content?.append(contentsOf: line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...])
                return ""
            }
            return finish(&state)
        }

        private func takeChunk(_ line: [UInt8], _ missing: Int, _ state: inout State) -> String? {
            state.content?.append(contentsOf: line)
            state.missing = missing - line.count
            if line.count < missing { return "" }
            return state.recipients.isEmpty || line.count > missing ? "503 5.5.1 no" : finish(&state)
        }

        private func finish(_ state: inout State) -> String? {
            box.add(
                TransportBench.Arrival(
                    reversePath: state.reversePath, recipients: state.recipients, content: state.content ?? []))
            state = State()
            return [.takesAndNeverAnswers, .takesAndHangsUp].contains(behaviour) ? nil : "250 2.0.0 ok"
        }

        /// What stands between the first < and the last >; `nil` for nothing.
        private static func path(in text: String) -> String? {
            guard let open = text.utf8.firstIndex(of: UInt8(ascii: "<")),
                let close = text.utf8.lastIndex(of: UInt8(ascii: ">")), open < close
            else { return nil }
            let path = Substring(text.utf8[open..<close].dropFirst())
            return path.isEmpty ? nil : String(path)
        }
    }
}
