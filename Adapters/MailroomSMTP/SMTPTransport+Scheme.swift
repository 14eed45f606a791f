public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `smtp://host:port`: an SMTP server in plain text; port 25 unless said. Options are `name` (what this side calls
    /// itself), `connections` and `pipelining` (`across`, `within` or `off`).
    public static var smtp: Self {
        Self("smtp", options: ["name", "connections", "pipelining"]) { url throws(ConfigurationError) in
            var problems: [String] = []
            if url.host.isEmpty { problems.append("it names no host: write smtp://host:port") }
            if !url.path.isEmpty, url.path != "/" { problems.append("it has no path: \(url.path) means nothing") }
            if url.user != nil || url.password != nil {
                problems.append("this transport cannot log in: leave user and password away")
            }
            var configuration = SMTPConfiguration(host: url.host, port: url.port ?? 25)
            if let name = url["name"] { configuration.clientName = name }
            if let text = url["connections"] {
                if let count = Int(text), count > 0 {
                    configuration.maximumConnections = count
                } else {
                    problems.append("connections is a whole number from 1, not \"\(text)\"")
                }
            }
            switch url["pipelining"] {
            case nil, "across": break
            case "within": configuration.pipelinesAcrossMessages = false
            case "off": configuration.pipelines = false
            case let other?: problems.append("pipelining is across, within or off, not \"\(other)\"")
            }
            guard problems.isEmpty else {
                throw ConfigurationError(problems.map { ConfigurationProblem("smtp URL", $0) })
            }
            return SMTPTransport(configuration)
        }
    }
}
