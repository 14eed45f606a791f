import Synchronization

/// How far a batch is: a bar drawn in place on a terminal, plain lines elsewhere.
package final class ProgressLine: Sendable {
    private let console: Console
    private let unit: String
    private let shown = Mutex(-1)

    /// `unit` is what plain lines call that which is done, such as `letters settled`.
    package init(on console: Console, unit: String) {
        self.console = console
        self.unit = unit
    }

    package func show(_ done: Int, of total: Int, failed: Int) {
        let isNews = shown.withLock { shown in
            defer { shown = done }
            return shown != done
        }
        guard isNews else { return }
        let failures = failed == 0 ? "" : ", \(failed) failed"
        if console.isTerminal {
            let width = 30
            let filled = total == 0 ? width : done * width / total
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            console.write("\r\(bar) \(done)/\(total)\(failures)\u{1B}[K")
            if done == total { console.write("\n") }
        } else if done == total || done * 10 / max(total, 1) != (done - 1) * 10 / max(total, 1) {
            console.line("\(done) of \(total) \(unit)\(failures)")
        }
    }
}
