import Mailroom
import MailroomPDF

/// Makes a template of its source and of the files it uses, and finds every fault on the way.
struct TemplateCompiler {
    /// The name the template's file suggests.
    private let fileName: String
    let reader: TemplateReader
    private var name: String
    private var errors: [TemplateError] = []
    /// The files used besides the template's own.
    var used: Set<String> = []
    private var texts = TemplateTexts()

    /// Makes a template, or says all that is wrong with it.
    static func compile(
        _ source: [UInt8], name: String, reader: TemplateReader
    ) throws(TemplateErrors) -> Template {
        var compiler = TemplateCompiler(fileName: name, reader: reader)
        let template = compiler.template(of: source)
        guard let template, compiler.errors.isEmpty else {
            throw TemplateErrors(template: compiler.name, all: compiler.errors)
        }
        return template
    }

    private init(fileName: String, reader: TemplateReader) {
        self.fileName = fileName
        self.reader = reader
        name = fileName
        texts.fileName = fileName
    }

    private mutating func template(of source: [UInt8]) -> Template? {
        let front: FrontMatter
        do throws(TemplateFault) {
            let text = try TemplateSource(source).text
            let lines = SourceLine.lines(of: text)
            let bodyLine: Int
            (front, bodyLine) = try FrontMatterReader.read(lines)
            name = front.name ?? fileName
            let start = bodyLine <= lines.count ? lines[bodyLine - 1].text.startIndex : text.endIndex
            texts.body = compiled(Array(text[start...].utf8), line: bodyLine)
        } catch {
            add(error)
            return nil
        }
        compileLines(of: front)
        compileOutputs(isPrinted: front.attachment != nil)
        compilePartials()
        guard errors.isEmpty else { return nil }
        let own = texts.ownText
        var setting: PDFSetting?
        if front.attachment != nil { setting = self.setting(of: front) }
        let pictures = self.pictures(of: own)
        guard errors.isEmpty else { return nil }
        let template = Template(
            name: name, front: front, texts: texts, setting: setting, pictures: pictures,
            version: version(of: source))
        errors += TemplateCheck(template, own: own).errors
        return template
    }

    // MARK: Texts

    private mutating func compileLines(of front: FrontMatter) {
        texts.subject = compiled(front.subject)
        texts.title = compiled(front.title)
        texts.attachment = compiled(front.attachment)
        texts.header = runningLine(front.header)
        texts.footer = runningLine(front.footer)
        guard let letterhead = front.letterhead else { return }
        let source = "::: letterhead\n{{> \(letterhead.text)}}\n\n:::\n\n"
        // The partial's tag is then on the line of the front matter.
        texts.letterhead = compiled(Array(source.utf8), line: letterhead.number - 1)
    }

    private mutating func compileOutputs(isPrinted: Bool) {
        texts.text = compiledFile(fileName + ".txt")
        texts.html = compiledFile(fileName + ".html")
        if isPrinted { texts.pdfBody = compiledFile(fileName + ".pdf.md") }
    }

    private mutating func compiled(_ line: FrontMatter.Line?) -> Mustache? {
        line.flatMap { compiled(Array($0.text.utf8), line: $0.number) }
    }

    /// The texts between the bars of a line, but not those within tags.
    private mutating func runningLine(_ line: FrontMatter.Line?) -> [Mustache] {
        guard let line else { return [] }
        var texts: [[UInt8]] = [[]]
        var braces = 0
        for byte in line.text.utf8 {
            switch byte {
            case UInt8(ascii: "{"): braces += 1
            case UInt8(ascii: "}"): braces = max(0, braces - 1)
            default: break
            }
            if byte == UInt8(ascii: "|") && braces == 0 && texts.count < 3 {
                texts.append([])
            } else {
                texts[texts.count - 1].append(byte)
            }
        }
        return texts.compactMap { text in
            compiled(Array(String(decoding: text, as: UTF8.self)[...].trimmingBlanks.utf8), line: line.number)
        }
    }

    private mutating func compiled(_ source: [UInt8], line: Int) -> Mustache? {
        do throws(TemplateFault) { return try Mustache(source, startingAtLine: line) } catch {
            add(error)
            return nil
        }
    }

    /// A file that need not be there.
    private mutating func compiledFile(_ path: String) -> Mustache? {
        do throws(TemplateFileFault) {
            guard let bytes = try reader.sourceIfAny(path) else { return nil }
            used.insert(path)
            do throws(TemplateFault) {
                return try Mustache(Array(TemplateSource(bytes).text.utf8))
            } catch { add(error, in: path) }
        } catch {
            add(TemplateFault(line: 1, reason: error.reason), in: path)
        }
        return nil
    }

    private mutating func compilePartials() {
        for kind in TemplateTexts.Kind.allCases {
            var waiting = texts.texts(of: kind)
            while let (text, file) = waiting.popLast() {
                var keys = text.partials
                if text.hasDynamicNames {
                    keys += reader.partialNames(kind.rawValue).map { Key(name: $0, path: [], line: 1) }
                }
                for key in keys where texts.partials[kind]?[key.name] == nil {
                    guard let partial = partial(key, kind, askedIn: file) else { continue }
                    texts.partials[kind, default: [:]][key.name] = partial
                    waiting.append((partial, "_\(key.name)\(kind.rawValue)"))
                }
            }
        }
    }

    private mutating func partial(_ key: Key, _ kind: TemplateTexts.Kind, askedIn file: String?) -> Mustache? {
        let path = "_\(key.name)\(kind.rawValue)"
        let known = errors.count
        if let partial = compiledFile(path) { return partial }
        if errors.count == known {
            let reason = "there is no partial “\(key.name)”: the file “\(path)” is not there."
            add(TemplateFault(line: key.line, reason: reason), in: file)
        }
        return nil
    }

    // MARK: Version and faults

    /// Of the source alone, or of every file used: each one's path and digest, sorted by path.
    private func version(of source: [UInt8]) -> TemplateVersion {
        if used.isEmpty { return TemplateVersion(of: source) }
        var lines = used.map { "\($0)\n\(reader.digest(of: $0))\n" }
        lines.append("\(fileName).md\n\(SHA256Digest(of: source))\n")
        return TemplateVersion(of: Array(lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined().utf8))
    }

    mutating func add(_ fault: TemplateFault, in file: String? = nil) {
        errors.append(TemplateError(template: name, file: file, line: fault.line, reason: fault.reason))
    }
}
