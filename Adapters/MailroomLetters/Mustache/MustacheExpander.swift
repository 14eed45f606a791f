import Foundation
import Mailroom

/// Carries out a template's instructions over values. It keeps its own stack, so that no template can exhaust the
/// thread's, and counts its steps, so that none goes on without end.
struct MustacheExpander {
    /// What a call, a filtered value or a problem costs of the steps.
    static let dearSteps = 16
    /// Bytes of blanks before each line of a partial.
    static let widestIndentation = 1000
    /// Different problems that are collected.
    static let mostProblems = 1000

    let setting: MustacheSetting
    /// The bytes below 64 that values must not have as they stand.
    let mask: UInt64
    /// The same for values that are not escaped.
    let rawMask: UInt64
    let isGuarding: Bool
    let isHeader: Bool
    var output: [UInt8] = []
    var problems: [ValueProblem] = []
    var origins: [Origin] = []
    var isTracing = false
    var isHalted = false
    /// Where in the output the last value stands that was nothing.
    var emptyValue = -1
    private var knownProblems: Set<ValueProblem> = []
    private var outputLimit = 0
    var steps = 0

    var program: MustacheProgram {
        didSet {
            instructions = program.instructions
            names = program.names
        }
    }
    private var instructions: [Instruction]
    private var names: [String]
    var partial: String?
    var position = 0
    var end: Int
    var indentation: [UInt8] = []
    var margin = 0
    /// Whether the next beginning of a line has its indentation already.
    var isIndented = false
    /// The objects entered, in which names are looked up from the last to the first.
    var objects: [[String: Document.Value]] = []
    /// All values entered.
    var items: [Document.Value]
    var frames: [Frame] = []
    var calls = 0
    var overrides: [Override] = []

    /// What is gone back to at the end of a stretch of instructions.
    struct Frame {
        let resume: Int
        let end: Int
        var objects = 0
        /// What a section still has to repeat over.
        var items: [Document.Value] = []
        var next = 0
        var start = 0
        var call: Call?
    }

    /// What was so before another template's instructions began.
    struct Call {
        let program: MustacheProgram
        let partial: String?
        let indentation: [UInt8]
        let margin: Int
        let overrides: Int
        /// The block that is being replaced.
        let override: Int?
        /// Where its output begins, if it must end its last line.
        let lineFrom: Int?
    }

    /// A block in a parent's tag, which replaces one in the parent.
    struct Override {
        let name: String
        let program: MustacheProgram
        let partial: String?
        let start: Int
        let end: Int
        let margin: Int
        /// A block is not replaced by itself within itself.
        var isActive = false
    }

    init(_ mustache: Mustache, root: Document.Value, _ setting: MustacheSetting) {
        self.setting = setting
        mask = Self.mask(for: setting.escaping)
        if case .header = setting.escaping { isHeader = true } else { isHeader = false }
        rawMask = isHeader ? mask : Self.mask(for: .none)
        isGuarding = setting.escaping == .guarded
        program = mustache.program
        instructions = program.instructions
        names = program.names
        end = program.instructions.count
        items = [root]
        if case .object(let members) = root { objects.append(members) }
    }

    mutating func run(into output: inout [UInt8]) {
        swap(&self.output, &output)
        outputLimit = self.output.count + setting.limits.output
        while !isHalted {
            if position == end {
                if frames.isEmpty { break }
                leave()
            } else {
                step()
            }
        }
        swap(&self.output, &output)
    }

    private mutating func step() {
        steps += 1
        if steps > setting.limits.steps {
            return halt("the template takes more than \(setting.limits.steps) steps with these values", at: currentKey)
        }
        switch instructions[position] {
        case .text(let start, let end, let line, let beginsLine):
            position += 1
            write(Int(start)..<Int(end), line: Int(line), beginsLine: beginsLine)
        case .value(let key, let form, let filters):
            position += 1
            show(Int(key), form, filters: Int(filters))
        case .section(let key, let end): enter(Int(key), end: Int(end))
        case .inverted(let key, let end):
            position = Self.isEmpty(value(of: Int(key))) ? position + 1 : Int(end)
        case .call(let index): call(program.calls[Int(index)])
        case .block(let index): begin(program.blocks[Int(index)])
        }
    }

    /// The key of the instruction at hand, to name a place.
    private var currentKey: Key {
        switch instructions[position] {
        case .text(_, _, let line, _): Key(name: "", path: [], line: Int(line))
        case .value(let key, _, _), .section(let key, _), .inverted(let key, _): program.keys[Int(key)]
        case .call(let index): program.calls[Int(index)].key
        case .block(let index): program.blocks[Int(index)].key
        }
    }

    // MARK: - Values

    /// The value of a key; nil if there is none.
    mutating func value(of key: Int) -> Document.Value? {
        let name = names[key]
        if name.isEmpty { return items.last }
        var index = objects.count - 1
        while index >= 0 {
            if let found = objects[index][name] {
                let path = program.keys[key].path
                steps += path.count - 1
                return Self.member(of: found, path)
            }
            index -= 1
            steps += 1
        }
        return name == "letter" ? ownValue(program.keys[key].path.dropFirst()) : nil
    }

    /// What the names of a path behind the first one lead to.
    private static func member(of value: Document.Value, _ path: [String]) -> Document.Value? {
        var value = value
        for index in 1..<path.count {
            guard case .object(let members) = value, let member = members[path[index]] else { return nil }
            value = member
        }
        return value
    }

    /// `letter.date`, where the values have no `letter`.
    private func ownValue(_ path: ArraySlice<String>) -> Document.Value? {
        guard path == ["date"], let date = setting.date, DateText.canShow(date) else { return nil }
        return .text(DateText.day(of: date, in: TimeZone(identifier: setting.timeZone) ?? .gmt))
    }

    static func isEmpty(_ value: Document.Value?) -> Bool {
        switch value {
        case nil, .flag(false): true
        case .text(let text): text.isEmpty
        case .list(let items): items.isEmpty
        default: false
        }
    }

    // MARK: - Sections

    private mutating func enter(_ key: Int, end sectionEnd: Int) {
        let value = value(of: key)
        guard let value, !Self.isEmpty(value) else {
            position = sectionEnd
            return
        }
        guard frames.count < setting.limits.depth else {
            return halt("sections and partials nest deeper than \(setting.limits.depth)", at: program.keys[key])
        }
        var frame = Frame(resume: sectionEnd, end: end, objects: objects.count)
        position += 1
        end = sectionEnd
        if case .list(let elements) = value {
            frame.items = elements
            frame.next = 1
            frame.start = position
            push(elements[0])
        } else {
            push(value)
        }
        frames.append(frame)
    }

    private mutating func push(_ value: Document.Value) {
        items.append(value)
        if case .object(let members) = value { objects.append(members) }
    }

    private mutating func leave() {
        let last = frames.count - 1
        if frames[last].call != nil { return leaveCall() }
        items.removeLast()
        if objects.count > frames[last].objects { objects.removeLast() }
        let next = frames[last].next
        steps += 1
        if next < frames[last].items.count {
            push(frames[last].items[next])
            frames[last].next = next + 1
            position = frames[last].start
        } else {
            position = frames[last].resume
            end = frames[last].end
            frames.removeLast()
        }
    }

    // MARK: - Problems

    mutating func report(_ kind: ValueProblem.Kind, at key: Key) {
        steps += Self.dearSteps
        guard problems.count < Self.mostProblems else { return }
        let problem = ValueProblem(key: key, kind: kind, partial: partial)
        if knownProblems.insert(problem).inserted { problems.append(problem) }
    }

    mutating func halt(_ limit: String, at key: Key) {
        report(.exceeds(limit), at: key)
        isHalted = true
    }

    /// Whether so many bytes more can be written.
    func hasRoom(for count: Int) -> Bool { output.count + count <= outputLimit }

    mutating func outgrow(at key: Key) {
        let limit = setting.limits.output
        halt("the result is longer than \(limit >> 20 > 0 ? "\(limit >> 20) MiB" : "\(limit >> 10) KiB")", at: key)
    }
}
