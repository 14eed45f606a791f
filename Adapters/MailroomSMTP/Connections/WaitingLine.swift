/// What waits, first come first served.
struct WaitingLine<Element> {
    private var elements: [Element?] = []
    private var first = 0

    var count: Int { elements.count - first }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard first < elements.count else { return nil }
        defer {
            elements[first] = nil
            first += 1
            if first == elements.count {
                elements.removeAll(keepingCapacity: true)
                first = 0
            } else if first >= 64, first * 2 >= elements.count {
                elements.removeSubrange(..<first)
                first = 0
            }
        }
        return elements[first]
    }
}
