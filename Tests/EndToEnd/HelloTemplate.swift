/// A letter that asks for a name and a day, with a PDF.
let helloTemplate = """
    ---
    subject: Hello {{name}}
    language: en
    attachment: hello.pdf
    ---

    Dear **{{name}}**, we meet on {{day}}.

    """
