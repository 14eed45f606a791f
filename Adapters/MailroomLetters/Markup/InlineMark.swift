/// A place in a block's text where its look may change.
struct InlineMark {
    enum Kind {
        /// A run of `*` or `_`.
        case emphasis
        /// A `[`.
        case bracket
        case linkStart
        case linkEnd
    }

    var kind: Kind
    let sign: UInt8
    /// Where it stands in the letter's text.
    let start: Int
    /// How many bytes of the text it takes, and how many of them stay text.
    let length: Int
    var remaining: Int
    var canOpen = false
    var canClose = false
    var isDone = false
    var isImage = false
    var link: Int32 = -1
    /// How many strong and emphasized stretches end before what remains, and how many begin after.
    var endsStrong: Int32 = 0
    var endsEmphasis: Int32 = 0
    var beginsStrong: Int32 = 0
    var beginsEmphasis: Int32 = 0

    init(_ kind: Kind, sign: UInt8 = 0, start: Int, length: Int = 0) {
        self.kind = kind
        self.sign = sign
        self.start = start
        self.length = length
        remaining = length
    }

    /// Whether two runs of signs are the two ends of emphasis (CommonMark's rule of three).
    func opens(_ closer: InlineMark) -> Bool {
        guard sign == closer.sign else { return false }
        guard canClose || closer.canOpen else { return true }
        return (length + closer.length) % 3 != 0 || length % 3 == 0
    }
}
