import Foundation

/// `mailroom-benchmarks [NAME…] [--format json]`: each figure beside a limit or a peer measured in the same run. Ends
/// with status 1 where a limit is missed.
let benchmarks: [(name: String, figures: () async throws -> [Figure])] = [
    ("submit", submitFigures),
    ("end-to-end", endToEndFigures),
    ("tls", tlsFigures),
    ("mime", mimeFigures),
    ("smtp", smtpFigures),
    ("signing", signingFigures),
    ("queue", queueFigures),
    ("letters", lettersFigures),
    ("capture", { try await captureServerFigures() + captureTransportFigures() }),
]

if CommandLine.arguments.dropFirst().first == DeliveryMemory.word {
    do {
        print(try await DeliveryMemory.run(Array(CommandLine.arguments.dropFirst(2))))
        exit(0)
    } catch {
        fail("\(error)")
    }
}

if CommandLine.arguments.dropFirst().first == QueueChild.word {
    do {
        try await QueueJob.run(Array(CommandLine.arguments.dropFirst(2)))
        exit(0)
    } catch {
        fail("\(error)")
    }
}

if CommandLine.arguments.dropFirst().first == DurabilityChild.word {
    do {
        try await DurabilityChild.run(Array(CommandLine.arguments.dropFirst(2)))
        exit(0)
    } catch {
        fail("\(error)")
    }
}

var words = CommandLine.arguments.dropFirst()
var isJSON = false
if let place = words.firstIndex(of: "--format") {
    guard words.indices.contains(place + 1), ["json", "table"].contains(words[place + 1]) else {
        fail("--format takes json or table")
    }
    isJSON = words[place + 1] == "json"
    words.removeSubrange(place...place + 1)
}
if let unknown = words.first(where: { word in !benchmarks.contains { $0.name == word } }) {
    fail("there is no benchmark \"\(unknown)\"; there are \(benchmarks.map(\.name).joined(separator: ", "))")
}
var isAnyMissed = false
for (name, figures) in benchmarks where words.isEmpty || words.contains(name) {
    do {
        for figure in try await figures() {
            show(figure, of: name, asJSON: isJSON)
            isAnyMissed = isAnyMissed || figure.isMissed
        }
    } catch {
        fail("\(name): \(error)")
    }
}
exit(isAnyMissed ? 1 : 0)

func show(_ figure: Figure, of benchmark: String, asJSON isJSON: Bool) {
    func number(_ value: Double?, _ digits: Int) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? (isJSON ? "null" : "–")
    }
    let line =
        isJSON
        ? """
        {"name":"\(benchmark): \(figure.name)","value":\(number(figure.value, 1)),"unit":"\(figure.unit)",\
        "limit":\(number(figure.limit, 2)),"ceiling":\(figure.isCeiling),"ratio":\(number(figure.ratio, 3))}
        """
        : "\(benchmark): \(figure.name)".padding(toLength: 52, withPad: " ", startingAt: 0)
            + "  \(number(figure.value, 0)) \(figure.unit)  limit \(figure.isCeiling ? "≤ " : "")\(number(figure.limit, 2))  ratio \(number(figure.ratio, 2))"
            + (figure.isMissed ? "  MISSED" : "")
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

func fail(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("mailroom-benchmarks: \(reason)\n".utf8))
    exit(2)
}
