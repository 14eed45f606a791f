public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `spool:./outbox`, or `spool:///var/spool/app?format=maildir`: a folder with a file for each mail. The option
    /// `format` is `eml`, which it is unless said otherwise, or `maildir`.
    public static var spool: Self {
        Self("spool", options: ["format"]) { url throws(ConfigurationError) in
            var problems: [String] = []
            if !url.host.isEmpty || url.path.isEmpty || url.user != nil || url.port != nil {
                problems.append("it names a folder of this machine: write spool:./outbox or spool:///var/spool/app")
            }
            let format = url["format"].map { SpoolFormat(rawValue: $0) } ?? .eml
            if format == nil { problems.append("format is eml or maildir, not \"\(url["format"] ?? "")\"") }
            guard problems.isEmpty, let format else {
                throw ConfigurationError(problems.map { ConfigurationProblem("spool URL", $0) })
            }
            return SpoolTransport(folder: url.path, format: format)
        }
    }
}
