import Foundation
import Mailroom

/// Shows counts again and again until it is interrupted: at once when something happens, where the broker tells, but no
/// more often than four times a second; otherwise from time to time.
struct MonitorWatch {
    let broker: any BrokerAdministration
    /// The broker, without credentials.
    let place: String
    let queues: [QueueName]
    let every: Duration
    let time: any TimeSource
    let console: Console

    private static let shortest = Duration.milliseconds(250)

    /// Returns when the process is interrupted.
    func run() async throws {
        do {
            try await Interruption.cancelling { try await loopOverOutages() }
        } catch is CancellationError {
        } catch let error as BrokerError where error.code == .cancelled {
        }
        if console.isTerminal { console.line("") }
    }

    /// A broker that was there once is waited for.
    func loopOverOutages() async throws {
        var hasShown = false
        while true {
            do {
                try await loop { hasShown = true }
            } catch let error as BrokerError where error.code == .unavailable && hasShown {
                console.error("\(place) cannot be reached: \(error)")
                try await time.sleep(until: time.uptime() + max(every, .seconds(1)))
            }
        }
    }

    private func loop(noteView: () -> Void) async throws {
        let feed = broker as? any EventFeed
        var cursor = try await feed?.latestEvent()
        var happened = Happened(isTold: feed != nil)
        var failures = LatestFailures(queues: queues)
        var earlier: MonitorView?
        while true {
            if feed == nil || earlier == nil || happened.mayChangeFailures {
                try await failures.look(at: broker, happened.failedJobs)
            }
            let view = MonitorView(
                time: time.now(), uptime: time.uptime(), counts: try await broker.counts().of(queues))
            show(view, since: earlier, happened, failures)
            noteView()
            earlier = view
            happened = Happened(isTold: feed != nil)
            guard let feed, let place = cursor else {
                try await time.sleep(until: view.uptime + every)
                continue
            }
            let first = try await feed.events(after: place, limit: 1000, wait: every)
            happened.add(first)
            cursor = first.next
            try await time.sleep(until: view.uptime + Self.shortest)
            // What came meanwhile belongs to the same view, but a busy queue must not keep it waiting.
            for _ in 0..<50 {
                guard let place = cursor else { break }
                let more = try await feed.events(after: place, limit: 1000, wait: .zero)
                happened.add(more)
                cursor = more.next
                if more.events.count < 1000 { break }
            }
        }
    }

    private func show(
        _ view: MonitorView, since earlier: MonitorView?, _ happened: Happened, _ failures: LatestFailures
    ) {
        let lines = view.lines(of: place, since: earlier, happened, isFiltered: !queues.isEmpty) + failures.lines
        guard console.isTerminal else {
            console.write(lines.joined(separator: "\n") + "\n\n")
            return
        }
        // Over the old view, line by line: clearing first would flicker.
        let clear = earlier == nil ? "\u{1B}[2J" : ""
        console.write(
            clear + "\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\r\n\u{1B}[J")
    }
}

/// What a feed told since the last view.
struct Happened {
    private(set) var counts: [JobEvent.Kind: Int] = [:]
    /// Whether nothing is left out: there is a feed and it had no gap.
    private(set) var isComplete: Bool
    /// The latest jobs that failed.
    private(set) var failedJobs: [JobID] = []
    private(set) var mayChangeFailures = false

    init(isTold: Bool) { isComplete = isTold }

    mutating func add(_ batch: EventBatch) {
        if batch.hasGap {
            isComplete = false
            mayChangeFailures = true
        }
        for event in batch.events {
            counts[event.kind, default: 0] += 1
            switch event.kind {
            case .dead, .held:
                failedJobs.append(event.job)
                mayChangeFailures = true
            case .revived, .removed: mayChangeFailures = true
            default: break
            }
        }
        failedJobs = failedJobs.suffix(LatestFailures.count)
    }
}
