import MailroomLibraries
import MailroomSockets

/// One connection of a scripted server, on a thread of its own.
struct ScriptedConnection {
    private let tcp: TCPStream
    /// The same connection as it is spoken to: plain, or TLS once that has begun.
    private var current: any SocketStream
    private let number: Int
    private let record: ScriptedServerRecord
    private let forever = ContinuousClock.now + .seconds(86_400)

    init(_ stream: TCPStream, number: Int, record: ScriptedServerRecord) {
        tcp = stream
        current = stream
        self.number = number
        self.record = record
    }

    mutating func play(_ script: [ScriptedServerStep]) {
        var unread: [UInt8] = []
        for step in script {
            guard play(step, &unread) else { break }
        }
        current.close()
        record.reach(.mark("end"))
    }

    /// False when the connection is over.
    private mutating func play(_ step: ScriptedServerStep, _ unread: inout [UInt8]) -> Bool {
        switch step {
        case .expect(let start): return expect(start, &unread)
        case .readThrough(let end):
            guard read(through: Array(end.utf8), &unread) != nil else {
                record.note("connection \(number) ended before “\(end)”")
                return false
            }
            return true
        case .answer(let answer):
            while let line = read(through: [10], &unread) {
                guard let reply = answer(Array(line)) else { return true }
                if !reply.isEmpty, !write(Array("\(reply)\r\n".utf8)) { return false }
            }
            return false
        case .reply(let text): return write(Array("\(text)\r\n".utf8))
        case .replyByOctet(let text): return "\(text)\r\n".utf8.allSatisfy { write([$0]) }
        case .send(let bytes): return write(bytes)
        case .startTLS(let context): return startTLS(context, &unread)
        case .mark(let mark):
            record.reach(.mark(mark))
            return true
        case .wait(let gate): return record.wait(for: .gate(gate))
        case .stall:
            while receive(&unread) {}
            return false
        case .freeze:
            _ = record.wait(for: .gate(""))
            return false
        case .hangUp:
            return false
        case .reset:
            current = tcp
            tcp.reset()
            return false
        }
    }

    private mutating func startTLS(_ context: TLSContext, _ unread: inout [UInt8]) -> Bool {
        // RFC 3207, section 4.2: what came in plain text before is forgotten.
        unread = []
        do throws(SocketError) {
            current = try TLSStream.server(over: tcp, context: context, deadline: forever)
            return true
        } catch {
            record.note("connection \(number): \(error)")
            return false
        }
    }

    private func expect(_ start: String, _ unread: inout [UInt8]) -> Bool {
        guard let line = read(through: [10], &unread) else {
            record.note("connection \(number) ended before \(start)")
            return false
        }
        let text = String(decoding: line, as: UTF8.self)
        guard text.lowercased().hasPrefix(start.lowercased()) else {
            record.note("connection \(number): “\(text)” came where \(start) was due")
            return false
        }
        return true
    }

    private func read(through end: [UInt8], _ unread: inout [UInt8]) -> ArraySlice<UInt8>? {
        var from = 0
        while true {
            var at = from
            while at + end.count <= unread.count {
                if unread[at..<at + end.count].elementsEqual(end) {
                    let taken = unread[..<(at + end.count)]
                    unread = Array(unread[taken.endIndex...])
                    return taken
                }
                at += 1
            }
            from = at
            guard receive(&unread) else { return nil }
        }
    }

    private func receive(_ unread: inout [UInt8]) -> Bool {
        let before = unread.count
        guard let count = try? current.read(appendingTo: &unread, deadline: forever), count > 0 else { return false }
        record.receive(unread[before...], on: number)
        return true
    }

    private func write(_ bytes: [UInt8]) -> Bool { (try? current.write(bytes, deadline: forever)) != nil }
}
