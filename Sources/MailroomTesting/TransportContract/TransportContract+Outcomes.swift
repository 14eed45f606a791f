import Mailroom

extension TransportContract {
    static let outcomes = [
        TransportClause("Everyone of the envelope has one outcome, and their address keeps its spelling") { probe in
            let mail = try probe.mail(to: ["B.User+tag@Example.ORG", "a@example.org", "o'c@example.org"])
            let report = try await probe.report(mail, try await probe.bench(.accepts))
            try probe.requireAll(.accepted, report, of: mail)
        },
        TransportClause("A refused recipient does not stop the others") { probe in
            let bench = try await probe.bench(.refuses(forGood: ["b@example.org"]))
            let mail = try probe.mail(to: ["a@example.org", "b@example.org", "c@example.org"])
            let report = try await probe.report(mail, bench)
            try probe.requireEqual(report.outcomes.map(\.status), [.accepted, .refused, .accepted], "the outcomes")
            try await probe.requireArrived(mail, for: ["a@example.org", "c@example.org"], bench)
        },
        TransportClause("Refused for now and refused for good are kept apart") { probe in
            let bench = try await probe.bench(.refuses(forNow: ["b@example.org"], forGood: ["c@example.org"]))
            let mail = try probe.mail(to: ["a@example.org", "b@example.org", "c@example.org"])
            let report = try await probe.report(mail, bench)
            try probe.requireEqual(
                report.outcomes.map(\.status), [.accepted, .refusedForNow, .refused], "the outcomes")
        },
        TransportClause("When everyone is refused, that is reported of everyone, and nothing arrives") { probe in
            let bench = try await probe.bench(.refuses(forNow: ["a@example.org"], forGood: ["b@example.org"]))
            let mail = try probe.mail(to: ["a@example.org", "b@example.org"])
            let report = try await probe.report(mail, bench)
            try probe.requireEqual(report.outcomes.map(\.status), [.refusedForNow, .refused], "the outcomes")
            try await probe.requireNothingArrived(bench, "although everyone was refused")
        },
        TransportClause("A mail refused as a whole reaches nobody, for now or for good as was said") { probe in
            try await probe.eachBench([.refusesMail(forGood: false), .refusesMail(forGood: true)]) { behaviour, bench in
                let isForGood = behaviour == .refusesMail(forGood: true)
                let mail = try probe.mail(to: ["a@example.org", "b@example.org"])
                switch try await probe.deliver(mail, bench) {
                case .success(let report):
                    try probe.requireAll(isForGood ? .refused : .refusedForNow, report, of: mail)
                case .failure(let error):
                    try probe.requireEqual(error.isTransient, !isForGood, "whether the error is transient")
                }
                try await probe.requireNothingArrived(bench, "although the mail was refused")
            }
        },
        TransportClause("A next hop that cannot be reached makes a transient error") { probe in
            let bench = try await probe.bench(.isUnreachable)
            switch try await probe.deliver(try probe.mail(), bench) {
            case .success(let report): throw probe.violation("it reported \(report.outcomes.map(\.status))")
            case .failure(let error): try probe.require(error.isTransient, "the error was permanent: \(error)")
            }
        },
        TransportClause("Throwing means that nothing arrived") { probe in
            let behaviours: [NextHopBehaviour] = [
                .accepts, .refuses(forNow: ["a@example.org"]), .refuses(forGood: ["a@example.org"]),
                .refusesMail(forGood: false), .isUnreachable, .neverAnswers, .takesAndNeverAnswers, .takesAndHangsUp,
            ]
            try await probe.eachBench(behaviours) { behaviour, bench in
                let mail = try probe.mail(
                    to: ["a@example.org", "b@example.org"],
                    within: [.neverAnswers, .takesAndNeverAnswers].contains(behaviour)
                        ? .milliseconds(300) : .seconds(30))
                if case .failure(let error) = try await probe.deliver(mail, bench) {
                    try await probe.requireNothingArrived(bench, "although \(error.code.rawValue) was thrown")
                }
            }
        },
    ]
}
