import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the file `synced` of a queue says.
enum WatermarkState {
    case missing, damaged
    case at(Position)

    init(in folder: FolderLayout) {
        guard let file = try? folder.disk.open(folder.syncedPath, O_RDONLY), let bytes = try? file.bytes(17, at: 0),
            !bytes.isEmpty
        else {
            self = .missing
            return
        }
        self = bytes.count == 16 ? Watermark.position(bytes).map { .at($0) } ?? .damaged : .damaged
    }

    /// The log's beginning where nothing is said.
    var position: Position {
        if case .at(let position) = self { return position }
        return Position(segment: 0, offset: 0)
    }
}
