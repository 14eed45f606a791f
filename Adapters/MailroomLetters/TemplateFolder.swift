import Foundation
import Mailroom

/// Reads the templates of a folder.
enum TemplateFolder {
    static func read(_ folder: String) -> (templates: [Template], problems: [ConfigurationProblem]) {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            return (
                [], [ConfigurationProblem("letters", "the folder “\(folder)” cannot be read; check that it exists.")]
            )
        }
        var templates: [Template] = []
        var problems: [ConfigurationProblem] = []
        for file in files.filter({ $0.hasSuffix(".md") && !$0.hasPrefix(".") }).sorted() {
            guard let content = FileManager.default.contents(atPath: "\(folder)/\(file)") else {
                problems.append(ConfigurationProblem("letters", "“\(folder)/\(file)” cannot be read."))
                continue
            }
            do throws(TemplateError) {
                templates.append(try Template(source: [UInt8](content), name: String(file.dropLast(3))))
            } catch {
                problems.append(ConfigurationProblem("letters", error.description))
            }
        }
        if templates.isEmpty && problems.isEmpty {
            problems.append(ConfigurationProblem("letters", "the folder “\(folder)” has no templates (*.md)."))
        }
        return (templates, problems)
    }
}
