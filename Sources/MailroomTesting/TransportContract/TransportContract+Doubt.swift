import Mailroom

extension TransportContract {
    static let doubt = [
        TransportClause("A lost reply is unknown, neither thrown nor refused") { probe in
            let bench = try await probe.bench(.takesAndHangsUp)
            let mail = try probe.mail(to: ["a@example.org", "b@example.org"])
            try probe.requireAll(.unknown, try await probe.report(mail, bench), of: mail)
        },
        TransportClause("Cancelled after the mail was taken, a delivery returns within a second, in doubt") { probe in
            let bench = try await probe.bench(.takesAndNeverAnswers)
            let mail = try probe.mail(to: ["a@example.org", "b@example.org"])
            let run = probe.begin(mail, bench)
            _ = await Race.run(TransportProbe.patience) { await bench.reached() }
            run.cancel()
            switch try await probe.end(run, within: TransportProbe.promptness, "cancellation") {
            case .success(let report): try await probe.requireDoubt(report, of: mail, bench)
            case .failure(let error):
                // Cancelled early, it may not have been sent.
                try probe.requireEqual(error.code, .cancelled, "the error")
                try await probe.requireNothingArrived(bench, "although \(error.code.rawValue) was thrown")
            }
        },
        TransportClause("A mail that was taken and not answered for is in doubt by its deadline") { probe in
            let bench = try await probe.bench(.takesAndNeverAnswers)
            let mail = try probe.mail(within: .milliseconds(500))
            let limit = Duration.milliseconds(500) + TransportProbe.promptness
            switch try await probe.end(probe.begin(mail, bench), within: limit, "its deadline") {
            case .success(let report): try probe.requireAll(.unknown, report, of: mail)
            case .failure(let error):
                try await probe.requireNothingArrived(bench, "although \(error.code.rawValue) was thrown")
            }
        },
    ]
}
