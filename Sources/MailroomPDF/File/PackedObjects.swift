/// Objects that are not streams, on their way into object streams (ISO 32000-1, 7.5.7), where they are compressed
/// together.
struct PackedObjects {
    /// A reader unpacks a stream wholly to find one object, so that none holds more.
    static let mostInAStream = 200

    private var content: [UInt8] = []
    private var objects: [(number: Int, start: Int)] = []

    /// Adds an object that is a dictionary, whose end nothing need mark.
    mutating func add(_ number: Int, _ bytes: ArraySlice<UInt8>) {
        objects.append((number, content.count))
        content.append(contentsOf: bytes)
    }

    /// Gives each stream's entries and content, and the numbers of its objects in their order.
    func forEachStream(_ body: (_ entries: [UInt8], _ content: [UInt8], _ numbers: [Int]) -> Void) {
        for first in stride(from: 0, to: objects.count, by: Self.mostInAStream) {
            let end = min(first + Self.mostInAStream, objects.count)
            let start = objects[first].start
            var stream: [UInt8] = []
            for object in objects[first..<end] {
                stream.append(decimal: object.number)
                stream.append(" ")
                stream.append(decimal: object.start - start)
                stream.append(" ")
            }
            var entries: [UInt8] = []
            entries.append("/Type/ObjStm/N ")
            entries.append(decimal: end - first)
            entries.append("/First ")
            entries.append(decimal: stream.count)
            stream.append(contentsOf: content[start..<(end < objects.count ? objects[end].start : content.count)])
            body(entries, stream, objects[first..<end].map(\.number))
        }
    }
}
