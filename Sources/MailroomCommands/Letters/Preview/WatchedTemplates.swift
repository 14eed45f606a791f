import Foundation
import Mailroom
import MailroomLibraries
import Synchronization

/// Templates that are read anew when one of their files has changed.
final class WatchedTemplates: Sendable {
    /// What a template is filled with at first.
    struct Values: Sendable {
        let text: String
        /// Where it is from, in words.
        let source: String
    }

    private struct State {
        var stamp: FolderStamp
        var set: TemplateSet
    }

    /// The folder or the file; nil for templates that are compiled in.
    let path: String?
    private let valuesPath: String?
    private let shipped: [String: [UInt8]]
    private let load: @Sendable () -> TemplateSet
    private let state: Mutex<State>

    /// `load` reads the templates; `valuesPath` is a file of values for all of them; `shipped` are the files of
    /// templates that are compiled in.
    init(
        at path: String?, valuesPath: String?, shipped: [String: [UInt8]] = [:],
        load: @escaping @Sendable () -> TemplateSet
    ) {
        (self.path, self.valuesPath, self.shipped, self.load) = (path, valuesPath, shipped, load)
        let stamp = FolderStamp(of: Self.watched(path, valuesPath))
        state = Mutex(State(stamp: stamp, set: load()))
    }

    private static func watched(_ path: String?, _ valuesPath: String?) -> [String] {
        guard let path else { return [valuesPath].compactMap(\.self) }
        // A template's partials, pictures and values lie beside it.
        let isFile = path.hasSuffix(".md")
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        return [isFile ? path : nil, valuesPath, isFile ? folder : path].compactMap(\.self)
    }

    /// The templates as their files are now.
    var current: TemplateSet {
        _ = refresh()
        return state.withLock { $0.set }
    }

    /// Reads anew what has changed. Answers whether something had.
    func refresh() -> Bool {
        let stamp = FolderStamp(of: Self.watched(path, valuesPath))
        guard state.withLock({ $0.stamp != stamp }) else { return false }
        let set = load()
        state.withLock { $0 = State(stamp: stamp, set: set) }
        return true
    }

    /// The values that a template begins with: of the file that was named, or of the one beside it, or samples.
    func values(for template: String, in set: TemplateSet) -> Values {
        for file in [valuesPath, neighbour(of: template, ending: "json")].compactMap(\.self) {
            guard let bytes = Self.contents(of: file) else { continue }
            return Values(text: String(decoding: bytes, as: UTF8.self), source: URL(filePath: file).lastPathComponent)
        }
        if path == nil, let bytes = shipped["\(template).json"] {
            return Values(text: String(decoding: bytes, as: UTF8.self), source: "sample values")
        }
        return Values(text: ValuesText.text(of: set.sampleValues(of: template)), source: "sample values")
    }

    /// A file beside a template, by the template's name.
    private func neighbour(of template: String, ending: String) -> String? {
        guard let path, !template.contains("/"), !template.contains("\0") else { return nil }
        guard path.hasSuffix(".md") else { return "\(path)/\(template).\(ending)" }
        return String(path.dropLast(2)) + ending
    }

    /// The lines of a template's file; none where it cannot be found.
    func source(of template: String) -> [Substring] {
        guard let bytes = neighbour(of: template, ending: "md").flatMap(Self.contents) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false) { $0.isNewline }
    }

    private static func contents(of file: String) -> [UInt8]? {
        try? RegularFile.contents(of: file, limit: ValuesReader.maximumOctets)
    }
}
