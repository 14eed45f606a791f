public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `spool:./outbox`, or `spool:///var/spool/app?format=maildir`: a folder with a file for each mail. The option
    /// `format` is `eml`, which it is unless said otherwise, or `maildir`.
    public static var spool: Self {
        Self("spool", options: ["format"]) { url throws(ConfigurationError) in
            var options = OptionReader(url)
            if !url.host.isEmpty || url.path.isEmpty || url.user != nil || url.port != nil {
                options.refuse("it names a folder of this machine: write spool:./outbox or spool:///var/spool/app")
            }
            let format = options.choice("format", SpoolFormat.allCases.map(\.rawValue))
            try options.finish()
            return SpoolTransport(folder: url.path, format: format.flatMap(SpoolFormat.init) ?? .eml)
        }
    }
}
