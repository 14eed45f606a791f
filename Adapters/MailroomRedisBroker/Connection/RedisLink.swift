import Mailroom
import MailroomLibraries
import MailroomSockets

/// One connection to the server, logged in. Blocks the calling thread; one thread uses it.
final class RedisLink {
    /// When it last carried something.
    var usedAt = ContinuousClock.now
    private let stream: any SocketStream
    private var parser = RESPParser()
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    let remoteAddress: String
    let facts: TLSFacts?

    private init(_ stream: any SocketStream, remoteAddress: String, facts: TLSFacts?) {
        self.stream = stream
        self.remoteAddress = remoteAddress
        self.facts = facts
    }

    deinit {
        stream.close()
        input.deallocate()
    }

    /// Connects, encrypts, logs in and chooses the database. The name is looked up anew each time.
    static func open(
        _ configuration: RedisConfiguration, encryption: SharedTLSContext, interruption: SocketInterruption,
        until deadline: ContinuousClock.Instant
    ) throws(LinkFailure) -> RedisLink {
        let link = try connect(configuration, encryption, interruption, deadline)
        var commands: [[UInt8]] = []
        if let password = configuration.password {
            commands.append(
                configuration.user.map { RESPWriter.command("AUTH", $0, password) }
                    ?? RESPWriter.command("AUTH", password))
        }
        if configuration.database != 0 { commands.append(RESPWriter.command("SELECT", String(configuration.database))) }
        // A server that takes no more connections, or wants a password, says so only when it is asked something.
        commands.append(RESPWriter.command("PING"))
        var taken = 0
        let output = commands.flatMap(\.self)
        do throws(SocketError) {
            try link.write(output, taken: &taken, until: deadline)
        } catch {
            // A server that is full says so and closes before it has read anything.
            if let reply = try? link.reply(until: .now + .milliseconds(200)), case .error(let text) = reply {
                throw .refused(text)
            }
            throw .broken(error)
        }
        for index in commands.indices {
            let reply: RESPValue
            do throws(ReplyFailure) {
                reply = try link.reply(until: deadline)
            } catch {
                throw error.linkFailure(configuration)
            }
            guard case .error(let text) = reply else { continue }
            // A server that cannot write its disk refuses PING as well, but not what reads.
            let isFinal = index == commands.count - 1
            if !isFinal || text.hasPrefix("NOAUTH") || text.contains("max number of clients") { throw .refused(text) }
        }
        return link
    }

    private static func connect(
        _ configuration: RedisConfiguration, _ encryption: SharedTLSContext, _ interruption: SocketInterruption,
        _ deadline: ContinuousClock.Instant
    ) throws(LinkFailure) -> RedisLink {
        do throws(SocketError) {
            let stream = try TCPStream.connect(
                host: configuration.host, port: configuration.port, deadline: deadline, interruption: interruption)
            guard configuration.security.isEncrypted else {
                // What counts is the address it was made to, not what that was called.
                if configuration.password != nil, !isLoopback(host: stream.remoteHost) {
                    throw SocketError(
                        code: .notPermitted,
                        description: "\(configuration.host) is at \(stream.remoteAddress), and a password never "
                            + "crosses the network in plain text: write rediss://.")
                }
                return RedisLink(stream, remoteAddress: stream.remoteAddress, facts: nil)
            }
            let encrypted = try TLSStream.client(
                over: stream, context: try encryption.context(), serverName: configuration.host, deadline: deadline)
            return RedisLink(encrypted, remoteAddress: stream.remoteAddress, facts: encrypted.facts)
        } catch {
            throw .unreachable(error)
        }
    }

    /// Whether something came that nobody asked for: the connection is over.
    var isStale: Bool { parser.isWithinReply || stream.hasInput }

    func write(
        _ bytes: [UInt8], taken: inout Int, until deadline: ContinuousClock.Instant
    ) throws(SocketError) {
        try bytes.withUnsafeBufferPointer { bytes throws(SocketError) in
            try stream.write(UnsafeRawBufferPointer(bytes), taken: &taken, deadline: deadline)
        }
    }

    /// Sends one command and waits for its reply; `nil` where the connection broke.
    func ask(_ command: [UInt8], until deadline: ContinuousClock.Instant) -> RESPValue? {
        var taken = 0
        guard (try? write(command, taken: &taken, until: deadline)) != nil else { return nil }
        return try? reply(until: deadline)
    }

    /// Waits for the next reply.
    func reply(until deadline: ContinuousClock.Instant) throws(ReplyFailure) -> RESPValue {
        while true {
            do throws(RESPParser.Malformed) {
                if let value = try parser.next() { return value }
            } catch {
                throw .malformed(error.reason)
            }
            let count: Int
            do throws(SocketError) {
                count = try read(until: deadline)
            } catch {
                throw .broken(error)
            }
            guard count > 0 else { throw .ended }
            parser.receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
        }
    }

    private func read(until deadline: ContinuousClock.Instant) throws(SocketError) -> Int {
        if let stream = stream as? TCPStream, deadline > .now + .milliseconds(20),
            let count = try stream.readSoon(into: input)
        {
            return count
        }
        return try stream.read(into: input, deadline: deadline)
    }
}
