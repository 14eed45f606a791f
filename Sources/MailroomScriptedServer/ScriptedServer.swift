import Foundation
public import MailroomSockets

/// A TCP server that plays scripts, for tests of adapters that speak a line protocol: replies in pieces, silence,
/// hanging up and breaking off at any point.
///
///     let server = try ScriptedServer([.reply("220 hello"), .expect("EHLO"), .hangUp])
///     // … let the adapter connect to 127.0.0.1, server.port …
///     XCTAssertEqual(server.problems, [])
///
/// It listens on a port of the loopback address that the system chooses, until it is released. A connection is closed
/// when its script ends.
public final class ScriptedServer: Sendable {
    private let record: ScriptedServerRecord
    private let server: LoopbackServer

    /// Plays one script on each connection.
    public convenience init(_ script: [ScriptedServerStep]) throws(SocketError) { try self.init(scripts: [script]) }

    /// Plays the first script on the first connection, and so on; the last on all that follow.
    public init(scripts: [[ScriptedServerStep]]) throws(SocketError) {
        // Small, so that a client that writes much finds out soon that nobody reads.
        let record = ScriptedServerRecord()
        self.record = record
        server = try LoopbackServer(receiveBuffer: 32 << 10) { stream in
            let number = record.beginConnection()
            let script = scripts.isEmpty ? [] : scripts[min(number, scripts.count - 1)]
            Thread.detachNewThread {
                var connection = ScriptedConnection(stream, number: number, record: record)
                connection.play(script)
            }
        }
    }

    /// Where it listens, on 127.0.0.1.
    public var port: Int { server.port }

    deinit { stop() }

    /// Breaks every connection off and stops listening.
    public func stop() {
        server.stop()
        record.stop()
    }

    /// How many connections there have been.
    public var connections: Int { record.connections }

    /// What was received on a connection, counted from 0; nothing while there is none.
    public func received(on connection: Int) -> [UInt8] { record.received(on: connection) }

    /// The same as text.
    public func text(on connection: Int) -> String { String(decoding: received(on: connection), as: UTF8.self) }

    /// Where clients did not keep to the scripts.
    public var problems: [String] { record.problems }

    /// Waits until a mark of the scripts has been reached so many times; false after ten seconds.
    ///
    /// The end of each connection reaches the mark `end` by itself.
    public func reached(_ mark: String, times: Int = 1) async -> Bool { await record.reached(mark, times: times) }

    /// Lets scripts go on that wait at this gate, now and later.
    public func open(_ gate: String) { record.reach(.gate(gate)) }
}
