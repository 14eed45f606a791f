import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file of a queue's folder that has a segment's name.
struct FoundSegment {
    let name: String
    let path: String
    /// The number in its name.
    let named: UInt32
    /// The number in its header; that of its name where the header is damaged.
    let number: UInt32
    let isHeaderWhole: Bool
    let file: File
    let size: Int

    /// `nil` where the file is gone.
    init?(_ named: UInt32, in folder: FolderLayout) throws(BrokerError) {
        path = folder.segmentPath(named)
        name = String(path.split(separator: "/").last ?? "")
        self.named = named
        let path = path
        let opened = try before { () throws(FileError) -> (File, Int, [UInt8])? in
            do throws(FileError) {
                let file = try folder.disk.open(path, O_RDONLY)
                return (file, try file.size(), (try? file.bytes(Segment.headerSize, at: 0)) ?? [])
            } catch {
                if error.code == ENOENT { return nil }
                throw error
            }
        }
        guard let opened else { return nil }
        (file, size) = (opened.0, opened.1)
        let stated = SegmentHeader(opened.2)
        try stated?.requireKnownFormat(of: path)
        number = stated?.number ?? named
        isHeaderWhole = stated != nil
    }
}

/// The segments of a folder by their true numbers.
struct FoundSegments {
    private(set) var segments: [UInt32: FoundSegment] = [:]
    /// Files whose number another file has, too.
    private(set) var surplus: [FoundSegment] = []

    init(in folder: FolderLayout) throws(BrokerError) {
        let names = try before { () throws(FileError) in try folder.segments().numbers }
        var found: [FoundSegment] = []
        for name in names { if let segment = try FoundSegment(name, in: folder) { found.append(segment) } }
        for segment in found where segment.number == segment.named { segments[segment.number] = segment }
        for segment in found where segment.number != segment.named {
            let holder = segments[segment.number]
            if holder == nil || !holder!.isHeaderWhole {
                if let holder { surplus.append(holder) }
                segments[segment.number] = segment
            } else {
                surplus.append(segment)
            }
        }
    }

    private mutating func add(_ segment: FoundSegment) { segments[segment.number] = segment }

    /// Adds a segment that was made since, if it is there.
    mutating func look(for number: UInt32, in folder: FolderLayout) throws(BrokerError) {
        if let segment = try FoundSegment(number, in: folder), segment.number == number { add(segment) }
    }

    var numbers: [UInt32] { segments.keys.sorted() }
    var all: [FoundSegment] { numbers.map { segments[$0]! } }
}
