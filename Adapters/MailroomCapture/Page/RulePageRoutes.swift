import MailroomHTTP

/// The routes of the page of rules.
struct RulePageRoutes {
    let page: Page
    let book: RuleBook
    let invitedJim: Jim

    func add(to routes: inout HTTPRoutes) {
        let path = "\(page.prefix)/rules"
        routes.on("GET", path) { _ in show() }
        routes.on("POST", path) { request in
            let text = request.formValue("rule") ?? ""
            do throws(CaptureRuleError) {
                let rule = try CaptureRule(parsing: text)
                try RuleRoutes.requireRoom(for: book.entries.count + 1)
                _ = book.append(rule)
                return .redirect(to: path)
            } catch {
                return show(draft: text, problem: "\(error)", status: 400)
            }
        }
        routes.on("POST", "\(path)/jim") { request in
            book.jim = request.formValue("invite") == "yes" ? invitedJim : nil
            return .redirect(to: path)
        }
        routes.on("POST", "\(path)/{number}/delete") { request in
            let number = request.pathParameters["number"].flatMap { Int($0) } ?? 0
            guard book.remove(number, if: request.formValue("rule") ?? "") else {
                return show(problem: "The rules have changed meanwhile; look again.", status: 409)
            }
            return .redirect(to: path)
        }
    }

    private func show(draft: String = "", problem: String? = nil, status: Int = 200) -> HTTPResponse {
        .page(
            page.document(title: "Rules", at: Page.Place(), isAside: true) {
                page.writeRules(book, draft: draft, problem: problem, to: &$0)
            }, status: status)
    }
}
