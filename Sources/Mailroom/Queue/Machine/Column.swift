#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A growing list of plain values in memory that is its own, or that a broker has mapped from a file.
///
/// Pointers, because the memory may be a file's: millions of jobs are then opened without reading or copying them. Held
/// and used by one table, which is used by one thread at a time.
package final class Column<Element: BitwiseCopyable> {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private var length: Int
    /// Keeps mapped memory; `nil` where the memory is the column's own.
    private var owner: AnyObject?

    package init() {
        capacity = 16
        base = Column.memory(nil, for: 16)
        length = 0
    }

    /// A column over memory that somebody else keeps, with room for `capacity` elements of which `count` are there.
    package init(_ base: UnsafeMutablePointer<Element>, count: Int, capacity: Int, owner: AnyObject) {
        self.base = base
        length = count
        self.capacity = capacity
        self.owner = owner
    }

    deinit { if owner == nil { free(base) } }

    package var count: Int { length }

    package subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < length)
            return base[index]
        }
        set {
            precondition(index >= 0 && index < length)
            base[index] = newValue
        }
    }

    package func append(_ element: Element) {
        if length == capacity { grow(to: capacity * 2) }
        (base + length).initialize(to: element)
        length += 1
    }

    /// Makes the column this long, the new elements all the same.
    package func fill(_ element: Element, count newCount: Int) {
        if newCount > capacity { grow(to: newCount) }
        base.update(repeating: element, count: newCount)
        length = newCount
    }

    /// The elements' bytes.
    package func withBytes<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        body(UnsafeRawBufferPointer(start: base, count: length * MemoryLayout<Element>.stride))
    }

    private func grow(to newCapacity: Int) {
        if owner == nil {
            base = Column.memory(base, for: newCapacity)
        } else {
            let own = Column.memory(nil, for: newCapacity)
            own.update(from: base, count: length)
            base = own
            owner = nil
        }
        capacity = newCapacity
    }

    /// Memory from the C library, which lets what is large grow without a second copy of it.
    private static func memory(
        _ old: UnsafeMutablePointer<Element>?, for count: Int
    ) -> UnsafeMutablePointer<Element> {
        precondition(MemoryLayout<Element>.alignment <= 16)
        guard let memory = realloc(old, count * MemoryLayout<Element>.stride) else { fatalError("out of memory") }
        return memory.bindMemory(to: Element.self, capacity: count)
    }
}
