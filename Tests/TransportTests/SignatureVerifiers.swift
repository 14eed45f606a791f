import Foundation
import TestSupport
import XCTest

/// Other people's verifiers: for each message, whether each of its signatures holds, the topmost first.
enum SignatureVerifiers {
    static func dkimpy(_ messages: [[UInt8]], _ records: [String: String]) throws -> [[Bool]] {
        try verdicts(of: dkimpyProgram, by: Programs.python(with: "dkim", "nacl"), messages, records)
    }

    /// Knows RSA alone, and one signature a message: the others' verdicts are not told.
    static func openDKIM(_ messages: [[UInt8]], _ records: [String: String]) throws -> [[Bool]] {
        // The program of the same package asks the DNS and nothing else; its library takes keys from a file.
        _ = try Programs.path(of: "opendkim-testmsg")
        return try verdicts(of: openDKIMProgram, by: Programs.python(with: "ctypes"), messages, records)
    }

    private static func verdicts(
        of program: String, by python: String, _ messages: [[UInt8]], _ records: [String: String]
    ) throws -> [[Bool]] {
        let keys = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).keys")
        try records.map { "\($0) \($1)\n" }.joined().write(to: keys, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: keys) }
        var input: [UInt8] = []
        for message in messages {
            withUnsafeBytes(of: UInt32(message.count).bigEndian) { input += $0 }
            input += message
        }
        let outcome = try Programs.run(python, ["-c", program, keys.path], input: input)
        guard outcome.status == 0 else { throw TestKeyFailure(reason: outcome.errors) }
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        XCTAssertEqual(lines.count, messages.count, "a verdict for each message")
        return lines.map { $0.map { $0 == "1" } }
    }

    private static let reading = """
        import struct, sys
        def messages():
            while True:
                head = sys.stdin.buffer.read(4)
                if not head: return
                yield sys.stdin.buffer.read(struct.unpack(">I", head)[0])

        """

    private static let dkimpyProgram =
        reading + """
            import dkim
            keys = dict(line.rstrip("\\n").split(" ", 1) for line in open(sys.argv[1]))
            def find(name, timeout=5):
                return keys.get(name.decode().rstrip("."), "").encode() or None
            for message in messages():
                verifier = dkim.DKIM(message)
                count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
                answer = ""
                for index in range(count):
                    try:
                        answer += "1" if dkim.DKIM(message).verify(idx=index, dnsfunc=find) else "0"
                    except dkim.DKIMException:
                        answer += "0"
                print(answer)
            """

    private static let openDKIMProgram =
        reading + """
            import ctypes, re
            library = ctypes.CDLL("libopendkim.so.11")
            library.dkim_init.restype = library.dkim_verify.restype = ctypes.c_void_p
            pointer, size = ctypes.c_void_p, ctypes.c_size_t
            library.dkim_options.argtypes = [pointer, ctypes.c_int, ctypes.c_int, pointer, size]
            library.dkim_verify.argtypes = [pointer, ctypes.c_char_p, pointer, ctypes.POINTER(ctypes.c_int)]
            library.dkim_header.argtypes = library.dkim_body.argtypes = [pointer, ctypes.c_char_p, size]
            library.dkim_eoh.argtypes = library.dkim_free.argtypes = [pointer]
            library.dkim_eom.argtypes = [pointer, pointer]
            state = library.dkim_init(None, None)
            fromFile = ctypes.c_int(1)
            path = ctypes.create_string_buffer(sys.argv[1].encode())
            assert library.dkim_options(state, 1, 6, ctypes.byref(fromFile), ctypes.sizeof(fromFile)) == 0
            assert library.dkim_options(state, 1, 7, path, len(path)) == 0
            for message in messages():
                header, _, body = message.partition(b"\\r\\n\\r\\n")
                status = ctypes.c_int(0)
                verifier = library.dkim_verify(state, b"test", None, ctypes.byref(status))
                assert verifier and status.value == 0
                for field in re.split(b"\\r\\n(?![ \\t])", header):
                    library.dkim_header(verifier, field, len(field))
                isGood = library.dkim_eoh(verifier) == 0
                if body and isGood: isGood = library.dkim_body(verifier, body, len(body)) == 0
                isGood = isGood and library.dkim_eom(verifier, None) == 0
                library.dkim_free(verifier)
                print("1" if isGood else "0")
            """
}
