public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `sendmail:///usr/sbin/sendmail`: a program with sendmail's command line; `sendmail:` alone is that one. Options
    /// are `argument` (an extra argument; may be repeated), `timeout` (seconds a run), `processes` (how many at once)
    /// and `recipients` (how many a run, or `all`).
    public static var sendmail: Self {
        Self("sendmail", options: ["argument", "timeout", "processes", "recipients"], repeating: ["argument"]) {
            url throws(ConfigurationError) in
            var problems: [String] = []
            if !url.host.isEmpty || url.user != nil || url.port != nil {
                problems.append("it names a program of this machine: write sendmail:///usr/sbin/sendmail")
            }
            var configuration = SendmailConfiguration()
            if !url.path.isEmpty { configuration.program = url.path }
            if !configuration.program.hasPrefix("/") {
                problems.append("\(url.path) is no absolute path: write it like sendmail:///usr/sbin/sendmail")
            }
            configuration.arguments = url.options.filter { $0.name == "argument" }.map(\.value)
            func count(_ name: String) -> Int? {
                guard let text = url[name] else { return nil }
                if let count = Int(text), count > 0 { return count }
                problems.append("\(name) is a whole number from 1, not \"\(text)\"")
                return nil
            }
            if let seconds = count("timeout") { configuration.timeout = .seconds(seconds) }
            if let processes = count("processes") { configuration.maximumProcesses = processes }
            if url["recipients"] == "all" {
                configuration.recipientsPerRun = .max
            } else if let recipients = count("recipients") {
                configuration.recipientsPerRun = recipients
            }
            guard problems.isEmpty else {
                throw ConfigurationError(problems.map { ConfigurationProblem("sendmail URL", $0) })
            }
            return SendmailTransport(configuration)
        }
    }
}
