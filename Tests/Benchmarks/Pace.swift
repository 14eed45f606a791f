import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How fast mails went, and what each cost the sender's processor.
struct Pace {
    /// Mails a second.
    var rate: Double
    /// Microseconds of processor time a mail, all threads and the system's share included.
    var cost: Double

    /// Whose processor time counts, as `getrusage` numbers it.
    enum Sender: Int32 {
        case thisProcess = 0
        case children = -1
    }

    /// The pace at which a body sends so many mails.
    static func of(_ count: Int, by sender: Sender, _ body: () async throws -> Void) async throws -> Pace {
        let (start, used) = (ContinuousClock.now, seconds(of: sender))
        try await body()
        return Pace(
            rate: Double(count) / (ContinuousClock.now - start).inSeconds,
            cost: (seconds(of: sender) - used) / Double(count) * 1e6)
    }

    private static func seconds(of sender: Sender) -> Double {
        var usage = rusage()
        getrusage(sender.rawValue, &usage)
        return Double(usage.ru_utime.tv_sec) + Double(usage.ru_stime.tv_sec)
            + (Double(usage.ru_utime.tv_usec) + Double(usage.ru_stime.tv_usec)) / 1e6
    }
}
