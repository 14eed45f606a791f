/// What is wrong in a letter's markup.
struct MarkupFault: Error, Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case unknownPart(String)
        case partInPart
        case unopenedPart
        case unclosedPart
        case deepHeading
        case deepList
        /// A link's address that opens neither a page nor a mail nor a call.
        case unsafeLink(String)
        case emptyLink
        case imageInText
        case imagePath(String)
        case imageValue
        case imageWidth(String)
        case manyCells
        case manyColumns
        case largeTable
    }

    /// Where it is in the bytes parsed.
    let offset: Int
    let kind: Kind

    /// What is wrong and what would be right.
    var reason: String {
        switch kind {
        case .unknownPart(let name):
            "there is no part “\(name)”; did you mean \(Self.part(near: name))?"
        case .partInPart: "parts do not stand within parts; end the one before with “:::”."
        case .unopenedPart: "“:::” closes no part open here."
        case .unclosedPart: "this part is not closed; end it with “:::”."
        case .deepHeading: "headings have three levels, # to ###."
        case .deepList: "lists nest to \(MarkupParser.deepestList) levels."
        case .unsafeLink(let address): "a link's address begins with \(LinkAddress.allowed), not “\(address)”."
        case .emptyLink: "the link has no address."
        case .imageInText: "an image stands alone, with an empty line before and after."
        case .imagePath(let path):
            "an image is a file within the template folder, by its relative path, not “\(path)”."
        case .imageValue: "an image's path is written in the template, without values."
        case .imageWidth(let width): "an image's width is written {width=40mm}, in mm, cm, in or pt, not “\(width)”."
        case .manyCells: "this row has more cells than the table has columns."
        case .manyColumns: "a table has at most \(MarkupParser.mostColumns) columns."
        case .largeTable: "the tables of a letter have at most \(MarkupParser.mostCells) cells."
        }
    }

    private static func part(near name: String) -> String {
        let names = LetterPart.allCases.map(\.rawValue)
        return NearestName.find(name, among: names) ?? names.joined(separator: ", ")
    }
}
