import Foundation
import MailroomLibraries
import MailroomSockets

/// Octets a second through TLS to `openssl s_server` beside what `openssl s_client` sends to the same server, and how
/// long a client's handshake takes, in full and resumed.
func tlsFigures() async throws -> [Figure] {
    let bench = try TLSBench()
    defer { bench.stop() }
    let size = 1 << 30
    let file = try bench.emptyFile(of: size)
    let context = try bench.client()
    _ = try bench.send(size / 8, context)
    let bulk = try await compared(
        rounds: 6, ground: { try bench.sendByOpenSSL(file, size) }, ours: { try bench.send(size, context) })
    let full = try bench.handshakes(300, context) { "\($0).full.example" }
    let resumed = try bench.handshakes(301, context) { _ in "resumed.example" }
    // The first has nothing to take up.
    return [
        Figure(name: "openssl s_client to s_server", unit: "MB/s", value: bulk.ground),
        Figure(
            name: "TLSStream to s_server, 256 KiB writes", unit: "MB/s", value: bulk.ours, limit: 0.8, ratio: bulk.ratio
        ),
        Figure(name: "full handshake", unit: "µs", value: median(full.times)),
        Figure(
            name: "resumed handshake", unit: "µs", value: median(resumed.times), limit: nil,
            ratio: median(resumed.times) / median(full.times)),
        Figure(name: "of 300 later connections resumed", unit: "", value: Double(resumed.resumed), limit: 300),
        Figure(name: "of 300 first connections resumed", unit: "", value: Double(full.resumed)),
    ]
}

/// `openssl s_server` on loopback that throws away what it gets, and files in a folder of its own.
private final class TLSBench {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "mailroom-tls-" + UUID().uuidString)
    private let openssl: String
    private let server: PeerServer

    init() throws {
        guard let program = Peers.program("openssl") else {
            throw BenchmarkError("openssl is not installed: apt-get install openssl")
        }
        openssl = program
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let now = Int64(Date().timeIntervalSince1970)
        let certificate = try SelfSignedCertificate(
            .init(
                subject: "benchmark", names: ["*.full.example", "resumed.example"], notBefore: now - 3600,
                notAfter: now + 86_400))
        try Data(certificate.pem).write(to: folder.appending(path: "server.pem"))
        let file = folder.appending(path: "server.pem").path
        server = try PeerServer(openssl) { port in
            ["s_server", "-quiet", "-accept", "127.0.0.1:\(port)", "-cert", file, "-key", file]
        }
    }

    func stop() {
        server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    func client() throws -> TLSContext { try TLSContext(TLSConfiguration(trustFile: path("server.pem"))) }

    func emptyFile(of size: Int) throws -> String {
        try Data().write(to: folder.appending(path: "zeros"))
        try FileHandle(forWritingTo: URL(filePath: path("zeros"))).truncate(atOffset: UInt64(size))
        return path("zeros")
    }

    private func connect(_ name: String, _ context: TLSContext) throws -> (TCPStream, TLSStream, Duration) {
        let tcp = try TCPStream.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(10))
        let start = ContinuousClock.now
        let stream = try TLSStream.client(over: tcp, context: context, serverName: name, deadline: .now + .seconds(10))
        return (tcp, stream, start.duration(to: .now))
    }

    /// Megabytes a second, with connecting and the handshake.
    func send(_ size: Int, _ context: TLSContext) throws -> Double {
        let octets = [UInt8](repeating: 0, count: 256 << 10)
        let start = ContinuousClock.now
        let (_, stream, _) = try connect("resumed.example", context)
        try octets.withUnsafeBytes { octets in
            for _ in 0..<size / octets.count {
                var taken = 0
                try stream.write(octets, taken: &taken, deadline: .now + .seconds(60))
            }
        }
        stream.close()
        return Double(size) / 1e6 / (ContinuousClock.now - start).inSeconds
    }

    /// The same by `openssl s_client`, with the start of the program.
    func sendByOpenSSL(_ file: String, _ size: Int) throws -> Double {
        let process = Process()
        process.executableURL = URL(filePath: openssl)
        process.arguments = [
            "s_client", "-quiet", "-no_ign_eof", "-connect", "127.0.0.1:\(server.port)", "-servername",
            "resumed.example",
            "-CAfile", path("server.pem"),
        ]
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: file))
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let start = ContinuousClock.now
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkError("openssl s_client failed") }
        return Double(size) / 1e6 / (ContinuousClock.now - start).inSeconds
    }

    /// Microseconds that handshakes take, without connecting, and how many resumed.
    func handshakes(
        _ count: Int, _ context: TLSContext, _ name: (Int) -> String
    ) throws -> (times: [Double], resumed: Int) {
        var times: [Double] = []
        var resumed = 0
        for number in 0..<count {
            let (tcp, stream, time) = try connect(name(number), context)
            times.append(time.inSeconds * 1e6)
            if stream.facts.isResumed { resumed += 1 }
            // Takes the tickets in.
            let end = ContinuousClock.now + .seconds(10)
            while !tcp.hasInput, ContinuousClock.now < end { sched_yield() }
            guard !stream.hasInput else { throw BenchmarkError("openssl s_server said something") }
            stream.close()
        }
        return (times, resumed)
    }
}
