import Foundation
import Mailroom

extension FileBroker: ExistingStore {
    /// Whether the folder is there with anything in it.
    package var missingStore: String? {
        let folder = settings.folder
        guard FileManager.default.fileExists(atPath: folder) else {
            return "there is no queue in \(folder), since there is no such folder: correct its name"
        }
        let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.isEmpty ?? false
        return isEmpty ? "there is no queue in \(folder): the folder is empty" : nil
    }
}
