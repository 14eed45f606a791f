import Foundation
import Mailroom
import MailroomFileBroker

extension QueueBench {
    /// A queue of so many waiting jobs, and as many finished ones, against an empty one.
    func fullQueueFigures(jobs: Int) async throws -> [Figure] {
        let full = try await fullQueue(jobs)
        let empty = try await filled(2_000)
        defer { try? FileManager.default.removeItem(atPath: full) }
        var figures: [Figure] = []
        let opened = try child(["open", full])
        figures.append(
            Figure(
                name: "opening \(jobs) + \(jobs) jobs", unit: "ms", value: opened[0] * 1000, limit: 1000,
                isCeiling: true))
        figures.append(
            Figure(
                name: "anonymous memory with them", unit: "MiB", value: opened[1] / 1_048_576,
                limit: 150_000_000 / 1_048_576,
                isCeiling: true))
        let few = try child(["open", empty])
        figures.append(
            Figure(
                name: "counts of a full queue, against a small one", unit: "µs", value: opened[2] * 1e6, limit: 3,
                ratio: opened[2] / few[2], isCeiling: true))
        figures.append(
            Figure(
                name: "a lease of a full queue, against a small one", unit: "µs", value: opened[3] * 1e6, limit: 3,
                ratio: opened[3] / few[3], isCeiling: true))
        figures.append(try await oneSubmit(full))
        figures += try await throughput(full, jobs: jobs)
        return figures
    }

    private func fullQueue(_ jobs: Int) async throws -> String {
        let path = try await filled(jobs)
        var left = jobs
        while left > 0 {
            let count = min(left, 100_000)
            _ = try await drainRate(path, processes: 1, workers: 8, jobs: count)
            left -= count
        }
        let broker = FileBroker.file(path)
        for _ in 0..<jobs / 500 { _ = try await broker.enqueue((0..<500).map { _ in QueueJob.submission() }) }
        await broker.shutdown()
        return path
    }

    private func child(_ words: [String]) throws -> [Double] {
        let child = try QueueChild(words)
        defer { child.end() }
        return try child.numbers()
    }

    /// A process that only submits one message, against the same on an empty folder.
    private func oneSubmit(_ full: String) async throws -> Figure {
        guard let program = Bundle.main.executablePath else { throw BenchmarkError("this program has no path") }
        func time(_ path: String) throws -> Double {
            let start = ContinuousClock.now
            _ = try Peers.output(of: program, [QueueChild.word, "submit", path])
            return (ContinuousClock.now - start).inSeconds
        }
        var (ours, ground): ([Double], [Double]) = ([], [])
        for _ in 0..<15 {
            ground.append(try time(folder + "/" + UUID().uuidString))
            ours.append(try time(full))
        }
        return Figure(
            name: "one submit by a new process, against an empty folder", unit: "ms", value: median(ours) * 1000,
            limit: 3, ratio: median(ours) / median(ground), isCeiling: true)
    }

    /// Submitting and draining, against a queue that has nothing else.
    private func throughput(_ full: String, jobs: Int) async throws -> [Figure] {
        var (submits, drains): ([Double], [Double]) = ([], [])
        var (submit, drain): ([Double], [Double]) = ([], [])
        var peak = 0.0
        for _ in 0..<3 {
            let empty = try await filled(1_000)
            let small = try child(["throughput", empty, "100000"])
            let large = try child(["throughput", full, "100000"])
            submits.append(large[0] / small[0])
            drains.append(large[1] / small[1])
            submit.append(large[0])
            drain.append(large[1])
            peak = max(peak, large[2])
        }
        return [
            Figure(
                name: "submit to a full queue, 64 at once, against an empty one", unit: "jobs/s", value: median(submit),
                limit: 0.8, ratio: median(submits)),
            Figure(
                name: "lease and settle of a full queue, against an empty one", unit: "jobs/s", value: median(drain),
                limit: 0.8, ratio: median(drains)),
            Figure(
                name: "anonymous memory after that", unit: "MiB", value: peak / 1_048_576,
                limit: 150_000_000 / 1_048_576,
                isCeiling: true),
        ]
    }
}
