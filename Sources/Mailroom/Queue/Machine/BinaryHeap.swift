/// A heap with the smallest element on top.
package struct BinaryHeap<Element: Comparable> {
    private var elements: [Element] = []

    package init() {}

    package var top: Element? { elements.first }

    package var count: Int { elements.count }

    package mutating func push(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child] < elements[parent] else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    /// Drops the elements that no longer stand, once they are more than half of a heap of some size.
    package mutating func compact(live: Int, standing: (Element) -> Bool) {
        guard elements.count > 2 * live + 1024 else { return }
        let kept = elements.filter(standing)
        elements.removeAll(keepingCapacity: false)
        for element in kept { push(element) }
    }

    package mutating func pop() -> Element? {
        guard let top = elements.first else { return nil }
        let last = elements.removeLast()
        guard !elements.isEmpty else { return top }
        elements[0] = last
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < elements.count else { return top }
            if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
            guard elements[child] < elements[parent] else { return top }
            elements.swapAt(child, parent)
            parent = child
        }
    }
}
