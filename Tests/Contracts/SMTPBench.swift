import Mailroom
import MailroomSMTP
import MailroomTesting
import Synchronization

/// The SMTP transport against a scripted server.
enum SMTPBench {
    static func make(_ behaviour: NextHopBehaviour) throws -> TransportBench {
        let mailbox = Mutex<[TransportBench.Arrival]>([])
        let box = Shared(mailbox)
        // A session has memory of its own, so each connection gets one.
        let server = try ScriptedServer(scripts: (0..<40).map { _ in script(behaviour, box) })
        let port = server.port
        if behaviour == .isUnreachable { server.stop() }
        let transport = SMTPTransport.smtp("127.0.0.1", port: port) {
            $0.clientName = "client.example"
            $0.maximumConnections = 4
            $0.credentials = .password("pass word", of: "user", by: .plain)
        }
        // The server lives as long as the bench.
        var bench = TransportBench(transport) { withExtendedLifetime(server) { box.arrivals } }
        // As it is, and as AUTH PLAIN sends it.
        bench.secrets = ["pass word", "AHVzZXIAcGFzcyB3b3Jk"]
        if [.neverAnswers, .takesAndNeverAnswers].contains(behaviour) {
            bench.reached = { _ = await server.reached("reached") }
        }
        return bench
    }

    private static func script(_ behaviour: NextHopBehaviour, _ box: Shared) -> [ScriptedServerStep] {
        let session = Session(behaviour, box)
        let talk: [ScriptedServerStep] = [.reply("220 hop.example"), .answer { session.answer($0) }]
        switch behaviour {
        case .isUnreachable: return [.hangUp]
        case .neverAnswers: return [.mark("reached"), .stall]
        case .takesAndNeverAnswers: return talk + [.mark("reached"), .stall]
        default: return talk + [.hangUp]
        }
    }

    final class Shared: Sendable {
        private let mailbox: Mutex<[TransportBench.Arrival]>
        init(_ mailbox: consuming sending Mutex<[TransportBench.Arrival]>) { self.mailbox = mailbox }
        var arrivals: [TransportBench.Arrival] { mailbox.withLock { $0 } }
        func add(_ arrival: TransportBench.Arrival) { mailbox.withLock { $0.append(arrival) } }
    }

    /// The server's side of one connection.
    private final class Session: Sendable {
        private struct State {
            var reversePath: String?
            var recipients: [String] = []
            var content: [UInt8]?
        }

        private let behaviour: NextHopBehaviour
        private let box: Shared
        private let state = Mutex(State())

        init(_ behaviour: NextHopBehaviour, _ box: Shared) {
            self.behaviour = behaviour
            self.box = box
        }

        func answer(_ line: [UInt8]) -> String? {
            state.withLock { state in
                if state.content != nil { return take(line, &state) }
                let text = String(decoding: line, as: UTF8.self)
                switch text.prefix(4).uppercased() {
                case "EHLO": return "250-hop.example\r\n250-AUTH PLAIN\r\n250 PIPELINING"
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
