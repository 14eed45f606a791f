extension Transport {
    /// What tells it from others, where it is an object.
    var identity: ObjectIdentifier? { type(of: self) is AnyClass ? ObjectIdentifier(self as AnyObject) : nil }
}

/// What decorators of several transports do with all of them.
extension [(name: String, transport: any Transport)] {
    /// The problems of all, each with where it is.
    func configurationProblems(in context: PipelineContext, of parent: String) -> [ConfigurationProblem] {
        flatMap { child in
            child.transport.configurationProblems(in: context).map {
                ConfigurationProblem("\($0.subject), transport \(child.name) of \(parent)", $0.reason)
            }
        }
    }

    /// Shuts all down at once; one that stands here twice, once.
    func shutdown() async {
        var seen: Set<ObjectIdentifier> = []
        let distinct = map(\.transport).filter { $0.identity.map { seen.insert($0).inserted } ?? true }
        await withTaskGroup { group in
            for transport in distinct { group.addTask { await transport.shutdown() } }
        }
    }

    /// The answers of all that can be tried, in their order.
    func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        let checks = await withTaskGroup(of: (Int, [ConnectionCheck]).self) { group in
            for (index, child) in enumerated() {
                guard let child = child.transport as? any ConnectionChecking else { continue }
                group.addTask { (index, await child.checkConnection(until: deadline)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return checks.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
}
