/// Where templates are, with the partials, fonts and images they use: a folder, or files compiled into the program.
///
///     let renderer = LetterRenderer(files: TemplateFiles(folder: "Templates"))
///
/// Every path is relative and stays inside: an absolute path, one with `..`, and a symbolic link that leaves the folder
/// are refused. A file `NAME.md` is a template. `NAME.txt`, `NAME.html` and `NAME.pdf.md` beside it are its text, its
/// HTML and its PDF where these are not to come from `NAME.md`. Files whose names begin with `_` are partials:
/// `{{> NAME}}` in Markdown is `_NAME.md`, in HTML `_NAME.html`, in text and in a subject `_NAME.txt`.
public struct TemplateFiles: Sendable {
    enum Place: Sendable {
        case folder(String)
        case embedded([String: [UInt8]])
    }

    let place: Place

    /// The files of a folder, read when a renderer is made of them.
    public init(folder: String) { place = .folder(folder) }

    /// Files given by their paths, such as `invitation.md` and `fonts/Lato.ttf`.
    public init(_ files: [String: [UInt8]]) { place = .embedded(files) }

    /// What it is called in a sentence.
    var name: String {
        switch place {
        case .folder(let folder): "the folder “\(folder)”"
        case .embedded: "the set of files"
        }
    }

    /// The names of the files at the top, sorted.
    func names() throws(TemplateFileFault) -> [String] {
        switch place {
        case .embedded(let files): return files.keys.filter { !$0.contains("/") }.sorted()
        case .folder(let folder):
            guard let names = TemplateFolder.names(in: folder) else { throw .folder(folder) }
            return names.sorted()
        }
    }

    /// The bytes of a file, at most `limit`.
    func contents(of path: String, limit: Int) throws(TemplateFileFault) -> [UInt8] {
        if let fault = TemplateFileFault(path: path) { throw fault }
        switch place {
        case .embedded(let files):
            guard let bytes = files[path] else { throw .absent(path) }
            guard bytes.count <= limit else { throw .tooLarge(path, limit: limit) }
            return bytes
        case .folder(let folder): return try TemplateFolder.contents(of: path, in: folder, limit: limit)
        }
    }

    /// What changes when the file does; nil for one that is not there, or cannot change.
    func stamp(of path: String) -> FileStamp? {
        guard case .folder(let folder) = place, TemplateFileFault(path: path) == nil else { return nil }
        return FileStamp(of: "\(folder)/\(path)")
    }

    /// What changes when a file at the top comes or goes.
    var stamp: FileStamp? {
        guard case .folder(let folder) = place else { return nil }
        return FileStamp(of: folder)
    }
}
