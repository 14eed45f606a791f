import Synchronization

/// How far a batch is: a bar drawn in place on a terminal, plain lines elsewhere.
package final class ProgressLine: Sendable {
    private let console: Console
    private let unit: String
    private let shown = Mutex(-1)
    private let isOpen = Mutex(false)

    /// `unit` is what plain lines call that which is done, such as `letters settled`.
    package init(on console: Console, unit: String) {
        self.console = console
        self.unit = unit
    }

    /// Leaves the bar where it is, and lets what follows begin on a line of its own.
    package func end() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { console.write("\n") }
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
            isOpen.withLock { $0 = done != total }
            if done == total { console.write("\n") }
        } else if done == total || done * 10 / max(total, 1) != (done - 1) * 10 / max(total, 1) {
            console.line("\(done) of \(total) \(unit)\(failures)")
        }
    }
}
