#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The time of day, and its forms in text; the only place that asks the system for it.
enum WallClock {
    /// Time since 1970 in UTC.
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    private struct Parts {
        let year, month, day, hour, minute, second, weekday: Int
        let offset: Int

        init(_ time: Duration, local: Bool) {
            var seconds = time_t(time.components.seconds)
            var parts = tm()
            if local { localtime_r(&seconds, &parts) } else { gmtime_r(&seconds, &parts) }
            year = Int(parts.tm_year) + 1900
            month = Int(parts.tm_mon) + 1
            day = Int(parts.tm_mday)
            hour = Int(parts.tm_hour)
            minute = Int(parts.tm_min)
            second = Int(parts.tm_sec)
            weekday = Int(parts.tm_wday)
            offset = local ? Int(parts.tm_gmtoff) : 0
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// RFC 3339 in local time with as many decimals as are needed, as Go writes it.
    static func rfc3339(_ time: Duration) -> String {
        let parts = Parts(time, local: true)
        let nanoseconds = Int(time.components.attoseconds / 1_000_000_000)
        var fraction = padded(nanoseconds, 9)
        while fraction.last == "0" { fraction.removeLast() }
        return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))T"
            + "\(clock(parts))\(fraction.isEmpty ? "" : ".\(fraction)")"
            + (parts.offset == 0 ? "Z" : zone(parts.offset, separator: ":"))
    }

    /// The date of a mail's header (RFC 5322, 3.3) in local time.
    static func mailDate(_ time: Duration) -> String {
        let parts = Parts(time, local: true)
        return "\(weekdays[parts.weekday]), \(padded(parts.day, 2)) \(months[parts.month - 1]) \(parts.year) "
            + "\(clock(parts)) \(zone(parts.offset, separator: ""))"
    }

    /// For a person, in local time: `21 Nov 2026, 01:18:35`.
    static func readable(_ time: Duration) -> String {
        let parts = Parts(time, local: true)
        return "\(parts.day) \(months[parts.month - 1]) \(parts.year), \(clock(parts))"
    }

    /// For a list: the time if it is of the same day as `now`, else the day.
    static func brief(_ time: Duration, now: Duration) -> String {
        let parts = Parts(time, local: true)
        let today = Parts(now, local: true)
        if (parts.year, parts.month, parts.day) == (today.year, today.month, today.day) {
            return "\(padded(parts.hour, 2)):\(padded(parts.minute, 2))"
        }
        return parts.year == today.year
            ? "\(parts.day) \(months[parts.month - 1])" : "\(parts.day) \(months[parts.month - 1]) \(parts.year)"
    }

    private static func clock(_ parts: Parts) -> String {
        "\(padded(parts.hour, 2)):\(padded(parts.minute, 2)):\(padded(parts.second, 2))"
    }

    private static func zone(_ offset: Int, separator: String) -> String {
        let minutes = abs(offset) / 60
        return "\(offset < 0 ? "-" : "+")\(padded(minutes / 60, 2))\(separator)\(padded(minutes % 60, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
