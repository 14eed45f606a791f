/// A connection over the limit: told so, and closed as orderly as any, so that the word arrives.
final class RefusedConnection: ConnectionHandler {
    private let word: [UInt8]

    init(_ word: [UInt8]) { self.word = word }

    func begin(_ output: inout ConnectionOutput) {
        output.write(word)
        output.close()
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {}
    func expire(_ output: inout ConnectionOutput) { output.close() }
    func stop(_ output: inout ConnectionOutput) { output.close() }
    func end() {}
}
