import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The least that a client has to do: each connection has a thread, and each mail one write, which holds the mail, its
/// final dot and the commands of the next mail, and one wait for the answers.
struct BareLoop {
    let port: Int
    let mail: [UInt8]

    /// Sends mails, shared out among connections; returns when all were taken.
    func send(_ count: Int, connections: Int) throws {
        let failures = Mutex(0)
        let group = DispatchGroup()
        for number in 0..<connections {
            let share = count / connections + (number < count % connections ? 1 : 0)
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                do { try converse(share) } catch { failures.withLock { $0 += 1 } }
            }
        }
        group.wait()
        guard failures.withLock({ $0 }) == 0 else { throw BenchmarkError("the bare loop was cut short") }
    }

    private func converse(_ count: Int) throws {
        let file = try Peers.connection(port: port)
        defer { close(file) }
        try receive(1, file)
        try transmit(Array("EHLO bare.example.org\r\n".utf8), file)
        try receive(nil, file)
        let commands = Array("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n".utf8)
        let last = mail + Array(".\r\n".utf8)
        let whole = last + commands
        try transmit(commands, file)
        try receive(3, file)
        for number in 1...count {
            try transmit(number == count ? last : whole, file)
            try receive(number == count ? 1 : 4, file)
        }
        try transmit(Array("QUIT\r\n".utf8), file)
        try receive(1, file)
    }

    private func transmit(_ bytes: [UInt8], _ file: Int32) throws {
        try bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Foundation.send(file, bytes.baseAddress! + sent, bytes.count - sent, 0)
                guard count > 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
                sent += count
            }
        }
    }

    /// Waits for so many lines that begin with 2 or 3; without a number, for the last of several.
    private func receive(_ lines: Int?, _ file: Int32) throws {
        try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            var seen = 0
            // Where in its line the next octet stands, and whether the line is a reply's last.
            var column = 0
            var isLast = false
            while lines.map({ seen < $0 }) ?? !(isLast && column == 0 && seen > 0) {
                let count = recv(file, buffer.baseAddress!, buffer.count, 0)
                guard count > 0 else { throw POSIXError(.ECONNRESET) }
                for byte in buffer[..<count] {
                    if column == 0, byte != UInt8(ascii: "2"), byte != UInt8(ascii: "3") { throw POSIXError(.EPROTO) }
                    if column == 3 { isLast = byte == UInt8(ascii: " ") }
                    column = byte == 10 ? 0 : column + 1
                    if byte == 10 { seen += 1 }
                }
            }
        }
    }
}
