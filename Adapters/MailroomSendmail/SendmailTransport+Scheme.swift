public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `sendmail:///usr/sbin/sendmail`: a program with sendmail's command line; `sendmail:` alone is that one. Options
    /// are `arguments` (extra ones, with blanks between them), `timeout` (how long a run may take, such as `30s`),
    /// `processes` (how many at once) and `recipients` (how many a run, or `all`).
    public static var sendmail: Self {
        Self("sendmail", options: ["arguments", "timeout", "processes", "recipients"]) {
            url throws(ConfigurationError) in
            var options = OptionReader(url)
            if !url.host.isEmpty || url.user != nil || url.port != nil || !url.path.isEmpty && !url.path.hasPrefix("/")
            {
                options.refuse("it names a program of this machine by its absolute path: sendmail:///usr/sbin/sendmail")
            }
            var configuration = SendmailConfiguration()
            if !url.path.isEmpty { configuration.program = url.path }
            configuration.arguments = (url["arguments"] ?? "").split(separator: " ").map(String.init)
            configuration.timeout = options.duration("timeout")
            if let processes = options.count("processes") { configuration.maximumProcesses = processes }
            if url["recipients"] == "all" {
                configuration.recipientsPerRun = .max
            } else if let recipients = options.count("recipients") {
                configuration.recipientsPerRun = recipients
            }
            try options.finish()
            return SendmailTransport(configuration)
        }
    }
}
