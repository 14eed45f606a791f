import Foundation
import MailroomFileBroker

if CommandLine.arguments.contains("64") {
    let broker = FileBroker(folder: FileManager.default.temporaryDirectory.path + "/mailroom-b-" + UUID().uuidString)
    for _ in 0..<6 { print(try await submitRate(broker, submitters: 64, each: 800)) }
} else {
for figure in try await submitFigures() {
    print(figure.name, figure.value.rounded(), figure.unit, figure.ratio.map { "ratio \($0)" } ?? "")
}
}
