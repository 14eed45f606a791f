import Foundation
import Mailroom
import MailroomRedisBroker

extension QueueBench {
    /// The Redis broker on a server of its own that syncs every write, against the server's own benchmark.
    func redisFigures() async throws -> [Figure] {
        guard let program = Peers.program("redis-server"), let benchmark = Peers.program("redis-benchmark") else {
            throw BenchmarkError("redis-server is not installed: apt-get install redis-server redis-tools")
        }
        let data = folder + "/redis"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let server = try PeerServer(program) { port in
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--dir", data, "--appendonly", "yes", "--appendfsync",
                "always", "--save", "",
            ]
        }
        defer { server.stop() }
        let broker = RedisBroker.redis("127.0.0.1", port: server.port)
        var figures: [Figure] = []
        func measure(
            _ name: String, limit: Double, clients: Int, pipelined: Int, count: Int,
            ours: () async throws -> Double
        ) async throws {
            let result = try await compared(rounds: 5) {
                try lpushRate(benchmark, port: server.port, count: count, clients: clients, pipelined: pipelined)
            } ours: {
                try await ours()
            }
            figures.append(Figure(name: "Redis LPUSH, " + name, unit: "values/s", value: result.ground))
            figures.append(
                Figure(
                    name: "Redis, submit, " + name, unit: "jobs/s", value: result.ours, limit: limit,
                    ratio: result.ratio))
        }
        try await measure("one at a time", limit: 0.6, clients: 1, pipelined: 1, count: 4_000) {
            try await submitRate(broker, submitters: 1, each: 3_000)
        }
        try await measure("50 at once", limit: 0.4, clients: 50, pipelined: 1, count: 60_000) {
            try await submitRate(broker, submitters: 50, each: 600)
        }
        try await measure("64 in a call", limit: 0.6, clients: 1, pipelined: 64, count: 64_000) {
            try await callRate(broker, calls: 400, of: 64)
        }
        let drained = try await drainRate(of: broker)
        figures.append(Figure(name: "Redis, lease and settle", unit: "jobs/s", value: drained))
        let sink = try SMTPSink()
        defer { sink?.stop() }
        if let sink, let celery = try Peers.rate("celery", line: "celery-drain", sinkPort: sink.port) {
            figures.append(Figure(name: "Celery on Redis, drain", unit: "jobs/s", value: celery))
            figures.append(
                Figure(
                    name: "Redis, lease and settle against Celery", unit: "jobs/s", value: drained, limit: 20,
                    ratio: drained / celery))
        }
        await broker.shutdown()
        return figures
    }

    /// Values of 2 KiB a second that the server's benchmark pushes.
    private func lpushRate(
        _ program: String, port: Int, count: Int, clients: Int, pipelined: Int
    ) throws -> Double {
        let output = try Peers.output(
            of: program,
            [
                "-h", "127.0.0.1", "-p", "\(port)", "-t", "lpush", "-d", "2048", "-n", "\(count)", "-c", "\(clients)",
                "-P", "\(pipelined)", "--csv",
            ])
        let line = output.split(separator: "\n").first { $0.hasPrefix("\"LPUSH\"") } ?? ""
        let fields = line.split(separator: ",").map { $0.filter { $0 != "\"" } }
        guard fields.count > 1, let rate = Double(fields[1]) else {
            throw BenchmarkError("redis-benchmark said \(output)")
        }
        return rate
    }

    /// Jobs a second in calls of many, made before the clock starts.
    private func callRate(_ broker: some Broker, calls: Int, of size: Int) async throws -> Double {
        let batches = (0..<calls).map { _ in (0..<size).map { _ in QueueJob.submission() } }
        let start = ContinuousClock.now
        for batch in batches { _ = try await broker.enqueue(batch) }
        return Double(calls * size) / (ContinuousClock.now - start).inSeconds
    }

    /// Jobs a second that a worker's loops lease and settle.
    private func drainRate(of broker: RedisBroker) async throws -> Double {
        var rates: [Double] = []
        for _ in 0..<3 {
            let start = ContinuousClock.now
            let drained = try await QueueJob.drain(broker, 19_200)
            rates.append(Double(drained) / (ContinuousClock.now - start).inSeconds)
        }
        return median(rates)
    }
}
