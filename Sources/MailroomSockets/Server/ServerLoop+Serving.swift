#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Between a connection's socket and its handler.
extension ServerLoop {
    /// How long a connection is fed while others wait, unless one call of its handler takes longer.
    private static let visitLength = Duration.milliseconds(1)

    func serve(_ connection: LoopConnection, _ ready: PollInterest) {
        // A broken connection is reported as ready for both; reading or writing then tells, where either is wanted.
        if ready.contains(.broken), connection.interest.isEmpty { return drop(connection) }
        // What it sent before comes first, and no more is read until then.
        if connection.isQueued { return }
        now = .now
        let end = now + Self.visitLength
        if ready.contains(.reading), connection.interest.contains(.reading) { read(connection) }
        if connections[connection.token] != nil { settle(connection, until: end) }
    }

    /// Has a connection visited again before the next wait.
    func revisit(_ connection: LoopConnection) {
        guard !connection.isQueued else { return }
        connection.isQueued = true
        revisits.append(connection.token)
    }

    func read(_ connection: LoopConnection) {
        let count = recv(connection.descriptor, input.baseAddress, input.count, 0)
        if count > 0 {
            guard connection.phase == .open else { return }
            let octets = UnsafeRawBufferPointer(rebasing: input[..<count])
            if let encryption = connection.encryption {
                encryption.receive(octets)
            } else {
                connection.handler.receive(octets, &connection.output)
            }
        } else if count == 0 {
            if connection.phase == .lingering { return drop(connection) }
            connection.inputEnded = true
        } else if errno != EAGAIN && errno != EINTR {
            drop(connection)
        }
    }

    /// Whether there may be something to hand to the handler without reading from the socket.
    private func mayFeed(_ connection: LoopConnection) -> Bool {
        guard connection.phase == .open else { return false }
        if connection.output.waitsForRoom { return connection.isDrained && !connection.output.closes }
        return connection.takesInput && connection.encryption != nil
    }

    /// Hands the handler what it may be given without reading from the socket: octets that are decrypted, or none where
    /// it waited for room.
    /// - Returns: whether there was anything.
    private func feed(_ connection: LoopConnection) -> Bool {
        if connection.output.waitsForRoom {
            connection.output.roomIsBack()
            connection.handler.receive(UnsafeRawBufferPointer(start: nil, count: 0), &connection.output)
            return true
        }
        guard let encryption = connection.encryption else { return false }
        switch encryption.advance(into: plaintext) {
        case .established(let facts): connection.handler.secured(facts, &connection.output)
        case .octets(let count):
            connection.handler.receive(UnsafeRawBufferPointer(rebasing: plaintext[..<count]), &connection.output)
        // The handshake may have something to say.
        case .nothing: return encryption.hasPending && !connection.isBlocked
        case .ended: connection.inputEnded = true
        case .failed:
            connection.output.clear()
            connection.output.close()
        }
        return true
    }

    /// Does what the handler asked for: writes, waits, closes. Feeds the handler until `end`, or, where none is given, at
    /// least once; if there may be more then, the connection is visited again.
    func settle(_ connection: LoopConnection, until end: ContinuousClock.Instant? = nil) {
        now = .now
        let limit = end ?? now + Self.visitLength
        var isFed = end != nil
        while true {
            connection.applyTimer(now: now)
            if connection.output.count > configuration.maximumPendingOutput { return drop(connection) }
            guard connection.flush(now: now, stallLimit: configuration.stallLimit) else { return drop(connection) }
            guard mayFeed(connection) else { break }
            if isFed, now >= limit {
                revisit(connection)
                break
            }
            guard feed(connection) else { break }
            isFed = true
            now = .now
        }
        if connection.isInterrupted { revisit(connection) }
        if connection.phase == .open, connection.output.closes || connection.inputEnded {
            connection.phase = .flushing
            connection.deadline = nil
        }
        if connection.phase == .flushing {
            if connection.encryption?.isShaking ?? false { return drop(connection) }
            if connection.isDrained, !finish(connection) { return drop(connection) }
        }
        watch(connection)
    }

    /// Tells the peer that all has left.
    /// - Returns: false when there is nothing to wait for any more.
    func finish(_ connection: LoopConnection) -> Bool {
        if connection.output.resets {
            connection.breakOff()
            return false
        }
        if let encryption = connection.encryption {
            encryption.finish()
            guard connection.flush(now: now, stallLimit: configuration.stallLimit) else { return false }
            if !connection.isDrained { return true }
        }
        if connection.inputEnded || stopsAt != nil && !connection.hasUnreadInput { return false }
        connection.phase = .lingering
        connection.deadline = now + LoopConnection.lingerLimit
        _ = shutdown(connection.descriptor, Int32(SHUT_WR))
        return true
    }

    func watch(_ connection: LoopConnection) {
        var interest: PollInterest = connection.isBlocked ? .writing : []
        if connection.phase == .lingering || connection.takesInput { interest.insert(.reading) }
        if interest != connection.interest {
            connection.interest = interest
            poller.change(connection.descriptor, token: connection.token, interest: interest)
        }
        if let end = connection.pausedUntil, connection.pauseInQueue != end {
            connection.pauseInQueue = end
            pauses.add(connection.token, until: end)
        }
        if let deadline = connection.nextDeadline, nextSweep.map({ deadline < $0 }) ?? true { nextSweep = deadline }
    }
}
