/// A part of a letter that is set in its own way.
enum Part: String, CaseIterable, Sendable {
    case letterhead, address, right, center, signature, small
}

/// A block of a template's body.
indirect enum Block: Sendable {
    case paragraph([Inline])
    /// Level 1 to 3.
    case heading(Int, [Inline])
    /// An item of a list; the number for an ordered one.
    case item(Int?, [Inline])
    case rule
    /// An empty line within a part.
    case gap
    case part(Part, [Block])
    case section(Key, inverted: Bool, [Block])
}

/// A piece of text of a template.
indirect enum Inline: Sendable {
    case text(String, line: Int)
    case value(Key)
    case lineBreak
    case strong([Inline])
    case emphasis([Inline])
    /// The text and the pieces of the address.
    case link([Inline], address: [Inline])
    case section(Key, inverted: Bool, [Inline])
}
