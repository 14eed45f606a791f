import Mailroom
import MailroomPDF

/// Reads templates and the files they use, every file once.
final class TemplateReader {
    private static let sourceLimit = 1 << 20
    private static let fontLimit = 48 << 20
    private static let pictureLimit = 16 << 20

    let files: TemplateFiles
    private(set) var stamps: [String: FileStamp?] = [:]
    private var contents: [String: Result<[UInt8], TemplateFileFault>] = [:]
    private var digests: [String: SHA256Digest] = [:]
    private var fonts: [String: Result<PDFFont, PDFError>] = [:]
    private var pictures: [String: Result<TemplatePicture, TemplateFileFault>] = [:]

    init(_ files: TemplateFiles) { self.files = files }

    /// Reads all templates of a place; of two with the same name neither is used.
    static func read(_ files: TemplateFiles) -> TemplateShelf.Contents {
        // Taken before the names, so that what comes between is noticed the next time.
        var contents = TemplateShelf.Contents(folder: files.stamp)
        let reader = TemplateReader(files)
        do throws(TemplateFileFault) {
            let names = try files.names().filter(isTemplate)
            for name in names { contents.add(reader.result(of: name)) }
            if names.isEmpty { contents.problems.append("\(files.name) has no templates (*.md).") }
        } catch {
            contents.problems.append(error.reason)
        }
        contents.stamps = reader.stamps
        return contents
    }

    private static func isTemplate(_ name: String) -> Bool {
        name.hasSuffix(".md") && !name.hasSuffix(".pdf.md") && !name.hasPrefix("_") && !name.hasPrefix(".")
    }

    private func result(of file: String) -> Result<Template, TemplateErrors> {
        let name = String(file.dropLast(3))
        let bytes: [UInt8]
        do throws(TemplateFileFault) { bytes = try source(file) } catch {
            let reason = TemplateError(template: name, line: 1, reason: error.reason)
            return .failure(TemplateErrors(template: name, all: [reason]))
        }
        do throws(TemplateErrors) {
            return .success(try TemplateCompiler.compile(bytes, name: name, reader: self))
        } catch { return .failure(error) }
    }

    /// The bytes of a text file.
    func source(_ path: String) throws(TemplateFileFault) -> [UInt8] { try read(path, limit: Self.sourceLimit) }

    /// The bytes of a text file; nil if there is none.
    func sourceIfAny(_ path: String) throws(TemplateFileFault) -> [UInt8]? {
        do throws(TemplateFileFault) { return try source(path) } catch {
            if error.isAbsence { return nil }
            throw error
        }
    }

    /// The names of the partials with this ending, without it and the underscore.
    func partialNames(_ ending: String) -> [String] {
        let names = (try? files.names()) ?? []
        return names.filter { $0.hasPrefix("_") && $0.hasSuffix(ending) }.map {
            String($0.dropFirst().dropLast(ending.count))
        }
    }

    func font(_ path: String, subset: PDFFont.Subset) throws(TemplateFileFault) -> PDFFont {
        let key = "\(subset) \(path)"
        let bytes = try read(path, limit: Self.fontLimit)
        let result: Result<PDFFont, PDFError>
        if let known = fonts[key] {
            result = known
        } else {
            do throws(PDFError) { result = .success(try PDFFont(bytes, subset: subset)) } catch {
                result = .failure(error)
            }
            fonts[key] = result
        }
        switch result {
        case .success(let font): return font
        case .failure(let error): throw .unusable(path, because: error.description)
        }
    }

    func picture(_ path: String) throws(TemplateFileFault) -> TemplatePicture {
        if let known = pictures[path] { return try known.get() }
        let result: Result<TemplatePicture, TemplateFileFault>
        do throws(TemplateFileFault) {
            let bytes = try read(path, limit: Self.pictureLimit)
            result = .success(try TemplatePicture(path: path, bytes: bytes, digest: digest(of: path)))
        } catch { result = .failure(error) }
        pictures[path] = result
        return try result.get()
    }

    /// The digest of a file that was read.
    func digest(of path: String) -> SHA256Digest {
        if let known = digests[path] { return known }
        let digest = SHA256Digest(of: (try? contents[path]?.get()) ?? [])
        digests[path] = digest
        return digest
    }

    private func read(_ path: String, limit: Int) throws(TemplateFileFault) -> [UInt8] {
        if let known = contents[path] { return try known.get() }
        // Before the bytes: what is written between the two is noticed the next time.
        stamps[path] = .some(files.stamp(of: path))
        let result: Result<[UInt8], TemplateFileFault>
        do throws(TemplateFileFault) { result = .success(try files.contents(of: path, limit: limit)) } catch {
            result = .failure(error)
        }
        contents[path] = result
        return try result.get()
    }
}
