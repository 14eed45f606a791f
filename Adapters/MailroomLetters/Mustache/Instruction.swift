/// A step of a compiled template. Indexes are into the tables of its ``MustacheProgram``.
enum Instruction: Sendable {
    /// Bytes of the source. A stretch that begins a line is indented, even an empty one.
    case text(start: Int32, end: Int32, line: Int32, beginsLine: Bool)
    case value(Int32)
    /// What follows, up to the end, for each item of a value.
    case section(key: Int32, end: Int32)
    /// What follows, up to the end, if there is no value.
    case inverted(key: Int32, end: Int32)
    /// A partial, or a parent with its arguments: the blocks that follow up to the end.
    case call(Int32)
    case block(Int32)

    static let nothing = Instruction.text(start: 0, end: 0, line: 0, beginsLine: false)
}

/// A tag that shows a value.
struct ValueTag: Sendable {
    let key: Key
    let isEscaped: Bool
    let isOptional: Bool
    let filters: [Filter]
}

/// A tag that puts another template in.
struct CallTag: Sendable {
    /// The tag's name and line; for a dynamic name, the key whose value is the name.
    let key: Key
    let isDynamic: Bool
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
    let values: [ValueTag]
    let keys: [Key]
    let calls: [CallTag]
    let blocks: [BlockTag]

    init(
        source: [UInt8], instructions: [Instruction], values: [ValueTag], keys: [Key], calls: [CallTag],
        blocks: [BlockTag]
    ) {
        self.source = source
        self.instructions = instructions
        self.values = values
        self.keys = keys
        self.calls = calls
        self.blocks = blocks
    }
}
