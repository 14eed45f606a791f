/// A problem of a template, with the lines that it is about.
struct ShownProblem {
    struct Line {
        let number: Int
        let text: String
    }

    let text: String
    /// As the template's file has them, in order.
    let lines: [Line]

    private static let maximumLines = 6

    /// A problem of a template whose file has these lines; none of them where the problem is about another file.
    init(_ text: String, in source: [Substring], of template: String) {
        self.text = text
        let isElsewhere = Self.fileNames(in: text).contains { $0 != "\(template).md" }
        let numbers = isElsewhere ? [] : Set(Self.lineNumbers(in: text)).filter { source.indices.contains($0 - 1) }
        lines = numbers.sorted().prefix(Self.maximumLines).map { Line(number: $0, text: String(source[$0 - 1])) }
    }

    /// The numbers behind the word “line”.
    private static func lineNumbers(in text: String) -> [Int] {
        let words = text.split { $0 == " " || $0 == "(" || $0 == "\n" }
        return zip(words, words.dropFirst()).compactMap { word, number in
            word == "line" ? Int(number.prefix { $0.isASCII && $0.isNumber }) : nil
        }
    }

    private static func fileNames(in text: String) -> [String] {
        text.split { " “”\"(),:;/\n".contains($0) }.filter { word in
            [".md", ".txt", ".html"].contains { word.hasSuffix($0) && word.count > $0.count }
        }.map(String.init)
    }
}
