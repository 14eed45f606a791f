public import Mailroom

extension AdapterScheme where Adapter == any Broker {
    /// `file:./queue`, or `file:///var/lib/app/queue`: a broker on a folder that processes share.
    public static var file: Self {
        Self("file") { url throws(ConfigurationError) in
            guard url.host.isEmpty, !url.path.isEmpty else {
                throw ConfigurationError([
                    ConfigurationProblem(
                        "file URL", "it names a folder of this machine: write file:./queue or file:///var/lib/app/queue"
                    )
                ])
            }
            return FileBroker(folder: url.path)
        }
    }
}
