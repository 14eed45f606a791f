import MailroomHTTP

/// The header fields that the API's answers have beside their own.
struct APIFields: Sendable {
    /// Whose pages may use the API in a browser; nobody's if empty.
    let origin: String
    /// What they may do, in the order in which it is listed.
    let methods: String

    /// Adds routes for a path's methods, and one for OPTIONS, whose answers have the fields.
    func on(_ path: String, in routes: inout HTTPRoutes, _ answers: [String: HTTPRoutes.Answer]) {
        for (method, answer) in answers.merging(["OPTIONS": { _ in HTTPResponse() }], uniquingKeysWith: { $1 }) {
            routes.on(method, path) { request in answer(request).changed { finished($0) } }
        }
    }

    private func finished(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.headers["X-Content-Type-Options"] = "nosniff"
        if !origin.isEmpty {
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = methods
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        }
        return response
    }
}
