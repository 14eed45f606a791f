import Mailroom

extension TransportContract {
    static let care = [
        TransportClause("Neither errors nor outcomes hold a credential") { probe in
            let behaviours: [NextHopBehaviour] = [
                .accepts, .refuses(forGood: ["a@example.org"]), .refusesMail(forGood: true), .isUnreachable,
                .takesAndHangsUp,
            ]
            try await probe.eachBench(behaviours) { behaviour, bench in
                guard !bench.secrets.isEmpty else { throw TransportProbe.NotApplicable() }
                var words = ""
                switch try await probe.deliver(try probe.mail(), bench) {
                case .success(let report): dump(report, to: &words)
                case .failure(let error):
                    dump(error, to: &words)
                    words += error.description
                }
                if let checking = bench.transport as? any ConnectionChecking {
                    dump(await checking.checkConnection(until: .now + .seconds(2)), to: &words)
                }
                for secret in bench.secrets {
                    try probe.require(!words.contains(secret), "a credential was told (\(behaviour))")
                }
            }
        }
    ]
}
