/// How values are put into what a template makes. Control characters other than tab and line ends are left out and
/// reported in all of them.
enum Escaping: Equatable, Sendable {
    /// As they stand.
    case none
    /// Markup characters of HTML as entities.
    case html
    /// Between the bytes ``Guard/open`` and ``Guard/close``, so that a value is never read as markup.
    case guarded
    /// On one line: line breaks are left out and reported too, with the name of the place: “the subject”.
    case header(place: String)
}

/// The bytes around a value in markup.
enum Guard {
    static let open: UInt8 = 0x02
    static let close: UInt8 = 0x03
}

/// What becomes of a value that is not there.
enum MissingValues: Sendable {
    /// It shows nothing.
    case empty
    /// It shows nothing and is a problem.
    case reported
}
