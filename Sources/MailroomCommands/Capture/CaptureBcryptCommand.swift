import Foundation
import MailroomLibraries

/// `capture bcrypt`: makes the hash of a password for the file of logins.
struct CaptureBcryptCommand: Command {
    let name = "bcrypt"
    let summary = "prints a password's bcrypt hash, for a line name:hash of --auth-file"
    let details = "Without PASSWORD it is read from the standard input, where others on this machine do not see it."
    let operands: String? = "[PASSWORD]"
    let options: [Arguments.Option] = []

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        guard arguments.operands.count <= 1 else {
            throw UsageError("it takes one password: quote one that has blanks")
        }
        guard let password = arguments.operands.first ?? readLine(strippingNewline: true), !password.isEmpty else {
            throw UsageError("there is no password to hash")
        }
        environment.console.line(try PasswordHash.make(password))
        return 0
    }
}
