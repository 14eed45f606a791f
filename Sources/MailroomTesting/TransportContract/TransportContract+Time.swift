import Mailroom

extension TransportContract {
    static let time = [
        TransportClause("A delivery cancelled beforehand throws that it was, and sends nothing") { probe in
            let bench = try await probe.bench(.accepts)
            let run = probe.begin(try probe.mail(), bench, cancelled: true)
            try probe.requireCancelled(try await probe.end(run, within: TransportProbe.promptness, "cancellation"))
            try await probe.requireNothingArrived(bench, "although the delivery was cancelled beforehand")
        },
        TransportClause("Cancelled while the next hop says nothing, a delivery throws so within a second") { probe in
            let bench = try await probe.bench(.neverAnswers)
            let run = probe.begin(try probe.mail(), bench)
            _ = await Race.run(TransportProbe.patience) { await bench.reached() }
            run.cancel()
            try probe.requireCancelled(try await probe.end(run, within: TransportProbe.promptness, "cancellation"))
        },
        TransportClause("While the next hop says nothing, a delivery throws by its deadline") { probe in
            let bench = try await probe.bench(.neverAnswers)
            let mail = try probe.mail(within: .milliseconds(300))
            let limit = Duration.milliseconds(300) + TransportProbe.promptness
            switch try await probe.end(probe.begin(mail, bench), within: limit, "its deadline") {
            case .success(let report): throw probe.violation("it reported \(report.outcomes.map(\.status))")
            case .failure(let error): try probe.require(error.isTransient, "the error was permanent: \(error)")
            }
        },
        TransportClause("A mail whose deadline has passed is not sent") { probe in
            let bench = try await probe.bench(.accepts)
            let mail = try probe.mail(within: .seconds(-1))
            switch try await probe.deliver(mail, bench) {
            case .success(let report): throw probe.violation("it reported \(report.outcomes.map(\.status))")
            case .failure(let error): try probe.require(error.isTransient, "the error was permanent: \(error)")
            }
            try await probe.requireNothingArrived(bench, "although its deadline had passed")
        },
        TransportClause("After shutdown a delivery throws, or is made, but does not hang") { probe in
            let bench = try await probe.bench(.accepts)
            _ = try await probe.report(try probe.mail(), bench)
            await bench.transport.shutdown()
            let run = probe.begin(try probe.mail(), bench)
            let result = try await probe.end(run, within: TransportProbe.promptness)
            let count = await bench.arrivals().count
            switch result {
            case .success: try probe.requireEqual(count, 2, "the number of arrivals")
            case .failure: try probe.requireEqual(count, 1, "the number of arrivals")
            }
        },
        TransportClause("Shutdown during a delivery returns by that mail's deadline, and so does the delivery") {
            probe in
            let bench = try await probe.bench(.neverAnswers)
            let run = probe.begin(try probe.mail(within: .milliseconds(500)), bench)
            await Race.run(TransportProbe.patience) { await bench.reached() }
            let transport = bench.transport
            let limit = Duration.milliseconds(500) + TransportProbe.promptness
            let end: Void? = await Race.run(limit) { await transport.shutdown() }
            try probe.require(end != nil, "shutdown had not returned \(limit) after it was called")
            _ = try await probe.end(run, within: limit, "the shutdown")
        },
    ]
}

extension TransportProbe {
    fileprivate func requireCancelled(_ result: Result<DeliveryReport, TransportError>) throws {
        switch result {
        case .success(let report): throw violation("it reported \(report.outcomes.map(\.status))")
        case .failure(let error): try requireEqual(error.code, .cancelled, "the error")
        }
    }
}
