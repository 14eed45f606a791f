import Foundation

/// Headless Chromium, told what to do step by step: for pages as a person sees them.
package struct Browser {
    /// One thing to do or to ask.
    package struct Step {
        let words: [Any]

        /// Opens an address and waits until it is there.
        package static func go(_ address: String) -> Step { Step(words: ["go", address]) }
        /// Waits until an expression of JavaScript is true, and answers its value.
        package static func wait(_ expression: String) -> Step { Step(words: ["wait", expression]) }
        /// The value of an expression of JavaScript.
        package static func value(_ expression: String) -> Step { Step(words: ["value", expression]) }
        /// Types characters, or presses `Escape`, `Enter` or `Tab`.
        package static func key(_ text: String) -> Step { Step(words: ["key", text]) }
        /// Puts a text into what has the focus, in place of what is selected there.
        package static func type(_ text: String) -> Step { Step(words: ["type", text]) }
        /// Writes a file, as a person's editor does.
        package static func write(_ path: String, _ text: String) -> Step { Step(words: ["write", path, text]) }
        /// Clicks what a selector finds first.
        package static func click(_ selector: String) -> Step { Step(words: ["click", selector]) }
        /// The window's size; narrow ones are a phone's.
        package static func size(_ width: Int, _ height: Int) -> Step { Step(words: ["size", width, height]) }
        /// Whether the reader prefers dark colours.
        package static func dark(_ isDark: Bool) -> Step { Step(words: ["dark", isDark]) }
        /// Whether pages may run scripts.
        package static func scripts(_ run: Bool) -> Step { Step(words: ["scripts", run]) }
        /// Has a mail sent by SMTP to a port of this machine.
        package static func mail(_ text: String, to port: Int) -> Step { Step(words: ["mail", port, text]) }
        /// Saves a picture of the window.
        package static func picture(_ path: String) -> Step { Step(words: ["shot", path]) }
        /// Every address asked for so far, as strings.
        package static var requests: Step { Step(words: ["requests"]) }
        /// What went wrong in the pages so far, as strings.
        package static var problems: Step { Step(words: ["problems"]) }
    }

    /// What a step that never came to its end was doing.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Does the steps in order in a browser of their own. Skips the test where there is none.
    /// - Returns: an answer for each; `NSNull` where there is nothing to answer.
    @discardableResult
    package static func run(_ steps: [Step]) throws -> [Any] {
        let chromium = try Programs.path(of: "chromium")
        let script = String(decoding: PackageResources.browser_py, as: UTF8.self)
        let input = try JSONSerialization.data(withJSONObject: steps.map(\.words))
        let outcome = try Programs.run("python3", ["-c", script, chromium], input: input, within: .seconds(90))
        guard outcome.status == 0 else { throw Failure(description: String(outcome.errors.suffix(1500))) }
        return try outcome.output.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed)
        }
    }
}
