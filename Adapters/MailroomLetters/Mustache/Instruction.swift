/// A step of a compiled template. Indexes are into the tables of its ``MustacheProgram``.
enum Instruction: Sendable {
    /// Bytes of the source. A stretch that begins a line is indented, even an empty one.
    case text(start: Int32, end: Int32, line: Int32, beginsLine: Bool)
    /// A key's value, by a tag's form.
    case value(key: Int32, form: ValueForm, filters: Int32)
    /// What follows, up to the end, for each item of a value.
    case section(key: Int32, end: Int32)
    /// What follows, up to the end, if there is no value.
    case inverted(key: Int32, end: Int32)
    /// A partial, or a parent with its arguments: the blocks that follow up to the end.
    case call(Int32)
    case block(Int32)

    static let nothing = Instruction.text(start: 0, end: 0, line: 0, beginsLine: false)
}

/// How a tag shows a value.
struct ValueForm: OptionSet, Sendable {
    let rawValue: UInt8

    static let escaped = ValueForm(rawValue: 1)
    static let optional = ValueForm(rawValue: 2)
    static let filtered = ValueForm(rawValue: 4)
}

/// A tag that shows a value, as it is read.
struct ValueTag {
    let key: Key
    let isOptional: Bool
    let filters: [Filter]
}

/// A tag that puts another template in.
struct CallTag: Sendable {
    /// The tag's name and line; for a dynamic name, the key whose value is the name.
    let key: Key
    /// That key's place in the program's table; nil for a name outright.
    let dynamicKey: Int?
    let isParent: Bool
    /// Blanks of the source before a tag that stands alone on its line.
    var indentation: Range<Int>
    /// Whether the tag is alone on its line, so that its indentation counts.
    var isAlone: Bool
    /// The instruction after the arguments.
    var end: Int
}

/// A stretch of a template that others may replace, or, in a parent's tag, what replaces it.
struct BlockTag: Sendable {
    let key: Key
    /// Whether the opening tag is alone on its line, so that its line is not shown.
    let isAlone: Bool
    /// Blanks of the source that what replaces it is indented by.
    let indentation: Range<Int>
    /// The blanks that its own lines lose where they replace another block.
    let margin: Int
    /// The instruction after the block.
    var end: Int
}

/// A template as instructions over its source.
final class MustacheProgram: Sendable {
    let source: [UInt8]
    let instructions: [Instruction]
    let filters: [[Filter]]
    let keys: [Key]
    /// The first name of each key; empty for the item itself. Beside the keys, so that a look-up touches no other.
    let names: [String]
    let calls: [CallTag]
    let blocks: [BlockTag]

    init(
        source: [UInt8], instructions: [Instruction], filters: [[Filter]], keys: [Key], calls: [CallTag],
        blocks: [BlockTag]
    ) {
        self.source = source
        self.instructions = instructions
        self.filters = filters
        self.keys = keys
        names = keys.map { $0.path.first ?? "" }
        self.calls = calls
        self.blocks = blocks
    }
}
