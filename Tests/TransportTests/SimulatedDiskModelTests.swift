import Foundation
import MailroomFiles
import TestSupport
import XCTest

/// The simulated disk does what the real one does.
final class SimulatedDiskModelTests: XCTestCase {
    func testTheSameCallsHaveTheSameAnswersAsOnARealDisk() throws {
        for seed in 1...25 as ClosedRange<UInt64> {
            let folder = TestFolder()
            defer { folder.remove() }
            let disk = SimulatedDisk(seed: seed)
            var real = Machine(RealSystemCalls(), root: folder.path)
            var simulated = Machine(disk.process(), root: "")
            var random = SeededGenerator(seed)
            for number in 0..<400 {
                let step = Step(&random)
                let (expected, answer) = (real.answer(to: step), simulated.answer(to: step))
                guard expected == answer else {
                    XCTFail("seed \(seed), step \(number), \(step): \(answer), and really \(expected)")
                    break
                }
            }
            for path in folder.contents where disk.bytes("/" + path) != nil {
                XCTAssertEqual(disk.bytes("/" + path), folder.bytes(path), "seed \(seed), \(path)")
            }
            XCTAssertEqual(folder.names(), disk.names("/"), "seed \(seed)")
            real.closeAll()
        }
    }

    /// One call, with everything that it needs; open files are meant by their place in a table.
    private struct Step {
        enum Kind: CaseIterable {
            case open, close, read, write, size, truncate, allocate, sync, lock, unlock, map
            case makeFolder, remove, rename, link, access, isFolder, modified, names
        }

        let kind: Kind
        let path, other: String
        let slot, offset, count: Int
        let flags, mode: Int32
        let fill: UInt8

        static let slots = 5
        private static let paths = [
            "a", "b", "c", "d", "a", "b", "d/a", "d/b", "d/e", "d/e/a", "d/e/../a", "./b", "d//a", "a/x", "b/", "d/",
            "d/.",
            "d/..", "x/y/z", String(repeating: "n", count: 256),
        ]

        init(_ random: inout SeededGenerator) {
            // Half of the steps are on the bytes of open files.
            let often: [Kind] = [.open, .read, .write, .write, .truncate]
            kind =
                Int.random(in: 0..<3, using: &random) == 0
                ? often.randomElement(using: &random)! : Kind.allCases.randomElement(using: &random)!
            path = Self.paths.randomElement(using: &random)!
            other = Self.paths.randomElement(using: &random)!
            slot = Int.random(in: 0..<Self.slots, using: &random)
            offset = Int.random(in: 0...3, using: &random) == 0 ? -1 : Int.random(in: 0..<20_000, using: &random)
            count = Int.random(in: 0..<9000, using: &random)
            var flags = [O_RDONLY, O_WRONLY, O_RDWR, O_RDWR].randomElement(using: &random)!
            for flag in [O_CREAT, O_CREAT, O_EXCL, O_TRUNC] where Bool.random(using: &random) { flags |= flag }
            // What the system makes of O_CREAT with O_DIRECTORY, or of O_EXCL without O_CREAT, is not defined.
            if flags & O_CREAT == 0 { flags &= ~O_EXCL }
            if flags & O_CREAT == 0, Int.random(in: 0..<4, using: &random) == 0 { flags |= O_DIRECTORY }
            if flags & O_ACCMODE == O_RDONLY { flags &= ~O_TRUNC }
            self.flags = flags
            mode = [F_OK, R_OK, R_OK | W_OK, W_OK | X_OK].randomElement(using: &random)!
            fill = UInt8.random(in: 0...255, using: &random)
        }
    }

    /// A process with a few open files.
    private struct Machine {
        private let calls: any SystemCalls
        private let root: String
        private var descriptors = [Int32](repeating: -1, count: Step.slots)

        init(_ calls: any SystemCalls, root: String) {
            self.calls = calls
            self.root = root
        }

        mutating func closeAll() {
            for slot in descriptors.indices {
                _ = calls.close(descriptors[slot])
                descriptors[slot] = -1
            }
        }

        mutating func answer(to step: Step) -> String {
            let path = root + "/" + step.path
            let descriptor = descriptors[step.slot]
            switch step.kind {
            case .open:
                let result = calls.open(path, step.flags, mode: 0o600)
                guard result >= 0 else { return "\(result)" }
                if descriptor >= 0 { _ = calls.close(descriptor) }
                descriptors[step.slot] = Int32(result)
                return "open"
            case .close:
                descriptors[step.slot] = -1
                return "\(calls.close(descriptor))"
            case .read:
                var bytes = [UInt8](repeating: 0, count: step.count)
                let result = bytes.withUnsafeMutableBytes { calls.read(descriptor, into: $0, at: step.offset) }
                return "\(result) \(Fingerprint.of(bytes.prefix(max(0, result))))"
            case .write:
                let bytes = (0..<step.count).map { step.fill &+ UInt8(truncatingIfNeeded: $0 * 7) }
                return "\(bytes.withUnsafeBytes { calls.write(descriptor, $0, at: step.offset) })"
            case .size: return isFolder(descriptor) ? "" : "\(calls.size(descriptor))"
            case .truncate: return "\(calls.truncate(descriptor, to: step.offset))"
            case .allocate: return "\(calls.allocate(descriptor, from: step.offset, count: step.count))"
            case .sync: return "\(calls.sync(descriptor))"
            case .lock: return "\(calls.lock(descriptor, .tryToTake))"
            case .unlock: return "\(calls.lock(descriptor, .release))"
            case .map: return map(descriptor, step.count)
            case .makeFolder: return "\(calls.makeFolder(path, mode: 0o700))"
            case .remove: return "\(calls.remove(path))"
            case .rename: return "\(calls.rename(path, to: root + "/" + step.other))"
            case .link: return "\(calls.link(path, as: root + "/" + step.other))"
            case .access: return "\(calls.access(path, step.mode))"
            case .isFolder: return "\(calls.isFolder(path))"
            case .modified: return "\(min(calls.modified(path), 0))"
            case .names:
                var names: [String] = []
                let result = calls.names(in: path) { names.append($0) }
                return "\(result) \(names.sorted())"
            }
        }

        private func isFolder(_ descriptor: Int32) -> Bool {
            var byte: UInt8 = 0
            return withUnsafeMutableBytes(of: &byte) { calls.read(descriptor, into: $0, at: 0) } == -Int(EISDIR)
        }

        private func map(_ descriptor: Int32, _ count: Int) -> String {
            let size = calls.size(descriptor)
            // What is mapped behind the file's last page may not be looked at.
            guard size > 0, !isFolder(descriptor) else { return "" }
            let count = min(count, size)
            let room = 16_384
            let place = mmap(nil, room, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0)!
            defer { munmap(place, room) }
            let result = calls.map(descriptor, count: count, at: place)
            guard result >= 0 else { return "\(result)" }
            return "\(result) \(Fingerprint.of(UnsafeRawBufferPointer(start: place, count: count)))"
        }
    }

    private enum Fingerprint {
        static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
            bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
    }
}
