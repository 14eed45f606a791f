#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// epoll(7), whose functions the toolchain's C module leaves out, so they are looked up at run time.
    final class EpollPoller: Poller {
        private typealias Create = @convention(c) (Int32) -> Int32
        private typealias Control = @convention(c) (Int32, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
        private typealias Wait = @convention(c) (Int32, UnsafeMutableRawPointer?, Int32, Int32) -> Int32

        /// `struct epoll_event` is packed on x86-64 only.
        #if arch(x86_64)
            private static let eventSize = 12, tokenOffset = 4
        #else
            private static let eventSize = 16, tokenOffset = 8
        #endif
        private static let capacity = 256
        private static let readable: UInt32 = 0x1, writable: UInt32 = 0x4, broken: UInt32 = 0x8 | 0x10

        private let descriptor: Int32
        private let control: Control
        private let waitCall: Wait
        private let buffer = UnsafeMutableRawPointer.allocate(
            byteCount: EpollPoller.eventSize * EpollPoller.capacity, alignment: 8)

        /// nil where the C library has no epoll or the process no descriptor left.
        init?() {
            guard let create = dlsym(nil, "epoll_create1"), let control = dlsym(nil, "epoll_ctl"),
                let wait = dlsym(nil, "epoll_wait")
            else { return nil }
            self.control = unsafeBitCast(control, to: Control.self)
            waitCall = unsafeBitCast(wait, to: Wait.self)
            let closesOnExec: Int32 = 0o2_000_000
            descriptor = unsafeBitCast(create, to: Create.self)(closesOnExec)
            if descriptor < 0 { return nil }
        }

        deinit {
            if descriptor >= 0 { _ = close(descriptor) }
            buffer.deallocate()
        }

        func add(_ descriptor: Int32, token: UInt64, interest: PollInterest) {
            control(1, descriptor, token, interest)
        }

        func change(_ descriptor: Int32, token: UInt64, interest: PollInterest) {
            control(3, descriptor, token, interest)
        }

        func remove(_ descriptor: Int32) {
            control(2, descriptor, 0, [])
        }

        func wait(milliseconds: Int32, into events: inout [PollEvent]) -> Bool {
            events.removeAll(keepingCapacity: true)
            let count = Int(waitCall(descriptor, buffer, Int32(Self.capacity), milliseconds))
            guard count > 0 else { return count == 0 }
            for index in 0..<count {
                let event = buffer + index * Self.eventSize
                let flags = event.loadUnaligned(as: UInt32.self)
                var ready: PollInterest = []
                if flags & Self.broken != 0 { ready.insert(.broken) }
                if flags & (Self.readable | Self.broken) != 0 { ready.insert(.reading) }
                if flags & (Self.writable | Self.broken) != 0 { ready.insert(.writing) }
                let token = event.loadUnaligned(fromByteOffset: Self.tokenOffset, as: UInt64.self)
                events.append(PollEvent(token: token, ready: ready))
            }
            return count < Self.capacity
        }

        private func control(_ operation: Int32, _ target: Int32, _ token: UInt64, _ interest: PollInterest) {
            withUnsafeTemporaryAllocation(byteCount: Self.eventSize, alignment: 8) { event in
                let flags =
                    (interest.contains(.reading) ? Self.readable : 0)
                    | (interest.contains(.writing) ? Self.writable : 0)
                event.storeBytes(of: flags, as: UInt32.self)
                event.storeBytes(of: token, toByteOffset: Self.tokenOffset, as: UInt64.self)
                _ = control(descriptor, operation, target, event.baseAddress)
            }
        }
    }
#endif
