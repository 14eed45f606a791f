import MailroomPDF

/// The fonts and pictures that a template uses.
extension TemplateCompiler {
    /// How PDFs are set; nil where a font cannot be had.
    mutating func setting(of front: FrontMatter) -> PDFSetting? {
        guard let regular = family(front.fonts.regular.choice, line: front.fonts.regular.line, front) else {
            return nil
        }
        var fallbacks: [PDFFontFamily] = []
        for (choice, line) in front.fonts.fallbacks {
            if let family = family(choice, line: line, nil, subset: front.subset) { fallbacks.append(family) }
        }
        var setting = PDFSetting(front, family: fallbacks.isEmpty ? regular : regular.withFallbacks(fallbacks))
        guard let line = front.compressionLine else { return setting }
        do { setting.compressor = try PDFSetting.zlib() } catch {
            add(TemplateFault(line: line, reason: "the PDF is to be compressed, but \(error)"))
        }
        return setting
    }

    private mutating func family(
        _ choice: FontChoice, line: Int, _ front: FrontMatter?, subset: FrontMatter.Subset = .shared
    ) -> PDFFontFamily? {
        switch choice {
        case .times: return .times
        case .helvetica: return .helvetica
        case .courier: return .courier
        case .symbol: return .symbol
        case .dingbats: return .zapfDingbats
        case .file(let path):
            let subset = front?.subset ?? subset
            let regular = font(path, line: line, subset)
            let faces = [front?.fonts.bold, front?.fonts.italic, front?.fonts.boldItalic].map { face in
                face.flatMap { font($0.text, line: $0.number, subset) }
            }
            return regular.map {
                PDFFontFamily(regular: $0, bold: faces[0], italic: faces[1], boldItalic: faces[2])
            }
        }
    }

    private mutating func font(_ path: String, line: Int, _ subset: FrontMatter.Subset) -> PDFFont? {
        used.insert(path)
        do throws(TemplateFileFault) {
            return try reader.font(path, subset: subset == .exact ? .exact : .shared)
        } catch {
            add(TemplateFault(line: line, reason: error.reason))
            return nil
        }
    }

    /// The pictures shown, by their paths.
    mutating func pictures(of own: [OwnText]) -> [String: TemplatePicture] {
        var pictures: [String: TemplatePicture] = [:]
        for text in own {
            for image in text.letter.images where pictures[image.path] == nil {
                used.insert(image.path)
                do throws(TemplateFileFault) { pictures[image.path] = try reader.picture(image.path) } catch {
                    let line = text.line(of: Array(image.path.utf8)) ?? 1
                    add(TemplateFault(line: line, reason: error.reason), in: text.file)
                }
            }
        }
        return pictures
    }
}
