import Mailroom
import MailroomMIME

extension TransportContract {
    static let content = [
        TransportClause("Accepted means arrived: the same bytes, sender and recipients, the blind ones too") { probe in
            let bench = try await probe.bench(.accepts)
            let recipients: [Recipient] = [.to("a@example.org"), .cc("b@example.org"), .bcc("c@example.org")]
            let mail = probe.mail("Whole", to: recipients, from: try EmailAddress("Sender.Name@Example.org"))
            try probe.requireAll(.accepted, try await probe.report(mail, bench), of: mail)
            try await probe.requireArrived(mail, for: recipients.map(\.address), bench)
        },
        TransportClause("A null reverse path arrives as such") { probe in
            let bench = try await probe.bench(.accepts)
            let mail = try probe.mail(from: nil)
            try probe.requireAll(.accepted, try await probe.report(mail, bench), of: mail)
            try await probe.requireArrived(mail, for: ["a@example.org"], bench)
        },
        TransportClause("The same mail again gives the same bytes and takes the same route") { probe in
            let bench = try await probe.bench(.accepts)
            let mail = try probe.mail()
            let reports = [try await probe.report(mail, bench), try await probe.report(mail, bench)]
            for report in reports { try probe.requireAll(.accepted, report, of: mail) }
            let arrivals = await bench.arrivals()
            // A next hop that recognizes the repetition keeps one.
            try probe.require((1...2).contains(arrivals.count), "it arrived \(arrivals.count) times")
            try probe.require(Set(arrivals.map(\.content)).count == 1, "the second time the content differed")
            let routes = reports.flatMap(\.outcomes).map(\.route)
            try probe.require(Set(routes).count == 1, "the routes of two deliveries were \(routes)")
            if let owner = bench.transport as? any RouteOwning, let route = routes.first {
                try probe.require(owner.owns(route) != false, "it does not own the route that it reported, “\(route)”")
            }
        },
        TransportClause("Deliveries at the same time do not mix") { probe in
            let bench = try await probe.bench(.accepts)
            let mails = try (0..<16).map { try probe.mail("Number\($0)", to: ["r\($0)@example.org"]) }
            let runs = mails.map { probe.begin($0, bench) }
            for (mail, run) in zip(mails, runs) {
                switch try await probe.end(run) {
                case .success(let report): try probe.requireAll(.accepted, report, of: mail)
                case .failure(let error): throw probe.violation("a delivery threw \(error)")
                }
            }
            let arrivals = await bench.arrivals()
            try probe.requireEqual(arrivals.count, mails.count, "the number of arrivals")
            for mail in mails {
                let arrival = arrivals.first { $0.recipients == mail.envelope.recipients.map(\.address) }
                try probe.require(
                    arrival?.content == bench.content(mail.bytes),
                    "\(mail.envelope.recipients[0].address) did not get the mail “\(mail.message.subject)”")
            }
        },
        TransportClause("No address becomes protocol") { probe in
            let bench = try await probe.bench(.accepts)
            let hostile = [
                "\r\n", "\r", "\n", "\0", "\u{760D}\u{760A}", "\u{10D}\u{10A}", "\u{2028}", "\u{85}", ">\r\n", "> ",
                "<", ">",
            ].flatMap { ["x\($0)RCPT TO:<evil@example.org>", "x\($0)evil@example.org", "x@example.org\($0)DATA"] }
            let odd = ["-oQtmp@example.org", "--@example.org", "<evil@example.org>", "evil@example.org -v", "|sh", ""]
            let recipients = ["a@example.org"] + hostile + odd
            let mail = try probe.mail(to: recipients, from: "-oQtmp@example.org")
            let result = try await probe.deliver(mail, bench)
            let arrived = await bench.arrivals().flatMap(\.recipients).map(TransportProbe.canonical)
            let addressed = Set(recipients.map(TransportProbe.canonical))
            let strangers = arrived.filter { !addressed.contains($0) }
            try probe.require(strangers.isEmpty, "mail arrived for \(strangers), to whom it was not addressed")
            guard case .success(let report) = result else { return }
            let accepted = report.outcomes.filter { $0.status == .accepted }.map(\.recipient)
            try await probe.requireArrived(mail, for: accepted, bench)
        },
    ]
}
