import Foundation
import Mailroom

/// Templates as commands work with them: their renderer, and what is wrong with those that cannot be used.
struct TemplateSet: Sendable {
    /// What came of a document.
    enum Outcome: Sendable {
        case rendered(RenderedDocument, TemplateVersion)
        /// Every reason why not, at least one.
        case refused([String])
    }

    /// Where they are from; nil for those that are compiled in.
    let path: String?
    /// None where nothing could be read.
    let renderer: (any Renderer)?
    /// What is wrong with templates, or with all of them.
    let problems: [String]
    /// The names of all that can be chosen, sorted: those that are broken, too.
    let names: [String]

    /// The templates of a renderer; `path` is where they come from, a file or a folder.
    init(_ renderer: any Renderer, at path: String?, adding name: String? = nil, in context: PipelineContext) {
        let problems = renderer.configurationProblems(in: context).map(\.reason)
        let known = Set((renderer as? any TemplateListing)?.templateNames ?? []).union([name].compactMap(\.self))
        let files = path.map(Self.fileNames) ?? []
        let broken =
            files.filter { name in problems.contains { Self.isAbout(name, $0) } }
            + problems.compactMap(Self.template(of:))
        self.path = path
        self.renderer = renderer
        self.problems = problems
        names = known.union(broken).sorted()
    }

    /// Templates that cannot be read at all.
    init(unreadable path: String, because problems: [String]) {
        self.path = path
        renderer = nil
        self.problems = problems
        names = Self.fileNames(path)
    }

    // MARK: Problems

    /// What is wrong with a template by itself.
    func problems(of name: String) -> [String] {
        renderer == nil ? problems : problems.filter { Self.isAbout(name, $0) }
    }

    /// What is wrong with no template by name.
    var generalProblems: [String] {
        problems.filter { problem in !names.contains { Self.isAbout($0, problem) } }
    }

    /// Whether a problem names a template, or its file.
    private static func isAbout(_ name: String, _ problem: String) -> Bool {
        template(of: problem).map { $0 == name }
            ?? ["“\(name)”", "“\(name).", "/\(name).md"].contains { problem.contains($0) }
    }

    /// The template that a problem begins with.
    private static func template(of problem: String) -> String? {
        let beginning = "Template “"
        guard problem.hasPrefix(beginning) else { return nil }
        return String(problem.dropFirst(beginning.count).prefix { $0 != "”" })
    }

    /// The names that the files at a path have: those of a folder's templates, or the file's own.
    private static func fileNames(_ path: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
        guard isFolder.boolValue else { return [fileName(path)] }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return files.filter { file in
            file.hasSuffix(".md") && !file.hasSuffix(".pdf.md") && !file.hasPrefix("_") && !file.hasPrefix(".")
        }.map(fileName).sorted()
    }

    /// A file's name without its ending.
    static func fileName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return name.hasSuffix(".md") ? String(name.dropLast(3)) : String(name.prefix { $0 != "." })
    }

    // MARK: Rendering

    /// Checks a document and renders it.
    func outcome(of document: Document) async -> Outcome {
        guard let renderer else { return .refused(problems) }
        do throws(RenderError) {
            let version = try renderer.check(document)
            return .rendered(try await renderer.render(document), version)
        } catch {
            let own = problems(of: document.template)
            let isBroken = error.code == .unknownTemplate || error.code == .invalidTemplate
            return .refused(isBroken && !own.isEmpty ? own : [error.reason])
        }
    }

    /// Values that show all there is in a template: the renderer's own, or each that it misses filled with its name.
    func sampleValues(of name: String) -> [String: Document.Value] {
        guard let renderer else { return [:] }
        let samples = (renderer as? any TemplateListing)?.sampleValues(of: name) ?? [:]
        guard samples.isEmpty else { return samples }
        do throws(RenderError) {
            _ = try renderer.check(Document(template: name))
            return [:]
        } catch {
            guard error.code == .invalidValues else { return [:] }
            return error.keys.reduce(into: [:]) { $0.fill($1.split(separator: ".")[...]) }
        }
    }

    /// The language of a template's text, where its renderer tells.
    func language(of name: String) -> String? { (renderer as? any TemplateListing)?.language(of: name) }
}

extension [String: Document.Value] {
    /// Gives a place within, such as `person.name`, its own name for a value.
    fileprivate mutating func fill(_ path: ArraySlice<Substring>) {
        guard let first = path.first.map(String.init) else { return }
        guard path.count > 1 else {
            self[first] = self[first] ?? .text(first)
            return
        }
        var inner: [String: Document.Value] = [:]
        if case .object(let known)? = self[first] { inner = known }
        inner.fill(path.dropFirst())
        self[first] = .object(inner)
    }
}
